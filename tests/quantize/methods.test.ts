/** What defines each method, on the inverted-residual demo: small sets, few iterations. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { DatasetTensor, Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import type { Layer } from "../../src/graph/types";
import { agreement, score } from "../../src/network/evaluate";
import { forward } from "../../src/network/forward";
import { METHODS } from "../../src/quantize/methods";
import { channelMeans, correctBiases } from "../../src/quantize/methods/bias-correction";
import { solveLayer } from "../../src/quantize/methods/bitsplit";
import type { MethodName } from "../../src/quantize/methods/catalog";
import { METHOD_CATALOG, METHOD_NAMES } from "../../src/quantize/methods/catalog";
import { emptyNetwork, type MethodOptions, SILENT } from "../../src/quantize/methods/method";
import { withBiases } from "../../src/quantize/methods/training";
import { type QParams, quantizeNearest } from "../../src/quantize/quantizer";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { builtin } from "../support/builtin";

const PREPROCESSING = { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" } as const;
const graph = withBiases(builtin("shapes-mobilenet-bn"));
let device: Device;
let images: DatasetTensor;
let test1: DatasetTensor;
let labels: Int32Array;

beforeAll(async () => {
  device = await createWasmDevice(2);
  const [calibration, judged] = [drawShapes("calibration", 128), drawShapes("test", 500)];
  images = device.createTensor(128, 3072);
  images.write(0, normalize(calibration, PREPROCESSING, 0, 128));
  test1 = device.createTensor(500, 3072);
  test1.write(0, normalize(judged, PREPROCESSING, 0, 500));
  labels = judged.labels as Int32Array;
});
afterAll(() => device.dispose());

async function optionsFor(change: Partial<MethodOptions> = {}): Promise<MethodOptions> {
  const weights = change.weights ?? { bits: 4, scale: "mse", granularity: "tensor" };
  const layerQParams = await weightQParams(device, graph, weights);
  const training = { iterations: 100, learningRate: 0.2, regularizer: 0.01, batch: 32, seed: 1, inputs: "quantized", cache: "f32" } as const;
  return { device, graph, images, weights, layerQParams, activations: null, unit: "block", loss: "mse", ...training, observer: SILENT, ...change };
}

async function top1(name: MethodName, change: Partial<MethodOptions> = {}): Promise<number> {
  const network = await METHODS[name].quantize(await optionsFor(change));
  return agreement((await score(device, network.graph, test1, network)).predictions, labels);
}

describe("at 4 bit per tensor on the inverted-residual demo", () => {
  let nearest: number;
  beforeAll(async () => {
    nearest = await top1("nearest");
  });

  test("nearest loses at least 5 points, so that there is something to win", async () => {
    const full = agreement((await score(device, graph, test1, { kernels: new Map() })).predictions, labels);
    expect(nearest).toBeLessThan(full - 5);
  });

  for (const name of METHOD_NAMES.filter((method) => method !== "nearest"))
    test(`${METHOD_CATALOG[name].title} is more accurate than nearest`, async () => {
      expect(await top1(name)).toBeGreaterThan(nearest);
    });
});

test("bias correction restores the mean of every channel of every layer", async () => {
  const options = await optionsFor({ weights: { bits: 3, scale: "mse" } });
  const network = emptyNetwork(graph);
  for (const [layer, qparams] of options.layerQParams) network.kernels.set(layer.name, quantizeNearest(layer.operation.kernel.data, qparams));
  const layer = layersOf(graph)[7] as Layer;
  const means = async () => {
    const pass = { device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs: [layer.output] };
    const [full, quantized] = [await forward({ ...pass, kernels: new Map() }), await forward({ ...pass, ...network })];
    return [
      await channelMeans(full.get(layer.output) as DatasetTensor, layer),
      await channelMeans(quantized.get(layer.output) as DatasetTensor, layer),
    ] as const;
  };
  const distance = ([a, b]: readonly [Float64Array, Float64Array]) => Math.max(...a.map((value, c) => Math.abs(value - (b[c] as number))));
  const before = distance(await means());
  await correctBiases(options, network);
  expect(before).toBeGreaterThan(0.01);
  expect(distance(await means())).toBeLessThan(1e-4);
});

describe("Bit-Split", () => {
  for (const granularity of ["channel", "tensor"] as const)
    test(`stitching is at least as good as nearest in every layer's squared error, per ${granularity}`, async () => {
      const { layerQParams } = await optionsFor({ weights: { bits: 3, scale: "mse", granularity } });
      const layers = layersOf(graph);
      const inputs = layers.slice(0, 4).map((layer) => layer.inputs[0] as string);
      const made = await forward({
        device,
        graph,
        nodes: graph.nodes,
        inputs: new Map([[graph.input, images]]),
        outputs: inputs.slice(1),
        kernels: new Map(),
      });
      let better = 0;
      for (const [i, layer] of layers.slice(0, 4).entries()) {
        const tensor = i === 0 ? images : (made.get(inputs[i] as string) as DatasetTensor);
        const { before, after } = await solveLayer({
          graph,
          layer,
          qparams: layerQParams.get(layer) as QParams,
          tensors: [tensor, tensor],
          seed: 1,
          breathe() {},
        });
        expect(after).toBeLessThanOrEqual(before * (1 + 1e-9));
        if (after < 0.9 * before) better++;
      }
      for (const tensor of made.values()) tensor.dispose();
      expect(better).toBeGreaterThanOrEqual(3);
    });

  test("the error that it reports is the layer's squared error", async () => {
    const { layerQParams } = await optionsFor({ weights: { bits: 3, scale: "mse" } });
    const layer = layersOf(graph).at(-1) as Layer;
    const value = layer.inputs[0] as string;
    const tensor = (
      await forward({ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs: [value], kernels: new Map() })
    ).get(value) as DatasetTensor;
    const { kernel, after } = await solveLayer({
      graph,
      layer,
      qparams: layerQParams.get(layer) as QParams,
      tensors: [tensor, tensor],
      seed: 1,
      breathe() {},
    });
    const x = await tensor.read(0, tensor.count);
    const [depth, outputs] = layer.operation.kernel.shape as [number, number];
    let error = 0;
    for (let image = 0; image < tensor.count; image++)
      for (let o = 0; o < outputs; o++) {
        let difference = 0;
        for (let i = 0; i < depth; i++)
          difference +=
            (x[image * depth + i] as number) * ((layer.operation.kernel.data[i * outputs + o] as number) - (kernel[i * outputs + o] as number));
        error += difference * difference;
      }
    expect(Math.abs(after / (error / tensor.count) - 1)).toBeLessThan(1e-3);
    tensor.dispose();
  });
});

test("AdaQuant moves weights, scales and biases together", async () => {
  const network = await METHODS.adaquant.quantize(await optionsFor({ weights: { bits: 4, scale: "mse" } }));
  const options = await optionsFor({ weights: { bits: 4, scale: "mse" } });
  let moved = 0;
  for (const [layer, qparams] of options.layerQParams) {
    const kernel = network.kernels.get(layer.name) as Float32Array;
    const nearest = quantizeNearest(layer.operation.kernel.data, qparams);
    if (kernel.some((value, i) => Math.abs(value - (nearest[i] as number)) > (qparams.scale[i % qparams.scale.length] as number) / 2)) moved++;
    expect(network.biases.get(layer.name)).toHaveLength(layer.operation.bias?.data.length ?? 0);
  }
  expect(moved).toBeGreaterThan(10);
});

test("QDrop ends with quantized activations everywhere, and its draws depend on the seed", async () => {
  const activations = { bits: 4, scale: "mse", lastInputBits: 8, learn: true, iterations: 10, learningRate: 4e-4 } as const;
  const run = async (seed: number) =>
    METHODS.qdrop.quantize(await optionsFor({ activations, seed, iterations: 20, weights: { bits: 3, scale: "mse" } }));
  const [a, b] = [await run(1), await run(2)];
  expect(a.quantizers.size).toBe(20);
  expect([...b.quantizers]).not.toEqual([...a.quantizers]);
});
