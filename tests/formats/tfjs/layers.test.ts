/** Every Keras layer that is read, in networks that TensorFlow.js builds, saves and runs itself. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../../../src/formats";
import { registerLayers } from "../../../src/formats/tfjs/layers/more-layers";
import { shapeOf } from "../../../src/graph/queries";
import { prepare } from "../../../src/passes/prepare";
import { randoms, relativeError } from "../../support/numbers";
import { computeGraph, predict, savedLayersModel } from "../../support/tfjs";

registerLayers(tf);
beforeAll(() => tf.setBackend("cpu"));

type Value = tf.SymbolicTensor;
type Build = (x: Value) => Value;
const { layers } = tf;
type LayerClass = new (config: object) => tf.layers.Layer;
const classes = tf.serialization.SerializationMap.getMap().classNameMap;
/** A layer by Keras's name and configuration, for those that tf.layers has no function for. */
const layer = (className: string, config: object = {}) => new (classes[className] as unknown as [LayerClass])[0](config);
const one = (...list: tf.layers.Layer[]): Build => {
  return (x) => list.reduce((value, next) => next.apply(value) as Value, x);
};
/** Two branches of eight channels, joined. */
const joined =
  (join: tf.layers.Layer): Build =>
  (x) =>
    join.apply([
      one(layers.conv2d({ filters: 8, kernelSize: 1 }))(x),
      one(layers.conv2d({ filters: 8, kernelSize: 3, padding: "same" }))(x),
    ]) as Value;

const CASES: readonly [title: string, build: Build, input?: number[]][] = [
  [
    "Conv2D, same, stride 2, on an odd size",
    one(layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })),
    [9, 7, 3],
  ],
  [
    "Conv2D, same, stride 2, even kernel, on an even size",
    one(layers.conv2d({ filters: 5, kernelSize: 4, strides: 2, padding: "same" })),
    [8, 10, 3],
  ],
  ["Conv2D, valid, dilated, without bias", one(layers.conv2d({ filters: 5, kernelSize: [3, 2], dilationRate: 2, useBias: false }))],
  ["Conv2D, same, dilated", one(layers.conv2d({ filters: 5, kernelSize: 3, dilationRate: 2, padding: "same" }))],
  [
    "DepthwiseConv2D with two outputs a channel",
    one(layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: "same", activation: "relu6" })),
  ],
  ["SeparableConv2D", one(layers.separableConv2d({ kernelSize: 3, filters: 7, padding: "same", activation: "tanh" }))],
  ["Conv2DTranspose, same", one(layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: "same" }))],
  [
    "Conv2DTranspose, valid, kernel shorter than its stride",
    one(layers.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 3, padding: "valid" })),
  ],
  [
    "Conv2DTranspose, valid, kernel longer than its stride",
    one(layers.conv2dTranspose({ filters: 5, kernelSize: [5, 4], strides: [2, 1], padding: "valid", activation: "relu" })),
  ],
  ["Dense over a flattened image", one(layers.flatten(), layers.dense({ units: 6, activation: "softmax" }))],
  ["Dense over the channels of each position", one(layers.dense({ units: 6, activation: "sigmoid", useBias: false }))],
  ["BatchNormalization", one(layers.conv2d({ filters: 5, kernelSize: 3 }), layers.batchNormalization({ epsilon: 0.01 }))],
  ["BatchNormalization without scale and center", one(layers.batchNormalization({ scale: false, center: false }))],
  ["LayerNormalization", one(layers.layerNormalization({ epsilon: 1e-5 }))],
  ["LayerNormalization over all axes, without scale", one(layers.layerNormalization({ axis: [1, 2, 3], scale: false }))],
  ...[
    "elu",
    "hardSigmoid",
    "linear",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
    "swish",
    "mish",
    "gelu",
    "logSoftmax",
  ].map((activation): [string, Build] => [`Activation ${activation}`, one(layers.activation({ activation: activation as "relu" }))]),
  ["ReLU", one(layers.reLU())],
  ["ReLU with a maximum", one(layers.reLU({ maxValue: 0.75 }))],
  ["LeakyReLU", one(layers.leakyReLU({ alpha: 0.17 }))],
  ["ELU", one(layers.elu())],
  ["PReLU by channel", one(layers.prelu({ sharedAxes: [1, 2] }))],
  ["PReLU by position", one(layers.prelu())],
  ["Softmax", one(layers.softmax({ axis: -1 }))],
  ["MaxPooling2D, same", one(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }))],
  ["MaxPooling2D, valid, default stride", one(layers.maxPooling2d({ poolSize: [2, 3] }))],
  ["AveragePooling2D, same: padding does not count", one(layers.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" }))],
  ["GlobalAveragePooling2D", one(layers.globalAveragePooling2d({}))],
  ["GlobalMaxPooling2D", one(layers.globalMaxPooling2d({}))],
  [
    "ZeroPadding2D before a strided convolution",
    one(
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [2, 1],
        ],
      }),
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
    ),
  ],
  [
    "ZeroPadding2D before a pool, which sees the zeros",
    one(layers.zeroPadding2d({ padding: 1 }), layers.averagePooling2d({ poolSize: 3, strides: 2 })),
  ],
  [
    "Cropping2D",
    one(
      layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 3],
        ],
      }),
    ),
  ],
  ["UpSampling2D, nearest", one(layers.upSampling2d({ size: [2, 3] }))],
  ["UpSampling2D, bilinear", one(layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }))],
  ["Reshape with an open extent, and Permute", one(layers.reshape({ targetShape: [-1, 6] }), layers.permute({ dims: [2, 1] }))],
  ["Add", joined(layers.add())],
  ["Subtract", joined(layer("Subtract"))],
  ["Multiply", joined(layers.multiply())],
  ["Average", joined(layers.average())],
  ["Maximum", joined(layers.maximum())],
  ["Concatenate channels", joined(layers.concatenate())],
  ["Concatenate rows", joined(layers.concatenate({ axis: 1 }))],
  [
    "Multiply by a gate that broadcasts",
    (x) => {
      const gate = one(
        layers.globalAveragePooling2d({}),
        layers.reshape({ targetShape: [1, 1, 3] }),
        layers.dense({ units: 3, activation: "sigmoid" }),
      )(x);
      return layers.multiply().apply([x, gate]) as Value;
    },
  ],
  [
    "Dropout and noise do nothing",
    one(
      layers.dropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.gaussianDropout({ rate: 0.5 }),
      layers.alphaDropout({ rate: 0.5 }),
      layer("SpatialDropout2D", { rate: 0.5 }),
      layers.activation({ activation: "relu" }),
    ),
  ],
  ["Rescaling", one(layers.rescaling({ scale: 1 / 127.5, offset: -1 }), layers.conv2d({ filters: 4, kernelSize: 3 }))],
  ["Normalization", one(layer("Normalization", { axis: -1 }), layers.conv2d({ filters: 4, kernelSize: 3 }))],
  [
    "a Sequential in a functional model, called twice",
    (x) => {
      const inner = tf.sequential({
        layers: [layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", inputShape: [10, 12, 3] }), layers.reLU()],
      });
      return layers.add().apply([inner.apply(x) as Value, inner.apply(inner.apply(x) as Value) as Value]) as Value;
    },
  ],
];

/** Random weights, variances above 0. */
function randomize(model: tf.LayersModel): void {
  const names = model.weights.map(({ name }) => name);
  const values = model.getWeights().map((tensor, i) => {
    const values = randoms(tensor.size, i + 1, 0.5);
    return tf.tensor(/variance/.test(names[i] ?? "") ? values.map((v) => Math.abs(v) + 0.1) : values, tensor.shape, tensor.dtype);
  });
  model.setWeights(values);
}

async function expectSame(model: tf.LayersModel, count = 2): Promise<void> {
  randomize(model);
  const shape = model.inputs[0]?.shape.slice(1) as number[];
  const images = randoms(count * shape.reduce((a, b) => a * b, 1), 77);
  const raw = await readModel(await savedLayersModel(model));
  const expected = predict(model, images, [count, ...shape]);
  for (const graph of [raw, prepare(raw)]) {
    const made = await computeGraph(graph, images, count);
    expect(made).toHaveLength(expected.length);
    expected.forEach(({ shape: [, ...own], data }, i) => {
      expect(shapeOf(graph, graph.outputs[i] as string)).toEqual(own);
      expect(relativeError(made[i] as Float32Array, data)).toBeLessThan(1e-4);
    });
  }
}

describe("a layer has TensorFlow.js's outputs", () => {
  test.each(CASES)("%s", async (_title, build, input = [10, 12, 3]) => {
    const x = tf.input({ shape: input });
    await expectSame(tf.model({ inputs: x, outputs: build(x) }));
  });
});

test("a sequential model whose first layer is a model, as transfer learning writes it", async () => {
  const base = tf.sequential({ layers: [layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }), layers.globalAveragePooling2d({})] });
  await expectSame(tf.sequential({ layers: [base, layers.dense({ units: 3, activation: "softmax" })] }));
});

test("two outputs, in the model's order; the first is judged", async () => {
  const x = tf.input({ shape: [8, 8, 3] });
  const stem = one(layers.conv2d({ filters: 4, kernelSize: 3 }))(x);
  const [boxes, classes] = [one(layers.conv2d({ filters: 2, kernelSize: 1 }))(stem), one(layers.flatten(), layers.dense({ units: 3 }))(stem)];
  const model = tf.model({ inputs: x, outputs: [classes, boxes] });
  await expectSame(model);
  const graph = await readModel(await savedLayersModel(model));
  expect(graph.output).toBe(graph.outputs[0]);
});

describe("what is refused", () => {
  const read = async (model: tf.LayersModel) => readModel(await savedLayersModel(model));
  test("layers that the lab does not know, all at once with their counts", async () => {
    const x = tf.input({ shape: [8, 8, 3] });
    const odd = one(layer("ThresholdedReLU"), layer("ThresholdedReLU"), layers.reshape({ targetShape: [8, 24] }), layers.lstm({ units: 4 }))(x);
    await expect(read(tf.model({ inputs: x, outputs: odd }))).rejects.toThrow(
      /2 layers .*ThresholdedReLU \(2 nodes, first "threshold\w+"\), LSTM \(1 node, .* It reads Conv2D/,
    );
  });
  test("two inputs, channels first, an open size without images", async () => {
    const [a, b] = [tf.input({ shape: [8, 8, 3], name: "left" }), tf.input({ shape: [8, 8, 3], name: "right" })];
    await expect(read(tf.model({ inputs: [a, b], outputs: layers.add().apply([a, b]) as Value }))).rejects.toThrow(/takes 2 inputs \(left, right\)/);
    const first = tf.input({ shape: [3, 8, 8] });
    const turned = layers.globalAveragePooling2d({ dataFormat: "channelsFirst" }).apply(first) as Value;
    await expect(read(tf.model({ inputs: first, outputs: turned }))).rejects.toThrow(/channels first/);
    const open = tf.input({ shape: [null as unknown as number, null as unknown as number, 3] });
    const files = await savedLayersModel(tf.model({ inputs: open, outputs: one(layers.conv2d({ filters: 2, kernelSize: 3 }))(open) }));
    await expect(readModel(files)).rejects.toMatchObject({
      name: "OpenInputSize",
      message: expect.stringMatching(/leaves its size open \(\[\?, \?, \?, 3\]\)/),
    });
    const graph = await readModel(files, { inputSize: [9, 11] });
    expect(shapeOf(graph, graph.output)).toEqual([7, 9, 2]);
  });
});
