/** Quantized networks as ONNX files: onnxruntime gives the engine's logits, with and without its own optimizations. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Evidence } from "../../src/export/artifact";
import { writeOnnx } from "../../src/export/onnx/write";
import { compared } from "../../src/export/proof/compare";
import { onnxProof } from "../../src/export/proof/onnx";
import { prove } from "../../src/export/proof/prove";
import { layersOf, shapeOf } from "../../src/graph/queries";
import { type Graph, sizeOf } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";
import { METHODS } from "../../src/quantize/methods";
import { emptyNetwork, type QuantizedNetwork, SILENT } from "../../src/quantize/methods/method";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { movedByRounding } from "../../src/session/run/evidence";
import { builtin } from "../support/builtin";
import { randoms } from "../support/numbers";
import { difference, engineValues, RUNTIME, runtimeValues } from "../support/onnx/exported";
import { type OnnxFile, onnxBytes } from "../support/onnx/file";
import { densenet, inception } from "../support/onnx/joining";
import { mobilenetV2, preactivation, regnet, resnet20, squeezenet, vgg } from "../support/onnx/networks";
import { readOnnx } from "../support/onnx/read";
import { quantized } from "../support/quantized";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

const IMAGES = 32;
const PREPROCESSING = { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" } as const;
const shapes = normalize(drawShapes("test", IMAGES), PREPROCESSING, 0, IMAGES);

const outputOf = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes).graph?.output[0]?.name as string;

async function evidenceOf(network: QuantizedNetwork, images: Float32Array): Promise<Evidence> {
  const { graph } = network;
  const elements = sizeOf(shapeOf(graph, graph.input));
  return {
    count: images.length / elements,
    images: (first, count) => images.subarray(first * elements, (first + count) * elements),
    labels: null,
    classes: sizeOf(shapeOf(graph, graph.output)),
    positions: 1,
    moved: network.quantizers.size > 0 ? await engineValues(device, movedByRounding(network), images) : null,
    logits: await engineValues(device, network, images),
    fullPrecision: await engineValues(device, emptyNetwork(graph), images),
  };
}

/**
 * Both ways to run a file in onnxruntime, and the file read again by the lab, held against the engine. Quantized activations
 * may go to the neighbouring level here and there.
 */
async function expectSame(network: QuantizedNetwork, bytes: Uint8Array, images: Float32Array): Promise<void> {
  const evidence = await evidenceOf(network, images);
  const again = prepare(readOnnx(bytes, "again.onnx"));
  for (const logits of [
    await runtimeValues(bytes, network.graph, images, outputOf(bytes), "standard"),
    await runtimeValues(bytes, network.graph, images, outputOf(bytes), "deployed"),
    await engineValues(device, emptyNetwork(again), images),
  ]) {
    const result = compared(logits, evidence);
    expect(result.passed).toBe(true);
    if (network.quantizers.size === 0) expect(result.largest).toBeLessThan(1e-4 * result.scale);
    else expect(result).toMatchObject({ typical: expect.toSatisfy((typical: number) => typical < 3e-4 * result.scale) });
  }
}

/** A network of the tests rounded to nearest, on random images. */
async function nearest(file: OnnxFile, bits: number, activations: number): Promise<{ network: QuantizedNetwork; images: Float32Array }> {
  const graph = prepare(readOnnx(onnxBytes(file), "net.onnx"));
  const elements = sizeOf(shapeOf(graph, graph.input));
  const data = randoms(IMAGES * elements, 3);
  const images = device.createTensor(IMAGES, elements);
  images.write(0, data);
  const weights = { bits, scale: "max" } as const;
  const layerQParams = await weightQParams(device, graph, weights);
  const training = { iterations: 1, learningRate: 0.5, regularizer: 0.01, batch: 16, seed: 1, inputs: "quantized", cache: "f32" } as const;
  const network = await METHODS.nearest.quantize({
    ...{ device, graph, images, layerQParams, unit: "block", loss: "mse", weights, ...training, observer: SILENT },
    activations: { bits: activations, scale: "max", lastInputBits: 8, learn: false, iterations: 1, learningRate: 1e-4 },
  });
  images.dispose();
  return { network, images: data.subarray(0, 8 * elements) };
}

describe("the built-in networks in onnxruntime", () => {
  for (const model of ["shapes-mobilenet-bn", "shapes-resnet14", "shapes-regnet"])
    for (const [bits, activations, container, method] of [
      [2, undefined, "int8", "brecq"],
      [2, undefined, "int2", "nearest"],
      [3, 8, "int4", "nearest"],
      [4, undefined, "int4", "nearest"],
      [4, 4, "int8", "nearest"],
      [8, 8, "int8", "nearest"],
      [2, 4, "int2", "nearest"],
      [2, undefined, "uint2", "nearest"],
      [4, 8, "uint4", "nearest"],
      [8, undefined, "uint8", "nearest"],
    ] as const)
      test(`${model}, W${bits}${activations ? ` A${activations}` : ""}, ${container}, ${method}`, async () => {
        const network = await quantized(device, model, { method, weights: { bits }, ...(activations ? { activations } : {}) });
        const bytes = writeOnnx(network, { container });
        await expectSame(network, bytes, shapes);
        const { opsetImport, graph } = fromBinary(ModelProtoSchema, bytes);
        expect(Number(opsetImport[0]?.version)).toBe({ int8: 13, int4: 21, int2: 25, uint8: 13, uint4: 21, uint2: 25 }[container]);
        const layer = layersOf(network.graph)[2]?.name as string;
        const kernel = graph?.node.find(({ name }) => name === layer)?.input[1];
        const stored = graph?.node.find(({ output }) => output[0] === kernel)?.input[0];
        const type = graph?.initializer.find(({ name }) => name === stored)?.dataType;
        expect(type).toBe({ int8: 3, int4: 22, int2: 26, uint8: 2, uint4: 21, uint2: 25 }[container]);
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
      for (const container of ["int8", "int4"] as const) await expectSame(network, writeOnnx(network, { container }), shapes);
    }
  });

  test.each(["nearest", "adaquant", "dfq"] as const)(
    "layers in float among quantized ones by overrides, %s: their kernels are float32 initializers",
    async (method) => {
      const overrides = [
        { layers: "*depthwise*", bits: "float" },
        { layers: "fc", bits: "float" },
        { layers: "*project*", bits: 3 },
      ] as const;
      for (const activations of [undefined, 4]) {
        const weights = { bits: 4, scale: "max", overrides } as const;
        const network = await quantized(device, "shapes-mobilenet-bn", {
          method,
          weights,
          activationScale: "max",
          ...(activations ? { activations } : {}),
        });
        const bytes = writeOnnx(network);
        await expectSame(network, bytes, shapes);
        const { graph, metadataProps } = fromBinary(ModelProtoSchema, bytes);
        const types = new Map(graph?.initializer.map(({ name, dataType }) => [name, dataType]));
        const widths = JSON.parse(metadataProps.find(({ key }) => key === "brecq_lab.weights")?.value ?? "");
        let floats = 0;
        for (const { name } of layersOf(network.graph)) {
          const kernel = graph?.node.find((node) => node.name === name)?.input[1] as string;
          const inFloat = /depthwise|fc/.test(name);
          expect([name, types.get(kernel), widths[name]?.bits]).toEqual([
            name,
            inFloat ? 1 : undefined,
            inFloat ? undefined : /project/.test(name) ? 3 : name.includes("stem") ? 8 : 4,
          ]);
          if (inFloat) floats++;
        }
        expect(floats).toBe(7);
        const evidence = await evidenceOf(network, shapes);
        const files = [{ name: "net.onnx", type: "application/octet-stream", bytes }];
        const proof = await prove({ files, network, evidence, runtime: onnxProof("onnxruntime-node", RUNTIME) });
        expect(proof).toMatchObject({ passed: true, beyond: 0 });
      }
    },
  );

  test("DFQ's rewritten network", async () => {
    const network = await quantized(device, "shapes-mobilenet-bn", { method: "dfq", weights: { bits: 8 }, activations: 8 });
    await expectSame(network, writeOnnx(network), shapes);
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

describe("networks as exporters write them", () => {
  test.each(NETWORKS)("%s at full precision, read again", async (_name, file) => {
    const graph = prepare(readOnnx(onnxBytes(file), "net.onnx"));
    const images = randoms(4 * sizeOf(shapeOf(graph, graph.input)), 5);
    const expected = await engineValues(device, emptyNetwork(graph), images);
    const bytes = writeOnnx(emptyNetwork(graph));
    const again: Graph = prepare(readOnnx(bytes, "again.onnx"));
    expect(difference(await engineValues(device, emptyNetwork(again), images), expected)).toBeLessThan(1e-5);
    expect(difference(await runtimeValues(bytes, graph, images, file.output.name), expected)).toBeLessThan(1e-4);
    expect(layersOf(again).map(({ name }) => name)).toEqual(layersOf(graph).map(({ name }) => name));
    const { input, output } = fromBinary(ModelProtoSchema, bytes).graph as NonNullable<ModelProto["graph"]>;
    expect([input[0]?.name, output[0]?.name]).toEqual([file.input.name, file.output.name]);
    const type = input[0]?.type?.value;
    expect(type?.case === "tensorType" && type.value.shape?.dim[0]?.value).toEqual({ case: "dimParam", value: "N" });
  });

  test.each(NETWORKS)("%s, W4 A8, in onnxruntime", async (_name, file) => {
    const { network, images } = await nearest(file, 4, 8);
    await expectSame(network, writeOnnx(network), images);
  });
});

describe("zero points outside the integers", () => {
  test("of weights and of an activation", async () => {
    const network = await quantized(device, "shapes-resnet14", { method: "nearest", weights: { bits: 8 }, activations: 8 });
    const layer = layersOf(network.graph)[2]?.name as string;
    const { bits, scale, zero } = network.weights.get(layer) as { bits: number; scale: Float32Array; zero: Float32Array };
    const moved = zero.map((value, i) => (i === 0 ? -40 : i === 1 ? 300 : value));
    const channels = scale.length;
    const kernel = (network.kernels.get(layer) as Float32Array).map((w, i) =>
      Math.fround(
        (w / (scale[i % channels] as number) + (zero[i % channels] as number) - (moved[i % channels] as number)) * (scale[i % channels] as number),
      ),
    );
    network.kernels.set(
      layer,
      Float32Array.from(kernel, (w, i) => Math.fround(Math.round(w / (scale[i % channels] as number)) * (scale[i % channels] as number))),
    );
    network.weights.set(layer, { bits, scale, zero: moved });
    const [value, quantizer] = [...network.quantizers][1] as [string, { bits: number; scale: number; zero: number }];
    network.quantizers.set(value, { ...quantizer, zero: -3 });
    const bytes = writeOnnx(network);
    expect(fromBinary(ModelProtoSchema, bytes).graph?.node.filter(({ opType }) => opType === "Cast" || opType === "Round").length).toBe(2);
    await expectSame(network, bytes, shapes);
  });
});

describe("the proof", () => {
  test("tells accuracy, size and speed, and fails on a file whose scale is off by a tenth in one layer", async () => {
    const network = await quantized(device, "shapes-resnet14", { method: "nearest", weights: { bits: 4 }, activations: 8 });
    const evidence = { ...(await evidenceOf(network, shapes)), labels: drawShapes("test", IMAGES).labels };
    const runtime = onnxProof("onnxruntime-node", RUNTIME);
    const fileOf = (own: Uint8Array) => [{ name: "net.onnx", type: "application/octet-stream", bytes: own }];
    const bytes = writeOnnx(network);
    const proof = await prove({ files: fileOf(bytes), network, evidence, runtime });
    expect(proof).toMatchObject({ passed: true, images: IMAGES, beyond: 0 });
    expect(proof.accuracy?.file).toBeCloseTo(proof.accuracy?.lab as number, 5);
    expect(proof.bytes.file).toBeLessThan(proof.bytes.float / 3);
    expect(proof.milliseconds.file).toBeGreaterThan(0);
    const model = fromBinary(ModelProtoSchema, bytes);
    const scale = model.graph?.initializer.find(({ name }) => name === "layer2.0.conv1.weight_scale");
    if (!scale) throw new Error(`no scale among ${model.graph?.initializer.map(({ name }) => name)}`);
    scale.rawData = new Uint8Array(new Float32Array(scale.rawData.slice().buffer).map((value) => value * 1.1).buffer);
    expect((await prove({ files: fileOf(toBinary(ModelProtoSchema, model)), network, evidence, runtime })).passed).toBe(false);
  });

  test("another class is right only where the two highest logits are near", () => {
    const judged = (logits: number[]) =>
      compared(Float32Array.from(logits), {
        classes: 2,
        positions: 1,
        moved: null,
        labels: null,
        logits: Float32Array.of(1, 0, 1, 0, 1, 1.00001),
        fullPrecision: new Float32Array(6),
      });
    expect(judged([1, 0, 1, 0, 1.00001, 1])).toMatchObject({ passed: true, differing: 1, beyond: 0 });
    expect(judged([1, 0, 0, 1, 1, 1.00001])).toMatchObject({ passed: false, differing: 1, beyond: 1 });
    expect(judged([1, 0, Number.NaN, 0, 1, 1.00001]).largest).toBe(Number.POSITIVE_INFINITY);
  });
});
