/** Predicted losses against the divergence that they predict, measured: the network is run with the very change. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Bank, Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Layer } from "../../src/graph/types";
import { layersOf } from "../../src/graph/walk";
import { score } from "../../src/network/evaluate";
import type { Overrides } from "../../src/network/quantized";
import { activationSites } from "../../src/passes/sites";
import { activationGrids } from "../../src/quantize/activations";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { rangeGrid } from "../../src/quantize/scale";
import { measureSensitivity, nothingMeasured } from "../../src/search/sensitivity/measure";
import { drawProbes } from "../../src/search/sensitivity/probes";
import { hessianTraces } from "../../src/search/sensitivity/trace";
import { builtin } from "../support/builtin";

const IMAGES = 128;
const graph = builtin("shapes-resnet14");
let device: Device;
let images: Bank;
let logits: Float32Array;

beforeAll(async () => {
  device = await createWasmDevice(2);
  images = device.createBank(IMAGES, 3072);
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
  return quantizeNearest(kernel.data, rangeGrid(kernel.data, kernel.shape.at(-1) as number, bits, "max"));
};

test("probes of the logits have the Hessian of the divergence as their second moment", async () => {
  const bank = device.createBank(2000, 3);
  const [z, p] = [[0.3, -1, 1.2], softmax([0.3, -1, 1.2])];
  bank.write(
    0,
    Float32Array.from({ length: 6000 }, (_, i) => z[i % 3] as number),
  );
  const values = await (await drawProbes(device, bank, new Random(3, "test"))).read(0, 2000);
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++) {
      let moment = 0;
      for (let i = 0; i < 2000; i++) moment += ((values[3 * i + a] as number) * (values[3 * i + b] as number)) / 2000;
      expect(moment).toBeCloseTo((a === b ? (p[a] as number) : 0) - (p[a] as number) * (p[b] as number), 1.5);
    }
});

test("the loss of a layer at 4 bit, of a pair and of an activation is the divergence that it causes", async () => {
  const activations = { bits: [4], lastInputBits: 8, scale: "max" } as const;
  const table = await measureSensitivity({
    ...{ device, graph, images, bits: [4], weights: { scale: "max" }, activations, training: null, seed: 0, known: nothingMeasured() },
  });
  const ratios: number[] = [];
  for (const layer of layersOf(graph).slice(1, -1)) {
    const predicted = table.layers.find(({ name }) => name === layer.name)?.losses[0] as number;
    ratios.push(predicted / (await divergence({ kernels: new Map([[layer.name, rounded(layer, 4)]]) })));
  }
  for (const pair of table.pairs.slice(0, 3)) {
    const own = layersOf(graph).filter(({ name }) => name === pair.a || name === pair.b);
    ratios.push(pair.joint / (await divergence({ kernels: new Map(own.map((layer) => [layer.name, rounded(layer, 4)])) })));
  }
  const grids = await activationGrids({
    ...{ device, graph, images, activations: { bits: 4, scale: "max", lastInputBits: 8 }, kernels: new Map(), sequential: false },
  });
  for (const site of activationSites(graph).filter(({ role }) => role === "inner")) {
    const predicted = table.activations.find(({ name }) => name === site.readers[0]?.name)?.losses[0] as number;
    const quantizers = new Map([...grids].filter(([value]) => value === site.value));
    ratios.push(predicted / (await divergence({ kernels: new Map(), quantizers })));
  }
  console.log(`predicted over measured divergence: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}`);
  expect(ratios.length).toBeGreaterThan(25);
  for (const ratio of ratios) {
    expect(ratio).toBeGreaterThan(0.35);
    expect(ratio).toBeLessThan(2.5);
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  expect(Math.abs(mean - 1)).toBeLessThan(0.3);
}, 120_000);

test("the trace of the Hessian is what small random changes of a layer's weights cost", async () => {
  const bank = device.createBank(IMAGES, logits.length / IMAGES);
  bank.write(0, logits);
  const traces = await hessianTraces({ device, graph, images, logits: bank, probes: 8, seed: 1 });
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
}, 120_000);
