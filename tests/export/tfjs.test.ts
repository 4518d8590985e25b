/** Quantized networks as TF.js graph models: TensorFlow.js and the lab, which reads them again, give the engine's logits. */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { ExportedFile } from "../../src/export/artifact";
import { compared } from "../../src/export/proof/compare";
import { writeTfjs } from "../../src/export/tfjs/write";
import { layersOf, shapeOf } from "../../src/graph/queries";
import { sizeOf } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";
import { emptyNetwork, type QuantizedNetwork } from "../../src/quantize/methods/method";
import { movedByRounding } from "../../src/session/run/evidence";
import { builtin } from "../support/builtin";
import { randoms } from "../support/numbers";
import { difference, engineValues } from "../support/onnx/exported";
import { type OnnxFile, onnxBytes } from "../support/onnx/file";
import { densenet, inception } from "../support/onnx/joining";
import { mobilenetV2, preactivation, regnet, resnet20, squeezenet, vgg } from "../support/onnx/networks";
import { readOnnx } from "../support/onnx/read";
import { quantized } from "../support/quantized";
import { readAgain, tfjsValues } from "../support/tfjs-exported";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
  await tf.setBackend("wasm");
});
afterAll(() => device.dispose());

const IMAGES = 32;
const PREPROCESSING = { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" } as const;
const shapes = normalize(drawShapes("test", IMAGES), PREPROCESSING, 0, IMAGES);

interface ModelJson {
  readonly modelTopology: { readonly node: readonly { name: string; op: string; attr: Record<string, unknown> }[] };
  readonly weightsManifest: readonly { readonly weights: readonly { name: string; shape: number[]; dtype: string; quantization?: object }[] }[];
  readonly userDefinedMetadata: {
    readonly brecq_lab: { readonly weights: Record<string, { bits: number }>; readonly activations: Record<string, { bits: number }> };
  };
}

const jsonOf = (files: readonly ExportedFile[]): ModelJson => JSON.parse(new TextDecoder().decode(files[0]?.bytes));

/** Logits of TF.js and of the network read again, against the engine's. */
async function expectSame(network: QuantizedNetwork, images: Float32Array): Promise<ExportedFile[]> {
  const { graph } = network;
  const files = writeTfjs(network);
  const again = await readAgain(files);
  const shape = shapeOf(graph, graph.input);
  const evidence = {
    ...{ classes: sizeOf(shapeOf(graph, graph.output)), positions: 1, labels: null },
    moved: network.quantizers.size > 0 ? await engineValues(device, movedByRounding(network), images) : null,
    logits: await engineValues(device, network, images),
    fullPrecision: await engineValues(device, emptyNetwork(graph), images),
  };
  const [logits] = await tfjsValues(files, images, shape);
  for (const found of [logits as Float32Array, await engineValues(device, emptyNetwork(again), images)]) {
    const result = compared(found, evidence);
    expect(result).toMatchObject({ passed: true, typical: expect.toSatisfy((typical: number) => typical < 1e-4 * result.scale) });
    if (network.quantizers.size === 0) expect(result.largest).toBeLessThan(1e-5 * result.scale);
  }
  return files;
}

/** Kernels of the network read again, bit for bit those that ran. */
async function expectKernels(network: QuantizedNetwork, files: readonly ExportedFile[]): Promise<void> {
  const again = new Map(layersOf(await readAgain(files)).map(({ name, operation }) => [name, operation.kernel.data]));
  let compared = 0;
  for (const { name, operation } of layersOf(network.graph)) {
    const own = again.get(name);
    // The layer is one convolution for each group in the file.
    if (!own) continue;
    expect(own).toEqual(network.kernels.get(name) ?? operation.kernel.data);
    compared++;
  }
  expect(compared).toBeGreaterThan(3);
}

describe("the built-in networks in TensorFlow.js", () => {
  for (const model of ["shapes-resnet14", "shapes-mobilenet", "shapes-mobilenet-bn", "shapes-regnet"])
    for (const [bits, activations, method] of [
      [2, undefined, "brecq"],
      [3, undefined, "nearest"],
      [4, undefined, "nearest"],
      [8, undefined, "nearest"],
      [8, 8, "nearest"],
      [4, 4, "nearest"],
      [2, 4, "nearest"],
    ] as const)
      test(`${model}, W${bits}${activations ? ` A${activations}` : ""}, ${method}`, async () => {
        const network = await quantized(device, model, { method, weights: { bits }, ...(activations ? { activations } : {}) });
        const files = await expectSame(network, shapes);
        await expectKernels(network, files);
        const { weightsManifest, userDefinedMetadata } = jsonOf(files);
        const specs = weightsManifest.flatMap(({ weights }) => weights);
        const codes = specs.filter(({ quantization }) => quantization);
        expect(codes.length).toBe(network.weights.size);
        for (const { dtype, quantization } of codes)
          expect([dtype, quantization]).toEqual(["int32", { dtype: "uint8", scale: 1, min: 0, original_dtype: "int32" }]);
        const told = userDefinedMetadata.brecq_lab;
        for (const [name, qparams] of network.weights) expect(told.weights[name]?.bits).toBe(qparams.bits);
        expect(Object.keys(told.activations).length).toBe(network.quantizers.size);
      });

  test("mixed bits, by tensor, symmetric, and layers in float", async () => {
    const names = layersOf(builtin("shapes-regnet")).map(({ name }) => name);
    const assignment = { [names[1] as string]: 3, [names[2] as string]: 5, [names[3] as string]: 6, [names[4] as string]: 7 };
    for (const weights of [
      { bits: 2, assignment },
      { bits: 4, granularity: "tensor" },
      { bits: 3, symmetric: true },
    ] as const) {
      const network = await quantized(device, "shapes-regnet", { method: "nearest", weights, activations: 4 });
      network.kernels.delete(names[5] as string);
      network.weights.delete(names[5] as string);
      await expectKernels(network, await expectSame(network, shapes));
    }
  });

  test("DFQ's rewritten network", async () => {
    await expectSame(await quantized(device, "shapes-mobilenet-bn", { method: "dfq", weights: { bits: 8 }, activations: 8 }), shapes);
  });

  test("zero points outside the codes", async () => {
    const network = await quantized(device, "shapes-resnet14", { method: "nearest", weights: { bits: 8 }, activations: 8 });
    const [value, quantizer] = [...network.quantizers][1] as [string, { bits: number; scale: number; zero: number }];
    network.quantizers.set(value, { ...quantizer, zero: -3 });
    const layer = layersOf(network.graph)[2]?.name as string;
    const { bits, scale, zero } = network.weights.get(layer) as { bits: number; scale: Float32Array; zero: Float32Array };
    const channels = scale.length;
    const moved = zero.map((own, i) => (i === 0 ? -40 : i === 1 ? 300 : own));
    const level = (w: number, i: number) => Math.round(w / (scale[i % channels] as number)) + (zero[i % channels] as number);
    const kernel = network.kernels.get(layer) as Float32Array;
    network.weights.set(layer, { bits, scale, zero: moved });
    network.kernels.set(
      layer,
      kernel.map((w, i) => Math.fround((level(w, i) - (moved[i % channels] as number)) * (scale[i % channels] as number))),
    );
    await expectKernels(network, await expectSame(network, shapes));
  });
});

const NETWORKS: readonly (readonly [string, OnnxFile])[] = [
  ["ResNet-20", resnet20()],
  ["pre-activation", preactivation()],
  ["RegNet", regnet()],
  ["MobileNetV2", mobilenetV2()],
  ["SqueezeNet", squeezenet()],
  ["VGG", vgg()],
  ["DenseNet", densenet()],
  ["Inception", inception()],
];

test.each(NETWORKS)("%s at full precision", async (_name, file) => {
  const graph = prepare(readOnnx(onnxBytes(file), "net.onnx"));
  const images = randoms(2 * sizeOf(shapeOf(graph, graph.input)), 5);
  const files = await expectSame(emptyNetwork(graph), images);
  const { modelTopology } = jsonOf(files);
  const names = modelTopology.node.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  for (const { name } of graph.nodes) expect(names).toContain(name);
});

describe("files", () => {
  test("several outputs and an open batch, under the names of the file that was read", async () => {
    const network = emptyNetwork(builtin("shapes-resnet14"));
    const graph = { ...network.graph, outputs: [network.graph.output, network.graph.nodes[5]?.output as string] };
    const files = writeTfjs({ ...network, graph });
    const images = shapes.subarray(0, 3 * 3072);
    const values = await tfjsValues(files, images, [32, 32, 3]);
    for (const [i, output] of graph.outputs.entries())
      expect(difference(values[i] as Float32Array, await engineValues(device, network, images, output))).toBeLessThan(1e-5);
  });

  test("weights are cut into files of 4 MB that lie one after the other", async () => {
    const graph = prepare(readOnnx(onnxBytes(vgg()), "net.onnx"));
    const [, ...shards] = writeTfjs(emptyNetwork(graph));
    expect(shards.map(({ name }) => name)).toEqual(shards.map((_, i) => `group1-shard${i + 1}of${shards.length}.bin`));
    for (const { bytes } of shards) expect(bytes.length).toBeLessThanOrEqual(4 * 2 ** 20);
  });
});
