/** Each operator of the graph, alone and in the places that writers treat in their own way; exports are tested on them. */
import { UNARY_FUNCTIONS } from "../../src/base/unary";
import type { GraphBuilder } from "../../src/graph/builder";
import { type Interpolation, type Operation, type OperationName, type Shape, sizeOf, type Tensor } from "../../src/graph/types";
import { randoms } from "./numbers";

const tensor = (shape: Shape, seed: number): Tensor => ({ shape, data: randoms(sizeOf(shape), seed) });
const same = [1, 1, 1, 1] as const;
const none = [0, 0, 0, 0] as const;

export interface OperatorCase {
  readonly name: string;
  readonly input: Shape;
  /** Appends nodes to the input; returns the output. */
  readonly build: (b: GraphBuilder) => string;
  /** Numbers of the input, if not any. */
  readonly positive?: boolean;
}

const one = (name: string, input: Shape, operation: Operation, positive = false): OperatorCase => ({
  name: `${operation.op}: ${name}`,
  input,
  build: (b) => b.add("node", operation, ["x"]),
  positive,
});

const conv = (
  kernel: Shape,
  {
    strides = [1, 1],
    dilations = [1, 1],
    pads = none,
    groups = 1,
    bias = true,
  }: Partial<Omit<Extract<Operation, { op: "conv2d" }>, "bias" | "op" | "kernel">> & { bias?: boolean },
): Operation => ({ op: "conv2d", kernel: tensor(kernel, 1), bias: bias ? tensor([kernel[3] as number], 2) : null, strides, dilations, pads, groups });

const window = (
  kernel: [number, number],
  strides: [number, number],
  pads: readonly [number, number, number, number] = none,
  dilations: [number, number] = [1, 1],
) => ({ kernel, strides, pads, dilations });

const resize = (change: Partial<Interpolation>): Operation => ({
  ...{
    op: "resize",
    size: [6, 10],
    scales: [2, 2],
    mode: "nearest",
    coordinates: "asymmetric",
    rounding: "floor",
    cubic: -0.75,
    excludeOutside: false,
  },
  ...change,
});

/** After a transposition, so that the value lies in our order. */
const turned = (then: Operation): OperatorCase => ({
  name: `${then.op} of a transposed value`,
  input: [4, 5, 6],
  build: (b) => b.add("node", then, [b.add("turn", { op: "transpose", perm: [2, 0, 1] }, ["x"])]),
});

export const OPERATOR_CASES: readonly OperatorCase[] = [
  one("padded, strided", [7, 6, 4], conv([3, 3, 4, 5], { pads: [1, 0, 2, 1], strides: [2, 1] })),
  one("grouped, dilated, no bias", [7, 7, 4], conv([3, 3, 2, 6], { groups: 2, dilations: [2, 1], pads: same, bias: false })),
  one("depthwise, twice the channels", [7, 6, 3], conv([3, 3, 1, 6], { groups: 3, pads: same, strides: [2, 2] })),
  one("depthwise, dilated", [9, 8, 3], conv([3, 3, 1, 3], { groups: 3, dilations: [2, 2], pads: [2, 2, 2, 2], bias: false })),
  one("padded at the end", [8, 8, 3], conv([3, 3, 3, 4], { pads: [0, 1, 0, 1], strides: [2, 2] })),
  one("of a vector", [6], { op: "linear", kernel: tensor([6, 5], 1), bias: tensor([5], 2) }),
  one("of an image", [2, 3, 6], { op: "linear", kernel: tensor([6, 5], 1), bias: tensor([5], 2) }),
  one("of a row of vectors, no bias", [3, 6], { op: "linear", kernel: tensor([6, 5], 1), bias: null }),
  one("image", [3, 4, 5], { op: "affine", scale: tensor([5], 1), shift: tensor([5], 2) }),
  one("vector", [5], { op: "affine", scale: tensor([5], 1), shift: tensor([5], 2) }),
  one("both sides", [3, 4, 5], { op: "clamp", low: -0.5, high: 0.3 }),
  one("ReLU", [5], { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }),
  one("below", [5], { op: "clamp", low: Number.NEGATIVE_INFINITY, high: 0.1 }),
  ...UNARY_FUNCTIONS.map((fn) =>
    one(
      fn,
      [3, 4, 5],
      {
        op: "unary",
        fn,
        ...(["hardSigmoid", "leakyRelu", "elu", "power"].includes(fn) ? { alpha: 0.3 } : {}),
        ...(["hardSigmoid", "power"].includes(fn) ? { beta: 0.4 } : {}),
      },
      ["log", "power"].includes(fn),
    ),
  ),
  one("image", [3, 4, 5], { op: "prelu", slope: tensor([5], 1) }),
  one("vector", [5], { op: "prelu", slope: tensor([5], 1) }),
  one("4 bit", [3, 4, 5], { op: "fakeQuantize", scale: 0.1, zero: 5, levels: 16 }),
  one("8 bit", [3, 4, 5], { op: "fakeQuantize", scale: 0.01, zero: 128, levels: 256 }),
  one("a range without 0", [3, 4, 5], { op: "fakeQuantize", scale: 0.1, zero: -2, levels: 8 }),
  one("a constant image", [3, 4, 5], { op: "add", operand: tensor([3, 4, 5], 1) }),
  one("a constant column", [3, 4, 5], { op: "add", operand: tensor([4, 1], 1) }),
  one("a constant of more axes", [4, 5], { op: "add", operand: tensor([3, 1, 5], 1) }),
  one("a constant by channel", [3, 4, 5], { op: "mul", operand: tensor([5], 1) }),
  one("a constant number", [3, 4, 5], { op: "mul", operand: tensor([], 1) }),
  { name: "add: of itself", input: [3, 4, 5], build: (b) => b.add("node", { op: "add" }, ["x", "x"]) },
  {
    name: "mul: a squeeze-excite's gate, once kept as an image and once a vector",
    input: [3, 4, 5],
    build: (b) => {
      const gate = b.add("pool", { op: "globalAveragePool", keepDims: true }, ["x"]);
      const vector = b.add("vector", { op: "globalAveragePool", keepDims: false }, ["x"]);
      return b.add("node", { op: "mul" }, [b.add("gated", { op: "mul" }, ["x", gate]), vector]);
    },
  },
  {
    name: "mul: of a row by channel, and an image",
    input: [3, 4, 5],
    build: (b) => b.add("node", { op: "mul" }, [b.add("rows", { op: "reduce", kind: "sum", axes: [0], keepDims: false }, ["x"]), "x"]),
  },
  {
    name: "matMul: attention",
    input: [2, 6, 4],
    build: (b) => b.add("node", { op: "matMul" }, ["x", b.add("turn", { op: "transpose", perm: [0, 2, 1] }, ["x"])]),
  },
  {
    name: "matMul: matrices that broadcast",
    input: [2, 4, 4],
    build: (b) => b.add("node", { op: "matMul" }, ["x", b.add("sum", { op: "reduce", kind: "sum", axes: [0], keepDims: false }, ["x"])]),
  },
  ...[undefined, 0, 1].map(
    (axis): OperatorCase => ({
      name: `concat: axis ${axis ?? "last"}`,
      input: [3, 4, 5],
      build: (b) =>
        b.add("node", { op: "concat", ...(axis === undefined ? {} : { axis }) }, ["x", b.add("relu", { op: "clamp", low: 0, high: 9 }, ["x"])]),
    }),
  ),
  {
    name: "concat: vectors",
    input: [5],
    build: (b) => b.add("node", { op: "concat" }, ["x", b.add("relu", { op: "clamp", low: 0, high: 9 }, ["x"])]),
  },
  one("padded", [7, 7, 3], { op: "maxPool", ceil: false, ...window([3, 3], [2, 2], same) }),
  one("padded at the end", [8, 8, 3], { op: "maxPool", ceil: false, ...window([3, 3], [2, 2], [0, 1, 0, 1]) }),
  one("padded before", [8, 8, 3], { op: "maxPool", ceil: false, ...window([3, 3], [2, 2], [1, 0, 1, 0]) }),
  one("ceil", [8, 7, 3], { op: "maxPool", ceil: true, ...window([3, 2], [2, 2]) }),
  one("dilated", [8, 7, 3], { op: "maxPool", ceil: false, ...window([3, 2], [2, 1], none, [2, 2]) }),
  one("padding not counted", [7, 7, 3], { op: "averagePool", ceil: false, includePad: false, ...window([3, 3], [2, 2], same) }),
  one("padding not counted, more before than after", [8, 7, 3], {
    op: "averagePool",
    ceil: false,
    includePad: false,
    ...window([3, 3], [1, 2], [2, 0, 1, 1]),
  }),
  one("padding counted", [7, 7, 3], { op: "averagePool", ceil: false, includePad: true, ...window([3, 3], [2, 2], same) }),
  one("ceil", [8, 8, 3], { op: "averagePool", ceil: true, includePad: false, ...window([3, 3], [2, 2]) }),
  one("dilated", [8, 8, 3], { op: "averagePool", ceil: false, includePad: false, ...window([2, 2], [1, 1], none, [2, 3]) }),
  one("kept", [3, 4, 5], { op: "globalAveragePool", keepDims: true }),
  one("not kept", [3, 4, 5], { op: "globalAveragePool", keepDims: false }),
  ...(["mean", "sum", "max"] as const).flatMap((kind) =>
    [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]].flatMap((axes) =>
      [true, false].map((keepDims) => one(`${kind} over ${axes}${keepDims ? ", kept" : ""}`, [3, 4, 5], { op: "reduce", kind, axes, keepDims })),
    ),
  ),
  one("of two axes", [4, 5], { op: "reduce", kind: "mean", axes: [0], keepDims: false }),
  one("over channels", [3, 4, 5], { op: "layerNorm", axes: 1, epsilon: 1e-3, scale: tensor([5], 1), shift: tensor([5], 2) }),
  one("over all, without shift", [3, 4, 5], { op: "layerNorm", axes: 3, epsilon: 1e-5, scale: tensor([3, 4, 5], 1), shift: null }),
  one("groups", [3, 4, 6], { op: "groupNorm", groups: 2, epsilon: 1e-3, scale: tensor([6], 1), shift: tensor([6], 2) }),
  one("instance", [3, 4, 6], { op: "groupNorm", groups: 6, epsilon: 1e-3, scale: tensor([6], 1), shift: tensor([6], 2) }),
  one("of a row", [7, 6], { op: "groupNorm", groups: 2, epsilon: 1e-3, scale: tensor([6], 1), shift: tensor([6], 2) }),
  one("5 channels", [3, 4, 7], { op: "localResponseNorm", size: 5, alpha: 0.5, beta: 0.75, bias: 2 }),
  one("of a row", [4, 7], { op: "localResponseNorm", size: 3, alpha: 0.5, beta: 0.75, bias: 1 }),
  one("chw", [3, 4, 5], { op: "flatten", order: "chw" }),
  one("hwc", [3, 4, 5], { op: "flatten", order: "hwc" }),
  one("of a row", [4, 5], { op: "flatten", order: "chw" }),
  one("to four axes", [3, 4, 6], { op: "reshape", shape: [3, 4, 2, 3] }),
  one("to an image", [12], { op: "reshape", shape: [2, 2, 3] }),
  one("a vector to one pixel", [12], { op: "reshape", shape: [1, 1, 12] }),
  one("of one channel", [3, 4, 1], { op: "reshape", shape: [12] }),
  ...[
    [1, 0, 2],
    [2, 0, 1],
    [1, 2, 0],
    [0, 1, 2],
  ].map((perm) => one(perm.join(), [3, 4, 5], { op: "transpose", perm })),
  one("of a row", [4, 5], { op: "transpose", perm: [1, 0] }),
  {
    name: "transpose: channel shuffle",
    input: [3, 4, 6],
    build: (b) => {
      const parts = b.add("parts", { op: "reshape", shape: [3, 4, 2, 3] }, ["x"]);
      const mixed = b.add("mixed", { op: "transpose", perm: [0, 1, 3, 2] }, [parts]);
      return b.add("node", conv([1, 1, 6, 2], {}), [b.add("joined", { op: "reshape", shape: [3, 4, 6] }, [mixed])]);
    },
  },
  one("a pixel to an image", [1, 1, 5], { op: "broadcast", shape: [3, 4, 5] }),
  one("a vector to an image", [5], { op: "broadcast", shape: [3, 4, 5] }),
  ...(["constant", "reflect", "edge"] as const).map((mode) =>
    one(mode, [4, 5, 3], { op: "pad", before: [1, 2, 0], after: [2, 0, 0], value: 0.7, mode }),
  ),
  one("channels, cropped rows", [4, 5, 3], { op: "pad", before: [-1, 0, 1], after: [0, 0, 2], value: 0 }),
  one("strided", [6, 5, 4], { op: "slice", start: [1, 0, 2], size: [3, 5, 2], step: [2, 1, 1] }),
  one("backwards", [6, 5, 4], { op: "slice", start: [5, 0, 3], size: [6, 5, 2], step: [-1, 1, -2] }),
  one("everything", [6, 5], { op: "slice", start: [0, 0], size: [6, 5], step: [1, 1] }),
  ...[0, 1, 2].map((axis) => one(`axis ${axis}`, [4, 5, 6], { op: "gather", axis, indices: [2, 0, 3, 3] })),
  one("alone", [3, 4, 5], { op: "dilate", strides: [2, 3] }),
  ...(
    [
      ["PyTorch's padding 1, output padding 1", [1, 2, 1, 2], 1, [1, 1]],
      ["as many zeros as the kernel allows", [2, 2, 2, 2], 1, [1, 1]],
      ["dilated", [2, 3, 4, 3], 1, [2, 2]],
      ["more zeros than a transposed convolution can have", [3, 2, 2, 5], 1, [1, 1]],
      ["grouped", [1, 1, 1, 1], 2, [1, 1]],
    ] as const
  ).map(
    ([name, pads, groups, dilations]): OperatorCase => ({
      name: `dilate: before a convolution, ${name}`,
      input: [3, 4, 4],
      build: (b) =>
        b.add("node", conv([3, 3, 4 / groups, 6], { pads, groups, dilations }), [b.add("zeros", { op: "dilate", strides: [2, 2] }, ["x"])]),
    }),
  ),
  one("nearest, asymmetric", [3, 5, 2], resize({})),
  one("nearest, half pixel", [3, 5, 2], resize({ coordinates: "half_pixel", rounding: "round_prefer_floor" })),
  one("nearest, half pixel, ceil", [3, 5, 2], resize({ coordinates: "half_pixel", rounding: "round_prefer_ceil" })),
  one("nearest, TensorFlow's half pixel", [3, 5, 2], resize({ coordinates: "tf_half_pixel_for_nn" })),
  one("linear", [3, 5, 2], resize({ mode: "linear", coordinates: "half_pixel" })),
  one("linear to a size", [3, 5, 2], resize({ mode: "linear", coordinates: "half_pixel", size: [7, 8], scales: [7 / 3, 8 / 5] })),
  one("linear, scale rounded down", [3, 5, 2], resize({ mode: "linear", coordinates: "half_pixel", size: [7, 8], scales: [2.4, 1.7] })),
  one("linear, PyTorch's half pixel", [3, 5, 2], resize({ mode: "linear", coordinates: "pytorch_half_pixel" })),
  one("linear, corners", [3, 5, 2], resize({ mode: "linear", coordinates: "align_corners" })),
  one("linear, symmetric", [3, 5, 2], resize({ mode: "linear", coordinates: "half_pixel_symmetric", scales: [2.1, 2.1] })),
  one("cubic", [4, 5, 2], resize({ mode: "cubic", coordinates: "half_pixel", size: [8, 10] })),
  one("cubic within", [4, 5, 2], resize({ mode: "cubic", coordinates: "half_pixel", size: [8, 10], excludeOutside: true, cubic: -0.5 })),
  one("vector", [7], { op: "softmax" }),
  one("image", [3, 4, 5], { op: "softmax" }),
  one("logarithm", [3, 4, 5], { op: "softmax", log: true }),
  ...[
    { op: "softmax" } as const,
    { op: "clamp", low: 0, high: 1 } as const,
    { op: "affine", scale: tensor([5], 1), shift: tensor([5], 2) } as const,
    { op: "prelu", slope: tensor([5], 3) } as const,
    { op: "add", operand: tensor([6, 1, 5], 3) } as const,
    { op: "gather", axis: 1, indices: [1, 0] } as const,
    { op: "slice", start: [0, 1, 0], size: [6, 2, 5], step: [1, 2, 1] } as const,
    { op: "pad", before: [0, 1, 0], after: [1, 0, 2], value: 3 } as const,
    { op: "maxPool", ceil: false, ...window([2, 2], [1, 1]) } as const,
  ].map(turned),
];

const ALL: Record<OperationName, true> = {
  ...{
    conv2d: true,
    linear: true,
    affine: true,
    clamp: true,
    unary: true,
    prelu: true,
    add: true,
    mul: true,
    matMul: true,
    concat: true,
    maxPool: true,
  },
  ...{
    averagePool: true,
    globalAveragePool: true,
    reduce: true,
    layerNorm: true,
    groupNorm: true,
    localResponseNorm: true,
    flatten: true,
    reshape: true,
  },
  ...{ transpose: true, broadcast: true, pad: true, slice: true, gather: true, dilate: true, resize: true, softmax: true, fakeQuantize: true },
};

/** The names of all operators. */
export const OPERATIONS = Object.keys(ALL) as OperationName[];
