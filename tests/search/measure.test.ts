/** Sensitivity as it is measured: on a network built so that two layers' errors cancel, and resumed where it stopped. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { DatasetTensor, Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { GraphBuilder } from "../../src/graph/builder";
import { layersOf } from "../../src/graph/queries";
import type { Graph } from "../../src/graph/types";
import { score } from "../../src/network/evaluate";
import { shapeRule } from "../../src/operators";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { rangeQParams } from "../../src/quantize/scale";
import { optimum } from "../../src/search/allocation/exact";
import { type CostTerm, problemOf } from "../../src/search/allocation/problem";
import { type MeasureOptions, measureSensitivity, nothingMeasured } from "../../src/search/sensitivity/measure";
import { excessOf, type SensitivityTable } from "../../src/search/sensitivity/table";
import { builtin } from "../support/builtin";
import { webGpuInNode } from "../support/devices";
import { randoms } from "../support/numbers";

const C = 8;

/** Two residual blocks of two parallel 1x1 layers of equal weights: the first subtracts one's output from the other's, the second adds them. */
function network(): Graph {
  const builder = new GraphBuilder("cancelling", "input", [6, 6, C], shapeRule);
  const conv = (name: string, from: string, data: Float32Array) => {
    const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
    return builder.add(name, { op: "conv2d", ...window, kernel: { shape: [1, 1, C, C], data }, bias: null }, [from]);
  };
  const relu = (name: string, from: string) => builder.add(name, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [from]);
  const add = (name: string, a: string, b: string) => builder.add(name, { op: "add" }, [a, b]);
  let at = relu("stem.relu", conv("stem", "input", randoms(C * C, 1)));
  const block = (name: string, size: number, sign: number) => {
    const weights = randoms(C * C, name.charCodeAt(0)).map((value) => value * size);
    const turned = {
      op: "affine",
      scale: { shape: [C], data: new Float32Array(C).fill(sign) },
      shift: { shape: [C], data: new Float32Array(C) },
    } as const;
    const second = builder.add(`${name}.turn`, turned, [conv(`${name}/2`, at, weights)]);
    const both = add(`${name}.sum`, conv(`${name}/1`, at, weights), second);
    at = relu(`${name}.relu`, add(`${name}.add`, both, at));
  };
  block("x", 0.5, -1);
  block("y", 0.12, 1);
  const pooled = builder.add("pool", { op: "globalAveragePool", keepDims: false }, [at]);
  const flat = builder.add("flatten", { op: "flatten", order: "hwc" }, [pooled]);
  return builder.build([builder.add("classifier", { op: "linear", kernel: { shape: [C, 5], data: randoms(C * 5, 9) }, bias: null }, [flat])]);
}

let device: Device;
let images: DatasetTensor;
const graph = network();
const GRIDS = { scale: "max", symmetric: true } as const;

beforeAll(async () => {
  device = await createWasmDevice(2);
  images = device.createTensor(64, 36 * C);
  images.write(0, randoms(64 * 36 * C, 4));
});
afterAll(() => device.dispose());

function measure(change: Partial<MeasureOptions> = {}): Promise<SensitivityTable> {
  return measureSensitivity({
    device,
    graph,
    images,
    bits: [2, 4],
    weights: GRIDS,
    activations: null,
    training: null,
    seed: 0,
    known: nothingMeasured(),
    ...change,
  });
}

/** Squared error of the logits with layers at given bits, all others at full precision. */
async function logitError(bits: Readonly<Record<string, number>>): Promise<number> {
  const kernels = new Map(
    layersOf(graph)
      .filter(({ name }) => bits[name] !== undefined)
      .map((layer) => {
        const { data } = layer.operation.kernel;
        return [layer.name, quantizeNearest(data, rangeQParams(data, C, bits[layer.name] as number, "max", { symmetric: true }))];
      }),
  );
  const [full, own] = [await score(device, graph, images, { kernels: new Map() }), await score(device, graph, images, { kernels })];
  return own.logits.reduce((sum, value, i) => sum + (value - (full.logits[i] as number)) ** 2, 0);
}

test("layers whose errors cancel are found together, and only their interaction shows it", async () => {
  const table = await measure();
  const pair = (name: string) => table.pairs.find(({ a }) => a.startsWith(name)) as (typeof table.pairs)[number];
  const single = (name: string) => table.layers.find((layer) => layer.name === name)?.losses[0] as number;
  expect(table.pairs).toHaveLength(2);
  // Opposite errors: next to nothing is left. Equal errors: four times one, twice the sum of both.
  expect(pair("x").joint).toBeLessThan(0.05 * single("x/1"));
  expect(excessOf(table, pair("y"))).toBeGreaterThan(0.5 * (single("y/1") + single("y/2")));
  expect(single("x/1")).toBeGreaterThan(single("y/1"));

  const costs = table.layers.map((_, weights): CostTerm => ({ weights, inputs: [], cost: (bits) => bits }));
  const bitsUnder = async (interactions: boolean) => {
    const { assignment } = (await optimum(problemOf(table, costs, 16 + 12, "bits", interactions))) as { assignment: readonly number[] };
    return Object.fromEntries(table.layers.flatMap(({ name, fixed }, i) => (fixed === null ? [[name, assignment[i] as number]] : [])));
  };
  expect(await bitsUnder(true)).toEqual({ "x/1": 2, "x/2": 2, "y/1": 4, "y/2": 4 });
  expect(await bitsUnder(false)).toEqual({ "x/1": 4, "x/2": 4, "y/1": 2, "y/2": 2 });
  expect(await logitError(await bitsUnder(true))).toBeLessThan(await logitError(await bitsUnder(false)));
});

test("WebGPU measures the same table", async () => {
  const gpu = await webGpuInNode();
  try {
    const own = gpu.createTensor(64, 36 * C);
    own.write(0, randoms(64 * 36 * C, 4));
    const activations = { bits: [4], lastInputBits: 8, scale: "max" } as const;
    const [here, there] = [await measure({ activations }), await measure({ activations, device: gpu, images: own })];
    const losses = (table: SensitivityTable) => [
      ...[...table.layers, ...table.activations].flatMap(({ losses: values }) => values),
      ...table.layers.flatMap(({ hawq }) => hawq ?? []),
      ...table.pairs.map(({ joint }) => joint),
    ];
    expect(losses(there)).toHaveLength(losses(here).length);
    losses(here).forEach((value, i) => {
      expect(Math.abs((losses(there)[i] as number) - value)).toBeLessThan(1e-3 * value + 1e-9);
    });
  } finally {
    gpu.dispose();
  }
});

test("a measurement that was stopped goes on where it was, to the same table", async () => {
  const whole = await measure();
  const known = nothingMeasured();
  let entries = 0;
  const stop = new Error("stop");
  await expect(
    measure({
      known,
      onEntry() {
        if (++entries === 5) throw stop;
      },
    }),
  ).rejects.toBe(stop);
  expect([...known.losses.keys()].filter((key) => !key.startsWith("hawq"))).toHaveLength(5);
  const seen: number[] = [];
  const resumed = await measure({ known, onEntry: (_table, done) => void seen.push(done) });
  expect(resumed).toEqual(whole);
  expect(seen).toHaveLength(12 - 5);
  expect(seen.at(-1)).toBe(12);
});

test("layers reconstructed at a width lose less than layers rounded to nearest, on the demo", async () => {
  const demo = builtin("shapes-mobilenet");
  const shapes = device.createTensor(64, 3072);
  shapes.write(0, normalize(drawShapes("calibration", 64), { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" }, 0, 64));
  const training = { iterations: 30, learningRate: 0.3, regularizer: 0.01, batch: 32, weighted: false };
  const on = { graph: demo, images: shapes, bits: [2], weights: { scale: "mse" } } as const;
  const [nearest, trained] = [await measure(on), await measure({ ...on, training })];
  const sum = ({ layers }: SensitivityTable) => layers.reduce((total, { losses, fixed }) => total + (fixed === null ? (losses[0] as number) : 0), 0);
  expect(sum(trained)).toBeLessThan(0.7 * sum(nearest));
  expect(nearest.pairs.length).toBe(18);
  // Each block of three layers is measured with all of them at the lowest width, too.
  expect(nearest.groups?.map(({ layers }) => layers.length)).toEqual(nearest.groups?.map(() => 3));
  expect(nearest.groups?.length).toBeGreaterThan(4);
});
