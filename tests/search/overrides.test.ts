/** Searches under overrides: overridden layers are fixed at their width, float costs 32 bit and loses nothing. */
import { describe, expect, test } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import { partition } from "../../src/passes/partition";
import { planEntries } from "../../src/search/sensitivity/entries";
import { fixedAt, type SensitivityTable } from "../../src/search/sensitivity/table";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { parseLimit } from "../../src/session/search/limit";
import { withBits } from "../../src/session/search/result";
import { runSearch, type SearchOutcome } from "../../src/session/search/run";
import { SEARCH_DEFAULTS, type SearchSettings } from "../../src/session/search/settings";
import { builtin, builtinBytes } from "../support/builtin";

const graph = builtin("shapes-resnet14");
const layers = layersOf(graph);
const OVERRIDES = [
  { layers: "layer1.0/conv1", bits: "float" },
  { layers: "layer2.*", bits: 3 },
  { layers: "fc", bits: "float" },
] as const;
const isThree = (name: string) => name.includes("layer2.");
const isFloat = (name: string) => name.includes("layer1.0/conv1") || name.includes("fc");

function search(settings: Partial<SearchSettings>): Promise<SearchOutcome> {
  const demo = demoRecipe();
  const recipe = parseRecipe(
    {
      ...demo,
      calibration: { ...demo.calibration, count: 32 },
      evaluation: { ...demo.evaluation, count: 32 },
      weights: { bits: 2, scale: "max", overrides: OVERRIDES },
      activations: { bits: 8, scale: "max" },
    },
    "test",
  );
  return runSearch({
    recipe,
    sources: { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null },
    openDevice: async () => ({ device: await createWasmDevice(2), reason: "test" }),
    emit: () => {},
    signal: new AbortController().signal,
    store: null,
    settings: { ...SEARCH_DEFAULTS, limits: [parseLimit("size=4bit")], tradeoff: null, ...settings },
  });
}

test("overridden layers keep their widths, and a float layer counts 32 bit in the cost and nothing in the loss", async () => {
  const { table, results } = await search({
    bits: [2, 4, 8],
    limits: ["size=4bit", "bitops=4bit", "latency:fpga=4bit", "latency:arm=4bit"].map(parseLimit),
  });
  const sizeOf = (name: string) => layers.find((layer) => layer.name === name)?.operation.kernel.data.length as number;
  for (const { name, fixed, losses } of table.layers) {
    expect([name, fixed]).toEqual([name, isFloat(name) ? 32 : isThree(name) ? 3 : name === layers[0]?.name ? 8 : null]);
    if (isFloat(name)) expect(losses).toEqual([0]);
    else for (const loss of losses) expect(loss).toBeGreaterThan(0);
  }
  for (const { assignment, predictedLoss } of results) {
    for (const { layer, bits } of assignment) {
      if (isFloat(layer)) expect([layer, bits]).toEqual([layer, 32]);
      if (isThree(layer)) expect([layer, bits]).toEqual([layer, 3]);
    }
    expect(predictedLoss).toBeGreaterThan(0);
  }
  const [result] = results;
  const bytes = result?.assignment.reduce((sum, { layer, bits }) => sum + (sizeOf(layer) * bits) / 8, 0) as number;
  expect(result?.cost).toBeCloseTo(bytes / 1e6, 9);
  // The recipe that it goes into is one that can be read: float layers have no number there.
  const recipe = withBits(parseRecipe({ ...demoRecipe(), weights: { bits: 2, overrides: OVERRIDES } }, "test"), result?.assignment ?? []);
  expect(parseRecipe(JSON.parse(JSON.stringify(recipe)), "again")).toEqual(recipe);
  expect(Object.keys(recipe.weights.assignment ?? {}).filter(isFloat)).toEqual([]);
  // The same table measured without overrides does as well, as far as it has the widths.
  const free = {
    ...table,
    layers: table.layers.map((one) =>
      isFloat(one.name) && one.name !== layers.at(-1)?.name ? { ...one, fixed: null, losses: [3, 2, 1], hawq: [3, 2, 1] } : one,
    ),
  };
  const again = await search({ bits: [2, 4, 8], table: free });
  expect(again.table).toEqual(table);
  expect(again.results[0]?.assignment).toEqual(result?.assignment);
});

describe("what is measured", () => {
  const plan = planEntries({
    graph,
    segments: partition(graph, "block"),
    bits: [2, 4],
    weights: { overrides: OVERRIDES },
    activations: { bits: [4, 8], lastInputBits: 8 },
  });

  test("nothing of layers in float, one width of those that are given one, and no activation that only float layers read", () => {
    const keys = plan.entries.map(({ key }) => key);
    expect(keys.filter((key) => /conv1\/Conv@/.test(key) && key.includes("layer1.0") && !key.startsWith("in:"))).toEqual([]);
    expect(keys.filter((key) => key.includes("/layer2.0/conv1/") && !key.startsWith("in:")).map((key) => key.split("@")[1])).toEqual(["3"]);
    expect(plan.predictions.some(({ key }) => key.includes("@32"))).toBe(false);
    const { activations } = plan.table(new Map());
    expect(activations.every(({ readers }) => !readers.every(isFloat))).toBe(true);
    // The stem's output is read by the first block's float layer alone; the residual addition takes it without a quantizer.
    expect(activations.some(({ readers }) => readers.some((name) => name.includes("layer1.0/conv1")))).toBe(false);
  });

  test("a table that lacks an overridden layer's width is refused, and so is one whose width is fixed otherwise", () => {
    const table: SensitivityTable = {
      ...{ bits: [2, 4], pairs: [], activationBits: [], activations: [] },
      layers: [
        { name: "a", block: "a", losses: [2, 1], fixed: null },
        { name: "b", block: "b", losses: [0.1], fixed: 8 },
      ],
    };
    expect(fixedAt(table, (name) => (name === "a" ? 4 : undefined)).layers[0]).toEqual({ name: "a", block: "a", losses: [1], fixed: 4 });
    expect(fixedAt(table, (name) => (name === "a" ? 32 : undefined)).layers[0]?.losses).toEqual([0]);
    expect(() => fixedAt(table, () => 3)).toThrow('has layer "a" at 2, 4 bit, but the recipe has it at 3 bit. Measure the table anew.');
    expect(() => fixedAt(table, () => null)).toThrow('has layer "b" at 8 bit alone, but its width is searched.');
  });
});
