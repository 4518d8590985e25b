/** Fits to a goal: the demo with few images and short training, goals out of reach, cancelling, and what is told meanwhile. */
import { expect, test } from "vitest";
import { Cancelled } from "../../src/base/errors";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import { networkBytes } from "../../src/quantize/size";
import type { SensitivityTable } from "../../src/search/sensitivity/table";
import { lossGoal, sizeGoal } from "../../src/session/fit/goal";
import { type FitOutcome, runFit } from "../../src/session/fit/run";
import { FIT_DEFAULTS, type FitSettings } from "../../src/session/fit/settings";
import type { FitState } from "../../src/session/fit/state";
import { fitVerdictText } from "../../src/session/fit/verdict";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import type { Report } from "../../src/session/run/report";
import { runRecipe } from "../../src/session/run/run";
import { runSearch } from "../../src/session/search/run";
import { SEARCH_DEFAULTS } from "../../src/session/search/settings";
import type { LabEvent } from "../../src/session/worker/events";
import { builtin, builtinBytes } from "../support/builtin";

const graph = builtin("shapes-resnet14");
const sources = { builtinModel: async (name: string) => builtinBytes(name), model: null, calibration: null, evaluation: null };
const openDevice = async () => ({ device: await createWasmDevice(2), reason: "test" });

function recipeWith(changes: Partial<Recipe> = {}): Recipe {
  const demo = demoRecipe();
  return {
    ...demo,
    calibration: { ...demo.calibration, count: 32 },
    evaluation: demo.evaluation && { ...demo.evaluation, count: 100 },
    weights: { ...demo.weights, scale: "max" },
    ...{ iterations: 8, learningRate: 0.3, batch: 8 },
    ...changes,
  };
}

interface Heard {
  readonly events: LabEvent[];
  readonly states: FitState[];
  readonly kept: Report[];
}

async function fitTo(
  settings: Pick<FitSettings, "goal"> & Partial<FitSettings>,
  { recipe = recipeWith(), heard = { events: [], states: [], kept: [] } as Heard, signal = new AbortController().signal } = {},
): Promise<FitOutcome & Heard> {
  const outcome = await runFit({
    ...{ recipe, sources, openDevice, signal, store: null },
    settings: { ...FIT_DEFAULTS, preset: null, ...settings },
    keep: (_network, report) => heard.kept.push(report),
    emit: (event) => {
      heard.events.push(event);
      if (event.type === "fit") heard.states.push(event.fit);
    },
  });
  return { ...outcome, ...heard };
}

/** Measured once for all tests but those of measuring. */
const { table: TABLE } = await runSearch({
  ...{ recipe: recipeWith(), sources, openDevice, emit: () => {}, signal: new AbortController().signal, store: null },
  settings: { ...SEARCH_DEFAULTS, limits: [], tradeoff: null, bits: [2, 3, 4, 8] },
});

/** The table with some of its widths alone. */
function tableOf(...bits: number[]): SensitivityTable {
  const kept = bits.map((width) => TABLE.bits.indexOf(width));
  const layers = TABLE.layers.map(({ hawq: _hawq, ...layer }) =>
    layer.fixed === null ? { ...layer, losses: kept.map((at) => layer.losses[at] as number) } : layer,
  );
  return { ...TABLE, bits, layers };
}

const sizeOf = ({ recipe }: Report) => networkBytes(graph, recipe.weights);

test("under a size it finds widths that keep it, and its result is an ordinary run's, bit for bit", async () => {
  const { report, verdict, tried, events, states, kept } = await fitTo({ goal: sizeGoal("60kB"), table: tableOf(2, 4, 8), tries: 1 });
  expect(verdict).toMatchObject({ kind: "met", goal: { kind: "size", bytes: 60000 }, binding: true });
  expect(report.size?.quantized).toBeLessThanOrEqual(60000);
  expect(sizeOf(report)).toBe(report.size?.quantized);
  // Nothing between the limit and what was found could have been used: one more layer at 4 bit would not fit.
  expect(report.size?.quantized).toBeGreaterThan(55000);
  expect(new Set(Object.values(report.recipe.weights.assignment ?? {}))).toEqual(new Set([2, 4, 8]));
  // Uniform widths were looked at; those above the limit were not tried.
  expect(tried.filter(({ kind }) => kind === "uniform").map(({ bits, size }) => [bits, size > 60000])).toEqual([
    [2, false],
    [4, true],
    [8, true],
  ]);
  expect(tried.every(({ size, measured }) => size <= 60000 || measured === null)).toBe(true);
  expect(kept).toEqual([report]);
  const last = states.at(-1);
  expect(last).toMatchObject({ stage: "done", verdict });
  expect(last?.tried[last.best as number]?.measured?.rounding).toBe(report.fingerprint.rounding);
  // One progress for the whole, that never goes back.
  const fractions = events.flatMap((event) => (event.type === "progress" ? [event.fraction] : []));
  expect(fractions.every((fraction, i) => fraction >= (fractions[i - 1] ?? 0) && fraction <= 1)).toBe(true);
  expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
  expect(events.filter((event) => event.type === "state" && event.state === "done")).toHaveLength(1);
  // What is shown at the end is the result: the last recipe that was told is the report's.
  expect(events.findLast((event) => event.type === "recipe")).toMatchObject({ recipe: report.recipe });
  const again = await runRecipe({ recipe: report.recipe, sources, openDevice, emit: () => {}, signal: new AbortController().signal });
  expect(again.fingerprint).toEqual(report.fingerprint);
});

test("within a loss it finds a smaller network than the widest, and says what it is", async () => {
  const { report, verdict, tried, table } = await fitTo({ goal: lossGoal(3), bits: [2, 8] });
  expect(verdict.kind).toBe("met");
  expect(verdict.best.lost.quantized).toBeLessThanOrEqual(3);
  const measured = tried.filter((one) => one.measured !== null);
  expect(measured.length).toBeGreaterThan(0);
  expect(measured.length).toBeLessThanOrEqual(FIT_DEFAULTS.tries);
  const meeting = measured.filter((one) => one.measured?.meets).map(({ size }) => size);
  expect(report.size?.quantized).toBe(Math.min(...meeting));
  expect(report.size?.quantized).toBeLessThan(tried.at(-1)?.size as number);
  expect(fitVerdictText(verdict)).toMatch(/^Goal met: at most 3 points lost\. 0\.70 MB to 0\.\d+ MB; rounding alone .*, this /);
  // With the table in hand nothing is measured again, and the same is found.
  const second = await fitTo({ goal: lossGoal(3), table });
  expect(second.report.fingerprint).toEqual(report.fingerprint);
  expect(second.events.some(({ type }) => type === "measured")).toBe(false);
});

test("a size that nothing keeps is refused before anything is measured, with the least that there is", async () => {
  const heard: Heard = { events: [], states: [], kept: [] };
  await expect(fitTo({ goal: sizeGoal("10kB") }, { heard })).rejects.toThrow(/shapes-resnet14.* does not fit in 10\.0 kB.*takes 49\.5 kB/);
  expect(heard.events.some(({ type }) => type === "sensitivity")).toBe(false);
});

test("a loss that nothing keeps is missed, honestly: the widest was tried, and the best is handed over", async () => {
  // At 2 and 3 bit, hardly trained, no candidate agrees with full precision on all images.
  const { verdict, tried, report, kept } = await fitTo(
    { goal: lossGoal(0), table: tableOf(2, 3), tries: 3 },
    { recipe: recipeWith({ iterations: 1, evaluation: null }) },
  );
  expect(verdict).toMatchObject({ kind: "missed", goal: { kind: "loss", points: 0 } });
  const measured = tried.filter((one) => one.measured !== null);
  expect(measured.length).toBe(verdict.tried);
  expect(measured.at(-1)).toMatchObject({ kind: "uniform", bits: 3 });
  const losses = measured.map((one) => one.measured?.lost.quantized as number);
  expect(verdict.best.lost.quantized).toBe(Math.min(...losses));
  expect(kept).toEqual([report]);
  expect(fitVerdictText(verdict)).toMatch(/^Goal missed: at most 0 points lost\. The best of \d that were tried: 0\.70 MB to /);
});

test("goals in bits, activations and layers in float", async () => {
  const demo = recipeWith();
  const recipe = recipeWith({
    weights: { ...demo.weights, overrides: [{ layers: "layer3.1/conv2", bits: "float" }] },
    activations: { bits: 8, scale: "max", lastInputBits: 8, assignment: null, learn: false, iterations: 1, learningRate: 0.001 },
  });
  const { report, verdict } = await fitTo({ goal: sizeGoal("3bit"), table: tableOf(2, 4), tries: 1 }, { recipe });
  expect(verdict).toMatchObject({ kind: "met", tried: 1 });
  expect(report.recipe.activations?.bits).toBe(8);
  const float = layersOf(graph).find(({ name }) => name.includes("layer3.1/conv2"))?.name as string;
  expect(report.recipe.weights.assignment).not.toHaveProperty([float]);
  // What uniform 3 bit would take under the same override is the limit, and it is used.
  const limit = networkBytes(graph, { ...recipe.weights, bits: 3 });
  expect(verdict.goal).toEqual({ kind: "size", bytes: limit });
  expect(report.size?.quantized).toBeLessThanOrEqual(limit);
  expect(report.size?.quantized).toBeGreaterThan(0.97 * limit);
});

test("cancelled while sensitivity is measured it has nothing; after a try it hands back that one", async () => {
  const early = new AbortController();
  const heard: Heard = { events: [], states: [], kept: [] };
  const running = fitTo({ goal: lossGoal(0) }, { heard, signal: early.signal });
  await expect.poll(() => heard.events.some(({ type }) => type === "measured"), { timeout: 30000 }).toBe(true);
  early.abort();
  await expect(running).rejects.toThrow(Cancelled);
  expect(heard.kept).toEqual([]);

  const late = new AbortController();
  const more: Heard = { events: [], states: [], kept: [] };
  const trying = fitTo({ goal: lossGoal(0), table: tableOf(2, 8) }, { heard: more, signal: late.signal, recipe: recipeWith({ iterations: 1 }) });
  await expect.poll(() => more.states.some(({ best }) => best !== null), { timeout: 60000 }).toBe(true);
  late.abort();
  await expect(trying).rejects.toThrow(Cancelled);
  expect(more.kept).toHaveLength(1);
  expect(more.states.at(-1)).toMatchObject({ stage: "cancelled", verdict: { kind: "missed", tried: 1 } });
  expect(more.events.findLast(({ type }) => type === "done")).toMatchObject({ report: more.kept[0] });
});
