/**
 * Blocks that networks since 2019 are made of, each at W4 and W4A8: block reconstruction brings the network's outputs nearer to full
 * precision than rounding to nearest, on images that it was not trained on. The networks are those of the corpus, whose weights
 * are seeded and not trained; so outputs are compared, not accuracy.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { readModel } from "../../src/formats";
import { shapeOf } from "../../src/graph/queries";
import { type Graph, sizeOf } from "../../src/graph/types";
import { logitsOf } from "../../src/network/evaluate";
import { prepare } from "../../src/passes/prepare";
import { METHODS } from "../../src/quantize/methods";
import type { MethodName } from "../../src/quantize/methods/catalog";
import { type MethodOptions, SILENT } from "../../src/quantize/methods/method";
import { weightQParams } from "../../src/quantize/weight-qparams";

const PREPROCESSING = { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" } as const;
const [CALIBRATION, JUDGED] = [64, 64];

const NETWORKS = [
  ["squeeze-and-excitation with hard-swish", "mobilenet-v3-small"],
  ["LayerNorm and GELU", "convnext"],
  ["channel shuffle", "shufflenet-v2"],
  ["SiLU", "yolo-csp"],
] as const;

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

/** Images of 32x32 with every pixel four times: the networks' inputs are 64x64. */
function enlarged(split: "calibration" | "test", count: number): Float32Array {
  const small = normalize(drawShapes(split, count), PREPROCESSING, 0, count);
  const large = new Float32Array(4 * small.length);
  for (let i = 0; i < large.length; i++) {
    const [channel, x, y, image] = [i % 3, Math.floor(i / 3) % 64, Math.floor(i / 192) % 64, Math.floor(i / 12288)];
    large[i] = small[((image * 32 + (y >> 1)) * 32 + (x >> 1)) * 3 + channel] as number;
  }
  return large;
}

function tensorOf(graph: Graph, images: Float32Array) {
  const elements = sizeOf(shapeOf(graph, graph.input));
  const tensor = device.createTensor(images.length / elements, elements);
  tensor.write(0, images);
  return tensor;
}

/** The mean squared error of all outputs' numbers, in parts of their variance. */
function relativeError(outputs: Float32Array, full: Float32Array): number {
  const mean = full.reduce((sum, value) => sum + value, 0) / full.length;
  let [error, variance] = [0, 0];
  full.forEach((value, i) => {
    error += (value - (outputs[i] as number)) ** 2;
    variance += (value - mean) ** 2;
  });
  return error / variance;
}

describe.each(NETWORKS)("%s (%s)", (_blocks, file) => {
  const run = async (activations: number | null) => {
    const path = `${file}.onnx`;
    const bytes = new Uint8Array(readFileSync(new URL(`../formats/corpus/${path}`, import.meta.url)));
    const graph = prepare(await readModel([{ path, bytes }]));
    const [images, judged] = [tensorOf(graph, enlarged("calibration", CALIBRATION)), tensorOf(graph, enlarged("test", JUDGED))];
    const weights = { bits: 4, scale: "mse" } as const;
    const options: MethodOptions = {
      ...{ device, graph, images, weights, layerQParams: await weightQParams(device, graph, weights), unit: "block", loss: "mse" },
      ...{ iterations: 150, learningRate: 0.3, regularizer: 0.01, batch: 16, seed: 1, inputs: "quantized", cache: "f32", observer: SILENT },
      activations:
        activations === null ? null : { bits: activations, scale: "mse", lastInputBits: 8, learn: true, iterations: 30, learningRate: 4e-4 },
    };
    try {
      const full = await logitsOf(device, graph, judged, { kernels: new Map() });
      const errorOf = async (method: MethodName) => {
        const network = await METHODS[method].quantize(options);
        return relativeError(await logitsOf(device, network.graph, judged, network), full);
      };
      return { nearest: await errorOf("nearest"), brecq: await errorOf("brecq") };
    } finally {
      images.dispose();
      judged.dispose();
    }
  };

  test.each([
    ["W4", null],
    ["W4A8", 8],
  ] as const)("%s: BRECQ's outputs are nearer to full precision than nearest rounding's", async (_, activations) => {
    const { nearest, brecq } = await run(activations);
    expect(brecq).toBeLessThan(0.8 * nearest);
  });
});
