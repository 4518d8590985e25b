/** Quantized networks as TF.js graph models: TensorFlow.js and the lab, which reads them again, give the engine's logits. */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Evidence, ExportedFile } from "../../src/export/artifact";
import { compared } from "../../src/export/proof/compare";
import { prove } from "../../src/export/proof/prove";
import { tfjsProof } from "../../src/export/proof/tfjs";
import { writeTfjs } from "../../src/export/tfjs/write";
import { GraphBuilder } from "../../src/graph/builder";
import { layersOf, shapeOf } from "../../src/graph/queries";
import { type Graph, type Operation, sizeOf } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
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
  device = await createWasmDevice(1);
  await tf.setBackend("wasm");
});
afterAll(async () => {
  device.dispose();
  await tf.setBackend("cpu");
});

const IMAGES = 16;
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

async function evidenceOf(network: QuantizedNetwork, images: Float32Array): Promise<Evidence> {
  const { graph } = network;
  const elements = sizeOf(shapeOf(graph, graph.input));
  const output = shapeOf(graph, graph.output);
  const classes = output.at(-1) as number;
  return {
    ...{ count: images.length / elements, classes, positions: sizeOf(output) / classes, labels: null },
    images: (first, count) => images.subarray(first * elements, (first + count) * elements),
    moved: network.quantizers.size > 0 ? await engineValues(device, movedByRounding(network), images.subarray(0, 2 * elements)) : null,
    logits: await engineValues(device, network, images),
    fullPrecision: await engineValues(device, emptyNetwork(graph), images),
  };
}

/** Logits of TF.js and of the network read again, against the engine's. */
async function expectSame(network: QuantizedNetwork, images: Float32Array): Promise<{ files: ExportedFile[]; again: Graph }> {
  const { graph } = network;
  const files = writeTfjs(network);
  const again = await readAgain(files);
  const evidence = await evidenceOf(network, images);
  const [logits] = await tfjsValues(files, images, shapeOf(graph, graph.input));
  for (const found of [logits as Float32Array, await engineValues(device, emptyNetwork(again), images)]) {
    const result = compared(found, evidence);
    // An activation at the middle between two levels may go to the other one.
    expect(result).toMatchObject({ passed: true, typical: expect.toSatisfy((typical: number) => typical < 1e-3 * result.scale) });
    if (network.quantizers.size === 0) expect(result.largest).toBeLessThan(1e-5 * result.scale);
  }
  return { files, again };
}

/** Kernels of the network read again, bit for bit those that ran. */
function expectKernels(network: QuantizedNetwork, read: Graph): void {
  const again = new Map(layersOf(read).map(({ name, operation }) => [name, operation.kernel.data]));
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
    ] as const)
      test(`${model}, W${bits}${activations ? ` A${activations}` : ""}, ${method}`, async () => {
        const network = await quantized(device, model, { method, weights: { bits }, ...(activations ? { activations } : {}) });
        const { files, again } = await expectSame(network, shapes);
        expectKernels(network, again);
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
      {
        bits: 4,
        overrides: [
          { layers: names[2] as string, bits: "float" },
          { layers: "fc", bits: "float" },
          { layers: names[3] as string, bits: 3 },
        ],
      },
    ] as const) {
      const network = await quantized(device, "shapes-regnet", { method: "nearest", weights, activations: 4 });
      network.kernels.delete(names[5] as string);
      network.weights.delete(names[5] as string);
      expectKernels(network, (await expectSame(network, shapes)).again);
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
    expectKernels(network, (await expectSame(network, shapes)).again);
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
  const { files } = await expectSame(emptyNetwork(graph), images);
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

describe("the proof by TensorFlow.js", () => {
  beforeAll(() => tf.setBackend("wasm"));
  test("tells accuracy, size and speed, and fails on a file whose scale is off by a tenth in one layer", async () => {
    const network = await quantized(device, "shapes-resnet14", { method: "nearest", weights: { bits: 4 }, activations: 8 });
    const evidence: Evidence = { ...(await evidenceOf(network, shapes)), labels: drawShapes("test", IMAGES).labels };
    const runtime = tfjsProof(tf);
    const files = writeTfjs(network);
    const proof = await prove({ files, network, evidence, runtime });
    expect(proof).toMatchObject({ passed: true, runtime: "TensorFlow.js (wasm)", images: IMAGES, beyond: 0 });
    expect(proof.accuracy?.file).toBeCloseTo(proof.accuracy?.lab as number, 5);
    expect(proof.bytes.file).toBeLessThan(proof.bytes.float / 2.5);
    expect(proof.milliseconds.file).toBeGreaterThan(0);

    const specs = jsonOf(files).weightsManifest.flatMap(({ weights }) => weights);
    const at = specs.findIndex(({ name }) => name === "layer2.0.conv1.weight/scale");
    const bytes = (spec: (typeof specs)[number]) => (spec.quantization ? 1 : 4) * sizeOf(spec.shape);
    const offset = specs.slice(0, at).reduce((sum, spec) => sum + bytes(spec), 0);
    const [main, shard] = files as [ExportedFile, ExportedFile];
    const changed = shard.bytes.slice();
    const scales = new Float32Array(changed.buffer, offset, sizeOf((specs[at] as (typeof specs)[number]).shape));
    for (let i = 0; i < scales.length; i++) scales[i] = 1.1 * (scales[i] as number);
    expect((await prove({ files: [main, { ...shard, bytes: changed }], network, evidence, runtime })).passed).toBe(false);
  });

  test("judges every position of a segmentation", async () => {
    const b = new GraphBuilder("dense", "image", [8, 8, 3], shapeRule);
    const kernel = { shape: [3, 3, 3, 4], data: randoms(108, 1) };
    const window = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 } as const;
    const graph = b.build([b.add("scores", { op: "conv2d", kernel, bias: null, ...window }, ["image"])]);
    const images = randoms(3 * 192, 2);
    const network = emptyNetwork(graph);
    const evidence: Evidence = { ...(await evidenceOf(network, images)), labels: new Int32Array(3 * 64).fill(1) };
    expect(evidence).toMatchObject({ positions: 64, classes: 4 });
    const proof = await prove({ files: writeTfjs(network), network, evidence, runtime: tfjsProof(tf) });
    expect(proof).toMatchObject({ passed: true, images: 3, positions: 64, differing: 0 });
    expect(proof.accuracy?.file).toBeCloseTo(proof.accuracy?.lab as number, 5);
    const other = b.build(["scores:0"]);
    const moved = { ...kernel, data: kernel.data.map((w, i) => (i % 4 === 2 ? w + 0.5 : w)) };
    const nodes = other.nodes.map((node) => ({ ...node, operation: { ...node.operation, kernel: moved } as Operation }));
    const wrong = await prove({ files: writeTfjs(emptyNetwork({ ...other, nodes })), network, evidence, runtime: tfjsProof(tf) });
    expect(wrong.passed).toBe(false);
    expect(wrong.beyond).toBeGreaterThan(0);
  });
});
