/**
 * Looking into a layer: its numbers against ones that are computed here in another way, from the networks themselves, and
 * the rules by which the worker looks.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { codesOf } from "../../src/export/codes";
import { layersOf } from "../../src/graph/queries";
import { forward } from "../../src/network/forward";
import { partition } from "../../src/passes/partition";
import { InputCache } from "../../src/session/inputs/cache";
import type { Sources } from "../../src/session/inputs/sources";
import { type InspectAsk, type Inspection, MAPS, type OutputInspection, type WeightsInspection } from "../../src/session/inspect/inspection";
import { Inspector, type KeptRun } from "../../src/session/inspect/inspector";
import { byCells, mapGrid, nodesBefore } from "../../src/session/inspect/outputs";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { runRecipe } from "../../src/session/run/run";
import { builtin, builtinBytes } from "../support/builtin";

const SOURCES: Sources = { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null };
const open = () => createWasmDevice(2);

function recipeOf(change: object = {}): Recipe {
  const demo = demoRecipe();
  const counts = { calibration: { ...demo.calibration, count: 64 }, evaluation: { ...demo.evaluation, count: 90 } };
  return parseRecipe({ ...demo, ...counts, iterations: 12, learningRate: 0.2, ...change }, "test");
}

async function ran(recipe: Recipe): Promise<KeptRun> {
  let kept: KeptRun | null = null;
  await runRecipe({
    ...{ recipe, sources: SOURCES, emit: () => {}, signal: new AbortController().signal },
    openDevice: async () => ({ device: await open(), reason: "test" }),
    keep: (network, report, _evidence, inspectable) => {
      kept = { ...inspectable, network, recipe: report.recipe, rounding: report.fingerprint.rounding };
    },
  });
  if (!kept) throw new Error("nothing was kept");
  return kept;
}

const ASK: InspectAsk = { layer: "", rounding: null, channel: null, at: "layer", image: 0, maps: null };

async function look(ask: Partial<InspectAsk>, kept: KeptRun | null = null, recipe = recipeOf(), inspector = new Inspector(), sources = SOURCES) {
  const told: Inspection[] = [];
  const openDevice = async () => ({ device: await open(), reason: "test" });
  await inspector.inspect({
    ...{ ask: { ...ASK, ...ask }, recipe, kept, sources, inputs: new InputCache(), openDevice },
    tell: (inspection) => told.push(inspection),
    breathe: () => {},
  });
  return told;
}

const layerName = (graph: ReturnType<typeof builtin>, at: number) => layersOf(graph)[at]?.name as string;

describe("after a run", () => {
  let kept: KeptRun;
  let device: Device;
  beforeAll(async () => {
    kept = await ran(recipeOf({ weights: { ...recipeOf().weights, bits: 2 } }));
    device = await open();
  });
  afterAll(() => device.dispose());

  /** The second layer, which is reconstructed at 2 bit: weights and both roundings, straight from the networks. */
  function second() {
    const layer = layersOf(kept.graph)[1];
    if (!layer) throw new Error("no second layer");
    const codes = (network: KeptRun["nearest"]) => codesOf(layer, network)?.codes as Int32Array;
    return { layer, data: layer.operation.kernel.data, nearest: codes(kept.nearest), rebuilt: codes(kept.network) };
  }

  test("weights are told first, then all", async () => {
    const told = await look({ layer: second().layer.name, rounding: kept.rounding }, kept);
    expect(told.map(({ complete, weights, output }) => [complete, weights !== null, output !== null])).toEqual([
      [false, true, false],
      [true, true, true],
    ]);
    expect(told[1]).toMatchObject({ unit: "layer1.0", reconstructed: true });
  });

  test.each([null, 5])("flips, levels and the histogram are those of the networks (channel %s)", async (channel) => {
    const { layer, data, nearest, rebuilt } = second();
    const weights = (await look({ layer: layer.name, rounding: kept.rounding, channel }, kept)).at(-1)?.weights as WeightsInspection;
    const channels = layer.operation.kernel.shape.at(-1) as number;
    const own = [...data.keys()].filter((i) => channel === null || i % channels === channel);
    const count = (codes: Int32Array) => [0, 1, 2, 3].map((level) => own.filter((i) => codes[i] === level).length);
    expect(weights).toMatchObject({ bits: 2, count: own.length, sameGrid: true });
    expect([...weights.nearest]).toEqual(count(nearest));
    expect([...(weights.reconstructed as Uint32Array)]).toEqual(count(rebuilt));
    // The edges between levels are edges of bins, so that the bins of a level add up to nearest rounding's count.
    const inBins = [0, 0, 0, 0];
    weights.full.counts.forEach((n, bin) => {
      const level = Math.round(weights.full.first + (bin + 0.5) * weights.full.width);
      inBins[Math.max(0, Math.min(3, level))] = (inBins[Math.max(0, Math.min(3, level))] as number) + n;
    });
    expect(inBins).toEqual(count(nearest));
    // Flips are of the whole layer, whatever channel is counted.
    const flipped = [...data.keys()].filter((i) => nearest[i] !== rebuilt[i]);
    expect(flipped.length).toBeGreaterThan(0);
    expect(weights.flips).toMatchObject({
      total: flipped.length,
      up: flipped.filter((i) => (rebuilt[i] as number) > (nearest[i] as number)).length,
      each: data.length / channels,
    });
    expect([...(weights.flips?.byChannel ?? [])]).toEqual(
      Array.from({ length: channels }, (_, c) => flipped.filter((i) => i % channels === c).length),
    );
    // Nearest rounding goes up from the middle of a step on; what went the other way was flipped.
    const fractions = weights.flips?.byFraction;
    const wrong = [...(fractions?.weights ?? [])].reduce(
      (sum, n, bin) => sum + (bin < 10 ? (fractions?.up[bin] ?? 0) : n - (fractions?.up[bin] ?? 0)),
      0,
    );
    const [scale, zero] = [weights.scale, weights.zero];
    const place = (i: number) => (data[i] as number) / (scale[i % channels] as number) + (zero[i % channels] as number);
    expect(wrong).toBe(flipped.filter((i) => place(i) >= 0 && place(i) < 3).length);
    expect([...(weights.flips?.map?.differences ?? [])]).toEqual([...data.keys()].map((i) => (rebuilt[i] as number) - (nearest[i] as number)));
    weights.sample.index.forEach((i, n) => {
      expect([weights.sample.nearest[n], weights.sample.reconstructed?.[n]]).toEqual([nearest[i], rebuilt[i]]);
      const [scale, zero] = [weights.scale[i % channels] as number, weights.zero[i % channels] as number];
      expect(((weights.sample.position[n] as number) - zero) * scale).toBeCloseTo(data[i] as number, 5);
    });
    expect(weights.bytes).toEqual({ float: 4 * data.length, quantized: data.length / 4 + 5 * channels });
  });

  test.each(["layer", "unit"] as const)("errors of the %s by channel and position are those of its outputs, taken by hand", async (at) => {
    const { layer } = second();
    const output = (await look({ layer: layer.name, rounding: kept.rounding, at, image: 7 }, kept)).at(-1)?.output as OutputInspection;
    const unit = partition(kept.graph, "block").find(({ layers }) => layers.includes(layer));
    // Its ReLU alone reads it: what that cuts off is nobody's error.
    const relu = kept.graph.nodes.filter(({ inputs }) => inputs.includes(layer.output));
    expect(relu.map(({ operation }) => operation.op)).toEqual(["clamp"]);
    const value = at === "layer" ? (relu[0]?.output as string) : (unit?.output as string);
    expect(output).toMatchObject({ activated: at === "layer", images: 64, of: 90, on: "test", shape: [32, 32, 16] });
    const images = device.createTensor(90, 32 * 32 * 3);
    images.write(0, normalize(kept.set, kept.recipe.preprocessing, 0, 90));
    const values = async (network: Parameters<typeof forward>[0] extends infer O ? Partial<O> : never) => {
      const made = await forward({
        device,
        graph: kept.graph,
        nodes: kept.graph.nodes,
        inputs: new Map([[kept.graph.input, images]]),
        outputs: [value],
        kernels: new Map(),
        ...network,
      });
      const tensor = made.get(value);
      return (await tensor?.read(0, 90)) as Float32Array;
    };
    const [full, nearest, rebuilt] = [await values({}), await values(kept.nearest), await values(kept.network)];
    const places = Array.from({ length: 64 }, (_, i) => Math.floor((i * 90) / 64));
    for (const [found, own] of [
      [output.nearest, nearest],
      [output.reconstructed as NonNullable<OutputInspection["reconstructed"]>, rebuilt],
    ] as const) {
      let [energy, error] = [0, 0];
      const [byChannel, byPosition] = [new Array(16).fill(0), new Array(1024).fill(0)];
      for (const place of places)
        for (let i = 0; i < 32 * 32 * 16; i++) {
          const [a, b] = [full[place * 16384 + i] as number, own[place * 16384 + i] as number];
          energy += a * a;
          error += (a - b) ** 2;
          byChannel[i % 16] += (a - b) ** 2 / (64 * 1024);
          byPosition[Math.floor(i / 16)] += (a - b) ** 2 / (64 * 16);
        }
      expect(found.noise).toBeCloseTo(error / energy, 6);
      for (const [c, value] of byChannel.entries()) expect(found.byChannel[c] as number).toBeCloseTo(value, 4);
      expect(Math.max(...byPosition.map((value, p) => Math.abs(value - (found.byPosition[p] as number))))).toBeLessThan(
        1e-4 * Math.max(...byPosition),
      );
    }
    // The maps are the image's, of the channels that nearest rounding hurts most.
    const [first, ...rest] = output.maps.channels;
    if (!first) throw new Error("no maps");
    expect(rest).toHaveLength(MAPS - 1);
    const errorOf = (c: number) =>
      Array.from({ length: 1024 }, (_, p) => ((full[7 * 16384 + p * 16 + c] as number) - (nearest[7 * 16384 + p * 16 + c] as number)) ** 2).reduce(
        (a, b) => a + b,
      );
    const order = [...Array(16).keys()].sort((a, b) => errorOf(b) - errorOf(a)).slice(0, MAPS);
    expect(output.maps.channels.map(({ channel }) => channel)).toEqual(order);
    for (const [map, own] of [
      [first.full, full],
      [first.nearest, nearest],
      [first.reconstructed, rebuilt],
    ] as const)
      expect([...(map as Float32Array)]).toEqual(Array.from({ length: 1024 }, (_, p) => own[7 * 16384 + p * 16 + first.channel]));
    expect(output.maps.picture.pixels).toEqual(
      drawShapes("test", 90, kept.recipe.evaluation?.kind === "builtin" ? kept.recipe.evaluation.seed : 0).pixels.slice(7 * 3072, 8 * 3072),
    );
    images.dispose();
  });

  test("the same reconstruction leaves less noise than nearest rounding in its unit", async () => {
    const output = (await look({ layer: second().layer.name, rounding: kept.rounding, at: "unit" }, kept)).at(-1)?.output;
    expect(output?.reconstructed?.noise as number).toBeLessThan(output?.nearest.noise as number);
  });

  test("another result's fingerprint, a layer, channel, image or map that is not there: each is refused by name", async () => {
    const { layer } = second();
    const ask = { layer: layer.name, rounding: kept.rounding };
    await expect(look({ ...ask, rounding: "another" }, kept)).rejects.toThrow("no longer in memory; press Run again");
    await expect(look({ ...ask, layer: "nothing" }, kept)).rejects.toThrow(/has no layer "nothing"/);
    await expect(look({ ...ask, channel: 16 }, kept)).rejects.toThrow(/has no output channel 16; it has 16, counted from 0/);
    await expect(look({ ...ask, image: 90 }, kept)).rejects.toThrow("There is no image 90; there are 90, counted from 0.");
    await expect(look({ ...ask, maps: [16] }, kept)).rejects.toThrow(/at most 8 of its 16 channels/);
  });
});

test("a method that rewrites the network is measured against the rewritten one at full precision, in the same layer", async () => {
  const kept = await ran(
    recipeOf({ method: "dfq", weights: { ...recipeOf().weights, bits: 6 }, model: { kind: "builtin", name: "shapes-mobilenet-bn" } }),
  );
  expect(kept.network.graph).not.toBe(kept.graph);
  const [found] = (await look({ layer: layerName(kept.graph, 3), rounding: kept.rounding }, kept)).slice(-1);
  expect(found?.weights).toMatchObject({ sameGrid: false, flips: { total: 0 } });
  expect(found?.output?.reconstructed?.noise as number).toBeGreaterThan(0);
  expect(found?.output?.reconstructed?.noise as number).toBeLessThan(1);
});

describe("before a run", () => {
  const graph = builtin("shapes-resnet14");

  test("full precision and nearest rounding under the recipe's widths, without a word of reconstruction", async () => {
    const [, found] = await look({ layer: layerName(graph, 2) });
    expect(found).toMatchObject({ complete: true, reconstructed: false, weights: { bits: 2, reconstructed: null, flips: null, sameGrid: true } });
    expect(found?.output?.nearest.noise).toBeGreaterThan(0.01);
    expect(found?.output?.reconstructed).toBeNull();
  });

  test("what was rounded is kept for the next look, and made anew under other widths", async () => {
    const inspector = new Inspector();
    const first = await look({ layer: layerName(graph, 2) }, null, recipeOf(), inspector);
    const wider = recipeOf({ weights: { ...recipeOf().weights, bits: 4 } });
    const second = await look({ layer: layerName(graph, 2) }, null, wider, inspector);
    expect(first[1]?.weights?.bits).toBe(2);
    expect(second[1]?.weights?.bits).toBe(4);
    expect(second[1]?.output?.nearest.noise as number).toBeLessThan((first[1]?.output?.nearest.noise as number) / 4);
  });

  test("a layer in float has no grid, but its output still carries the noise of those before it", async () => {
    const recipe = recipeOf({ weights: { ...recipeOf().weights, overrides: [{ layers: layerName(graph, 2), bits: "float" }] } });
    const [, found] = await look({ layer: layerName(graph, 2) }, null, recipe);
    expect(found?.weights).toBeNull();
    expect(found?.output?.nearest.noise).toBeGreaterThan(0);
  });

  test("activations are calibrated as a run's are", async () => {
    const recipe = recipeOf({ activations: { bits: 4, scale: "max" }, method: "nearest" });
    const kept = await ran(recipe);
    const ask = { layer: layerName(graph, 4) };
    const [before, after] = [(await look(ask, null, recipe)).at(-1), (await look({ ...ask, rounding: kept.rounding }, kept)).at(-1)];
    expect(before?.output?.nearest).toEqual(after?.output?.nearest);
  });

  test("without images the weights are shown, and what is missing is said", async () => {
    const file = { kind: "files", name: "mine", sha256: null, count: null } as const;
    const told = await look({ layer: layerName(graph, 2) }, null, recipeOf({ evaluation: file }));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ complete: true, output: null, withoutOutput: "test" });
    expect(told[0]?.weights?.bits).toBe(2);
  });

  test("the last layer, a vector of class scores, has a position and a map of one number for each of its worst classes", async () => {
    const [, found] = await look({ layer: layerName(graph, layersOf(graph).length - 1) });
    expect(found?.output?.shape).toEqual([10]);
    expect(found?.output?.grid).toEqual({ rows: 1, columns: 1, cell: 1 });
    expect(found?.output?.maps.channels.map(({ full }) => full.length)).toEqual(Array(MAPS).fill(1));
  });
});

test("positions beyond 256 on a side are averaged in cells, those at the border over what there is", () => {
  const shape = [257, 4, 1];
  expect(mapGrid(shape)).toMatchObject({ rows: 129, columns: 2, cell: 2 });
  const cells = byCells(shape, (position) => position);
  // Rows 0 and 1, columns 0 and 1: positions 0, 1, 4, 5. The last row stands alone: positions 1024 and 1025.
  expect(cells[0]).toBe(2.5);
  expect(cells[256]).toBe(1024.5);
});

test("only what a value depends on is run", () => {
  const graph = builtin("shapes-resnet14");
  const third = layersOf(graph)[2];
  const nodes = nodesBefore(graph, third?.output as string);
  expect(nodes.at(-1)).toBe(third);
  expect(layersOf({ ...graph, nodes }).map(({ name }) => name)).toEqual(
    layersOf(graph)
      .slice(0, 3)
      .map(({ name }) => name),
  );
});
