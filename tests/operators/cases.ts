/** Operators besides convolutions and pools, with what tfjs makes of the same numbers. */
import * as tf from "@tensorflow/tfjs";
import type { UnaryFunction } from "../../src/base/unary";
import type { Interpolation, Operation, Shape, Tensor } from "../../src/graph/types";
import { randoms } from "../support/numbers";
import type { OperatorCase } from "./harness";

const tensor = (shape: Shape, seed: number): Tensor => ({
  shape,
  data: randoms(
    shape.reduce((p, q) => p * q, 1),
    seed,
  ),
});
const asTf = ({ shape, data }: Tensor) => tf.tensor(data, [...shape]);
const wide = (value: number) => 4 * value;
const positive = (value: number) => Math.abs(value) + 0.1;

function unary(fn: UnaryFunction, oracle: (x: tf.Tensor) => tf.Tensor, of = wide): OperatorCase {
  return { name: `${fn.fn}${fn.alpha === undefined ? "" : ` ${fn.alpha}`}`, operation: { op: "unary", ...fn }, inputs: [[5, 7, 3]], oracle, of };
}

/** erf by its series, which autodiff can follow. */
function erf(x: tf.Tensor): tf.Tensor {
  return tf.erf(x);
}

/** Rounded half to even, with the gradient passed on. */
const straightThrough = tf.customGrad((x) => ({ value: tf.round(x as tf.Tensor), gradFunc: (dy) => dy })) as (x: tf.Tensor) => tf.Tensor;

const sigmoid = (x: tf.Tensor) => tf.sigmoid(x);
const UNARY: OperatorCase[] = [
  unary({ fn: "sigmoid" }, sigmoid),
  unary({ fn: "hardSigmoid", alpha: 0.2, beta: 0.5 }, (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1)),
  unary({ fn: "hardSwish" }, (x) => tf.mul(x, tf.clipByValue(tf.add(tf.div(x, 6), 0.5), 0, 1))),
  unary({ fn: "silu" }, (x) => tf.mul(x, tf.sigmoid(x))),
  unary({ fn: "gelu" }, (x) => tf.mul(tf.mul(x, 0.5), tf.add(erf(tf.mul(x, Math.SQRT1_2)), 1))),
  unary({ fn: "geluTanh" }, (x) =>
    tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(tf.mul(x, tf.square(x)), 0.044715)))), 1)),
  ),
  unary({ fn: "tanh" }, (x) => tf.tanh(x)),
  unary({ fn: "leakyRelu", alpha: 0.1 }, (x) => tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), 0.1))),
  unary({ fn: "elu", alpha: 1 }, (x) => tf.elu(x)),
  unary({ fn: "softplus" }, (x) => tf.softplus(x)),
  unary({ fn: "mish" }, (x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  unary({ fn: "erf" }, erf),
  unary({ fn: "exp" }, (x) => tf.exp(x)),
  unary({ fn: "log" }, (x) => tf.log(x), positive),
  unary({ fn: "power", alpha: 0.5, beta: 0.25 }, (x) => tf.sqrt(tf.add(x, 0.25)), positive),
  unary({ fn: "power", alpha: -0.5 }, (x) => tf.rsqrt(x), positive),
  unary(
    { fn: "power", alpha: -1 },
    (x) => tf.div(1, x),
    (value) => Math.sign(value) * positive(value),
  ),
  unary({ fn: "power", alpha: -0.75, beta: 1 }, (x) => tf.pow(tf.add(x, 1), -0.75), positive),
  unary({ fn: "abs" }, (x) => tf.abs(x)),
  unary({ fn: "round" }, straightThrough, (value) => Math.round(8 * value) / 2),
];

const slope = tensor([3], 4);
const [plane, row] = [tensor([5, 7, 1], 6), tensor([1, 7, 3], 7)];
const [gamma, beta] = [tensor([6], 8), tensor([6], 9)];
const inner = { scale: tensor([4, 6], 10), shift: tensor([4, 6], 11) };

/** Standardized over some axes. */
function standard(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)));
}

function grouped(x: tf.Tensor, groups: number): tf.Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const split = tf.reshape(x, [n, h * w, groups, c / groups]);
  return tf.reshape(standard(split, [1, 3], 1e-5), [n, h, w, c]);
}

const normalizing: OperatorCase[] = [
  {
    name: "layer normalization of the channels",
    operation: { op: "layerNorm", axes: 1, epsilon: 1e-5, scale: gamma, shift: beta },
    inputs: [[4, 5, 6]],
    oracle: (x) => tf.add(tf.mul(standard(x, [3], 1e-5), asTf(gamma)), asTf(beta)),
  },
  {
    name: "layer normalization of two axes without a shift",
    operation: { op: "layerNorm", axes: 2, epsilon: 1e-3, scale: inner.scale, shift: null },
    inputs: [[5, 4, 6]],
    oracle: (x) => tf.mul(standard(x, [2, 3], 1e-3), asTf(inner.scale)),
  },
  {
    name: "layer normalization without parameters",
    operation: { op: "layerNorm", axes: 1, epsilon: 1e-5, scale: null, shift: null },
    inputs: [[9, 8]],
    oracle: (x) => standard(x, [2], 1e-5),
  },
  ...[1, 3, 6].map(
    (groups): OperatorCase => ({
      name: `group normalization in ${groups} groups`,
      operation: { op: "groupNorm", groups, epsilon: 1e-5, scale: gamma, shift: beta },
      inputs: [[4, 5, 6]],
      oracle: (x) => tf.add(tf.mul(grouped(x, groups), asTf(gamma)), asTf(beta)),
    }),
  ),
  {
    name: "local response normalization",
    operation: { op: "localResponseNorm", size: 5, alpha: 0.5, beta: 0.75, bias: 2 },
    inputs: [[3, 4, 9]],
    oracle: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 2, 0.1, 0.75),
  },
];

const joining: OperatorCase[] = [
  {
    name: "a gate by channel",
    operation: { op: "mul" },
    inputs: [
      [5, 7, 3],
      [1, 1, 3],
    ],
    oracle: (a, b) => tf.mul(a as tf.Tensor, b as tf.Tensor),
  },
  {
    name: "a gate by position",
    operation: { op: "mul" },
    inputs: [
      [5, 7, 4],
      [5, 7, 1],
    ],
    oracle: (a, b) => tf.mul(a as tf.Tensor, b as tf.Tensor),
  },
  {
    name: "both factors repeated",
    operation: { op: "mul" },
    inputs: [
      [5, 1, 4],
      [1, 7, 4],
    ],
    oracle: (a, b) => tf.mul(a as tf.Tensor, b as tf.Tensor),
  },
  { name: "product with a constant", operation: { op: "mul", operand: plane }, inputs: [[5, 7, 3]], oracle: (x) => tf.mul(x, asTf(plane)) },
  {
    name: "sum with broadcasting",
    operation: { op: "add" },
    inputs: [
      [5, 7, 4],
      [1, 1, 4],
    ],
    oracle: (a, b) => tf.add(a as tf.Tensor, b as tf.Tensor),
  },
  { name: "sum with a constant", operation: { op: "add", operand: row }, inputs: [[5, 7, 3]], oracle: (x) => tf.add(x, asTf(row)) },
  {
    name: "matrix product",
    operation: { op: "matMul" },
    inputs: [
      [2, 5, 6],
      [2, 6, 4],
    ],
    oracle: (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
  },
  { name: "PReLU", operation: { op: "prelu", slope }, inputs: [[5, 7, 3]], oracle: (x) => tf.prelu(x, asTf(slope)) },
  {
    name: "concatenation of rows",
    operation: { op: "concat", axis: 0 },
    inputs: [
      [2, 3, 4],
      [3, 3, 4],
    ],
    oracle: (a, b) => tf.concat([a as tf.Tensor, b as tf.Tensor], 1),
  },
  { name: "logarithm of softmax", operation: { op: "softmax", log: true }, inputs: [[4, 7]], oracle: (x) => tf.logSoftmax(x), of: wide },
];

const moving: OperatorCase[] = [
  {
    name: "mean over height",
    operation: { op: "reduce", kind: "mean", axes: [0], keepDims: true },
    inputs: [[5, 4, 3]],
    oracle: (x) => tf.mean(x, [1], true),
  },
  {
    name: "sum over channels and width",
    operation: { op: "reduce", kind: "sum", axes: [1, 2], keepDims: false },
    inputs: [[5, 4, 3]],
    oracle: (x) => tf.sum(x, [2, 3]),
  },
  {
    name: "maximum over channels",
    operation: { op: "reduce", kind: "max", axes: [2], keepDims: true },
    inputs: [[5, 4, 3]],
    oracle: (x) => tf.max(x, [3], true),
  },
  { name: "repetition", operation: { op: "broadcast", shape: [5, 4, 3] }, inputs: [[1, 4, 1]], oracle: (x) => tf.tile(x, [1, 5, 1, 3]) },
  {
    name: "channel shuffle",
    operation: { op: "transpose", perm: [0, 1, 3, 2] },
    inputs: [[3, 4, 2, 5]],
    oracle: (x) => tf.transpose(x, [0, 1, 2, 4, 3]),
  },
  {
    name: "a transpose of five axes",
    operation: { op: "transpose", perm: [2, 4, 1, 0, 3] },
    inputs: [[2, 3, 4, 2, 3]],
    oracle: (x) => tf.transpose(x, [0, 3, 5, 2, 1, 4]),
  },
  { name: "reshape", operation: { op: "reshape", shape: [6, 10] }, inputs: [[5, 4, 3]], oracle: (x) => tf.reshape(x, [x.shape[0] as number, 6, 10]) },
  {
    name: "entries of an axis",
    operation: { op: "gather", axis: 1, indices: [3, 0, 0, 2] },
    inputs: [[3, 4, 5]],
    oracle: (x) => tf.gather(x, [3, 0, 0, 2], 2),
  },
  {
    name: "reflected padding",
    operation: { op: "pad", before: [2, 1, 0], after: [0, 3, 0], value: 0, mode: "reflect" },
    inputs: [[4, 5, 3]],
    // tfjs has no gradient for mirrorPad: the same entries are gathered.
    oracle: (x) => tf.gather(tf.gather(x, [2, 1, 0, 1, 2, 3], 1), [1, 0, 1, 2, 3, 4, 3, 2, 1], 2),
  },
  {
    name: "repeated border",
    operation: { op: "pad", before: [1, 0, 0], after: [0, 2, 0], value: 0, mode: "edge" },
    inputs: [[4, 5, 3]],
    oracle: (x) => tf.gather(tf.gather(x, [0, 0, 1, 2, 3], 1), [0, 1, 2, 3, 4, 4, 4], 2),
  },
  {
    name: "zeros between pixels",
    operation: { op: "dilate", strides: [2, 3] },
    inputs: [[3, 4, 2]],
    oracle(x) {
      const [n, h, w, c] = x.shape as [number, number, number, number];
      const spread = tf.pad(tf.reshape(x, [n, h, 1, w, 1, c]), [
        [0, 0],
        [0, 0],
        [0, 1],
        [0, 0],
        [0, 2],
        [0, 0],
      ]);
      return tf.slice(tf.reshape(spread, [n, h * 2, w * 3, c]), [0, 0, 0, 0], [n, h * 2 - 1, w * 3 - 2, c]);
    },
  },
];

function resized(name: string, change: Partial<Interpolation>, oracle: (x: tf.Tensor4D) => tf.Tensor): OperatorCase {
  const size = [7, 9] as const;
  const operation: Operation = {
    ...{ op: "resize", size, scales: [7 / 5, 9 / 5], mode: "linear", coordinates: "half_pixel" },
    ...{ rounding: "round_prefer_floor", cubic: -0.75, excludeOutside: false },
    ...change,
  } as Operation;
  return { name: `resize, ${name}`, operation, inputs: [[5, 5, 3]], oracle: (x) => oracle(x as tf.Tensor4D) };
}

const resizing: OperatorCase[] = [
  // tfjs's own gradient knows no half-pixel centres and takes squares only; for nearest the entries are gathered.
  resized("linear, corners aligned", { coordinates: "align_corners" }, (x) => tf.image.resizeBilinear(x, [7, 9], true)),
  resized("linear, asymmetric", { coordinates: "asymmetric" }, (x) => tf.image.resizeBilinear(x, [7, 9])),
  resized("nearest, asymmetric, rounded down", { mode: "nearest", coordinates: "asymmetric", rounding: "floor" }, (x) =>
    tf.gather(tf.gather(x, [0, 0, 1, 2, 2, 3, 4], 1), [0, 0, 1, 1, 2, 2, 3, 3, 4], 2),
  ),
];

export const CASES: readonly OperatorCase[] = [...UNARY, ...normalizing, ...joining, ...moving, ...resizing];
