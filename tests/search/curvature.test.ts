/** Predicted losses against the divergence that they predict, measured: the network is run with the very change. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { DatasetTensor, Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import type { Layer } from "../../src/graph/types";
import { score } from "../../src/network/evaluate";
import type { Overrides } from "../../src/network/quantized";
import { quantizationPoints } from "../../src/passes/quantization-points";
import { activationQParams } from "../../src/quantize/activations";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { rangeQParams } from "../../src/quantize/scale";
import { spearman } from "../../src/search/allocation/ranking";
import { measureSensitivity, nothingMeasured } from "../../src/search/sensitivity/measure";
import { drawProbes } from "../../src/search/sensitivity/probes";
import type { SensitivityTable } from "../../src/search/sensitivity/table";
import { hessianTraces } from "../../src/search/sensitivity/trace";
import { builtin } from "../support/builtin";

const IMAGES = 128;
const graph = builtin("shapes-resnet14");
let device: Device;
let images: DatasetTensor;
let logits: Float32Array;

beforeAll(async () => {
  device = await createWasmDevice(2);
  images = device.createTensor(IMAGES, 3072);
  const shapes = drawShapes("calibration", IMAGES);
  images.write(0, normalize(shapes, { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" }, 0, IMAGES));
  logits = (await score(device, graph, images, { kernels: new Map() })).logits;
});
afterAll(() => device.dispose());

function softmax(row: ArrayLike<number>): number[] {
  const values = Array.from(row);
  const shares = values.map((value) => Math.exp(value - Math.max(...values)));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}

/** Mean divergence of the changed network from the full-precision one, in nats. */
async function divergence(overrides: Overrides): Promise<number> {
  const changed = (await score(device, graph, images, overrides)).logits;
  const classes = logits.length / IMAGES;
  let sum = 0;
  for (let image = 0; image < IMAGES; image++) {
    const p = softmax(logits.subarray(image * classes, (image + 1) * classes));
    const q = softmax(changed.subarray(image * classes, (image + 1) * classes));
    p.forEach((share, c) => {
      if (share > 0) sum += share * Math.log(share / (q[c] as number));
    });
  }
  return sum / IMAGES;
}

const rounded = (layer: Layer, bits: number) => {
  const { kernel } = layer.operation;
  return quantizeNearest(kernel.data, rangeQParams(kernel.data, kernel.shape.at(-1) as number, bits, "max"));
};

test("probes of the logits have the Hessian of the divergence as their second moment", async () => {
  const tensor = device.createTensor(2000, 3);
  const [z, p] = [[0.3, -1, 1.2], softmax([0.3, -1, 1.2])];
  tensor.write(
    0,
    Float32Array.from({ length: 6000 }, (_, i) => z[i % 3] as number),
  );
  const values = await (await drawProbes(device, tensor, 3, new Random(3, "test"))).read(0, 2000);
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++) {
      let moment = 0;
      for (let i = 0; i < 2000; i++) moment += ((values[3 * i + a] as number) * (values[3 * i + b] as number)) / 2000;
      expect(moment).toBeCloseTo((a === b ? (p[a] as number) : 0) - (p[a] as number) * (p[b] as number), 1.5);
    }
});

/** Changes of one kind: what each was predicted to cost, and what it cost. */
interface Changes {
  readonly predicted: number[];
  readonly measured: number[];
}

const KINDS = ["layers", "pairs of layers", "activations"] as const;

describe("the predicted loss of layers at 4 bit, of pairs and of activations is the divergence that they cause:", () => {
  const changes: Readonly<Record<string, Changes>> = Object.fromEntries(KINDS.map((kind) => [kind, { predicted: [], measured: [] }]));
  const logarithms = () =>
    Object.values(changes).flatMap(({ predicted, measured }) => predicted.map((loss, i) => Math.log(loss / (measured[i] as number))));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  /** Each prediction is the mean over two seeds: four probes alone err by about 15 %, all changes alike. */
  beforeAll(async () => {
    const activations = { bits: [4], lastInputBits: 8, scale: "max" } as const;
    const measure = (seed: number) =>
      measureSensitivity({
        ...{ device, graph, images, bits: [4], weights: { scale: "max" }, activations, training: null, seed, known: nothingMeasured() },
      });
    const tables = [await measure(0), await measure(1)];
    const compare = async (kind: (typeof KINDS)[number], loss: (table: SensitivityTable) => number | undefined, change: Partial<Overrides>) => {
      changes[kind]?.predicted.push(mean(tables.map((table) => loss(table) as number)));
      changes[kind]?.measured.push(await divergence({ kernels: new Map(), ...change }));
    };
    const layers = layersOf(graph).slice(1, -1);
    const kernelsOf = (...names: string[]) => new Map(layers.filter(({ name }) => names.includes(name)).map((own) => [own.name, rounded(own, 4)]));
    for (const { name } of layers)
      await compare("layers", (table) => table.layers.find((entry) => entry.name === name)?.losses[0], { kernels: kernelsOf(name) });
    for (const [i, { a, b }] of (tables[0] as SensitivityTable).pairs.entries())
      await compare("pairs of layers", (table) => table.pairs[i]?.joint, { kernels: kernelsOf(a, b) });
    const layerQParams = await activationQParams({
      ...{ device, graph, images, activations: { bits: 4, scale: "max", lastInputBits: 8 }, kernels: new Map(), sequential: false },
    });
    for (const { value, readers } of quantizationPoints(graph).filter(({ role }) => role === "inner"))
      await compare("activations", (table) => table.activations.find(({ name }) => name === readers[0]?.name)?.losses[0], {
        quantizers: new Map([...layerQParams].filter(([own]) => own === value)),
      });
  });

  test("14 layers, 10 pairs and 11 activations are compared", () => {
    expect(KINDS.map((kind) => changes[kind]?.measured.length)).toEqual([14, 10, 11]);
  });

  test("neither too high nor too low in the geometric mean, to 15 %", () => {
    const ratio = Math.exp(mean(logarithms()));
    console.log(`predicted over measured divergence, geometric mean: ${ratio.toFixed(3)}`);
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  });

  test("the ratio's logarithm has a deviation below 0.22, and no single ratio leaves 0.55 to 1.6", () => {
    const all = logarithms();
    const deviation = Math.sqrt(mean(all.map((value) => (value - mean(all)) ** 2)));
    console.log(`deviation ${deviation.toFixed(3)}, from ${Math.exp(Math.min(...all)).toFixed(2)} to ${Math.exp(Math.max(...all)).toFixed(2)}`);
    expect(deviation).toBeLessThan(0.22);
    expect(Math.exp(Math.min(...all))).toBeGreaterThan(0.55);
    expect(Math.exp(Math.max(...all))).toBeLessThan(1.6);
  });

  test.each(KINDS)("%s are ranked as the divergence ranks them, with a correlation above 0.88", (kind) => {
    const { predicted, measured } = changes[kind] as Changes;
    const correlation = spearman(predicted, measured);
    console.log(`rank correlation of ${kind}: ${correlation.toFixed(3)}`);
    expect(correlation).toBeGreaterThan(0.88);
  });
});

test("the trace of the Hessian is what small random changes of a layer's weights cost", async () => {
  const tensor = device.createTensor(IMAGES, logits.length / IMAGES);
  tensor.write(0, logits);
  const traces = await hessianTraces({ device, graph, images, logits: tensor, probes: 8, seed: 1 });
  for (const layer of [layersOf(graph)[3] as Layer, layersOf(graph)[10] as Layer]) {
    const { data } = layer.operation.kernel;
    const random = new Random(5, layer.name);
    const step = 0.02 * Math.sqrt(data.reduce((sum, w) => sum + w * w, 0) / data.length);
    let cost = 0;
    const tries = 12;
    for (let i = 0; i < tries; i++) {
      const changed = data.map((w) => w + (random.uniform() < 0.5 ? -step : step));
      cost += (await divergence({ kernels: new Map([[layer.name, changed]]) })) / tries;
    }
    const ratio = ((traces.get(layer) as number) * step * step) / 2 / cost;
    console.log(`trace of ${layer.name}: ${(traces.get(layer) as number).toPrecision(3)}, predicted over measured ${ratio.toFixed(2)}`);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  }
});
