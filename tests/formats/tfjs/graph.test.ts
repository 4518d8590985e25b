/** Every operator of graph models that is read, in graphs that TensorFlow.js runs itself. */
import { describe, expect, test } from "vitest";
import { readModel } from "../../../src/formats";
import { shapeOf } from "../../../src/graph/queries";
import { type OperationName, sizeOf } from "../../../src/graph/types";
import { prepare } from "../../../src/passes/prepare";
import { randoms, relativeError } from "../../support/numbers";
import { computeGraph, computeGraphModel } from "../../support/tfjs";
import { GraphFile } from "../../support/tfjs-graph";

type Build = (g: GraphFile) => string | string[];
const window = { strides: [1, 1, 1, 1], padding: "SAME" };
const pool = { ksize: [1, 3, 2, 1], strides: [1, 2, 2, 1], padding: "SAME" };
const positive = (g: GraphFile) => g.node("AddV2", [g.node("Abs", ["image"]), g.floats([], [0.5])]);
const conv = (g: GraphFile, channels = 4) => g.node("Conv2D", ["image", g.floats([3, 3, 4, channels])], window);
const pixel = (g: GraphFile) => g.node("Mean", ["image", g.ints([1, 2])], { keep_dims: true });
const fused =
  (name: string, more: (g: GraphFile) => string[] = () => []): Build =>
  (g) =>
    g.node("_FusedConv2D", ["image", g.floats([3, 3, 4, 6]), g.floats([6]), ...more(g)], {
      ...window,
      fused_ops: ["BiasAdd", name],
      num_args: 1,
      leakyrelu_alpha: { f: 0.3 },
    });
const unary = (op: string): [string, Build] => [op, (g) => g.node(op, ["image"], { alpha: { f: 0.3 } })];
const ofPositive = (op: string): [string, Build] => [op, (g) => g.node(op, [positive(g)])];
/** An operator on two values, on a value and a constant by channel, on a constant by position and a value. */
const binary = (op: string): [string, Build] => [
  `${op} of values and constants`,
  (g) => [
    g.node(op, [conv(g), positive(g)]),
    g.node(op, [conv(g), g.floats([4], [0.5, -1, 2, 3])]),
    g.node(op, [g.floats([1, 8, 10, 4]), positive(g)]),
    g.node(op, [positive(g), g.floats([], [1.5])]),
    g.node(op, ["image", g.node("Abs", [g.node("AddV2", [pixel(g), g.floats([], [3])])])]),
  ],
];

const CASES: readonly [title: string, build: Build, shape?: number[]][] = [
  ["Conv2D, SAME, strided", (g) => g.node("Conv2D", ["image", g.floats([3, 3, 4, 5])], { strides: [1, 2, 2, 1], padding: "SAME" })],
  [
    "Conv2D, VALID, dilated",
    (g) => g.node("Conv2D", ["image", g.floats([2, 3, 4, 5])], { strides: [1, 1, 1, 1], padding: "VALID", dilations: [1, 2, 2, 1] }),
  ],
  [
    "Conv2D, EXPLICIT, after Pad",
    (g) => {
      const padded = g.node("Pad", ["image", g.pads([0, 0, 1, 2, 0, 1, 0, 0])]);
      return g.node("Conv2D", [padded, g.floats([3, 3, 4, 5])], {
        strides: [1, 2, 2, 1],
        padding: "EXPLICIT",
        explicit_paddings: [0, 0, 1, 0, 2, 1, 0, 0],
      });
    },
  ],
  [
    "_FusedConv2D, bias alone",
    (g) => g.node("_FusedConv2D", ["image", g.floats([1, 1, 4, 6]), g.floats([6])], { ...window, fused_ops: ["BiasAdd"], num_args: 1 }),
  ],
  ["_FusedConv2D, Relu", fused("Relu")],
  ["_FusedConv2D, Relu6", fused("Relu6")],
  ["_FusedConv2D, Elu", fused("Elu")],
  ["_FusedConv2D, LeakyRelu", fused("LeakyRelu")],
  ["_FusedConv2D, Sigmoid", fused("Sigmoid")],
  [
    "_FusedConv2D, Prelu",
    (g) =>
      g.node("_FusedConv2D", ["image", g.floats([3, 3, 4, 6]), g.floats([6]), g.floats([1, 1, 6])], {
        ...window,
        fused_ops: ["BiasAdd", "Prelu"],
        num_args: 2,
      }),
  ],
  [
    "DepthwiseConv2dNative with two outputs a channel",
    (g) => g.node("DepthwiseConv2dNative", ["image", g.floats([3, 3, 4, 2])], { strides: [1, 2, 2, 1], padding: "SAME" }),
  ],
  [
    "FusedDepthwiseConv2dNative",
    (g) =>
      g.node("FusedDepthwiseConv2dNative", ["image", g.floats([3, 3, 4, 1]), g.floats([4])], {
        ...window,
        fused_ops: ["BiasAdd", "Relu6"],
        num_args: 1,
      }),
  ],
  [
    "Conv2DBackpropInput, SAME, whose size comes from Shape",
    (g) => {
      const shape = g.node("Shape", ["image"]);
      const at = (i: number) => g.node("StridedSlice", [shape, g.ints([i]), g.ints([i + 1]), g.ints([1])], { shrink_axis_mask: 1, T: "DT_INT32" });
      const size = g.node(
        "Pack",
        [at(0), g.node("Mul", [at(1), g.ints(2)], { T: "DT_INT32" }), g.node("Mul", [at(2), g.ints(2)], { T: "DT_INT32" }), g.ints(5)],
        { T: "DT_INT32", axis: 0 },
      );
      return g.node("Conv2DBackpropInput", [size, g.floats([3, 3, 5, 4]), "image"], { strides: [1, 2, 2, 1], padding: "SAME" });
    },
    [1, 8, 10, 4],
  ],
  [
    "Conv2DBackpropInput, VALID",
    (g) => g.node("Conv2DBackpropInput", [g.ints([1, 17, 21, 5]), g.floats([3, 3, 5, 4]), "image"], { strides: [1, 2, 2, 1], padding: "VALID" }),
    [1, 8, 10, 4],
  ],
  [
    "SpaceToBatchND and BatchToSpaceND around a convolution",
    (g) => {
      const space = g.node("SpaceToBatchND", ["image", g.ints([2, 2]), g.pads([2, 2, 2, 2])]);
      const inner = g.node("Conv2D", [space, g.floats([3, 3, 4, 5])], { strides: [1, 1, 1, 1], padding: "VALID" });
      return g.node("BatchToSpaceND", [inner, g.ints([2, 2]), g.pads([0, 0, 0, 0])]);
    },
  ],
  [
    "MatMul and BiasAdd after Reshape",
    (g) => {
      const flat = g.node("Reshape", ["image", g.ints([-1, 320])]);
      return g.node("BiasAdd", [g.node("MatMul", [flat, g.floats([320, 7])], { transpose_b: false }), g.floats([7])]);
    },
  ],
  [
    "_FusedMatMul, matrix transposed",
    (g) =>
      g.node("_FusedMatMul", [g.node("Reshape", ["image", g.ints([-1, 320])]), g.floats([7, 320]), g.floats([7])], {
        transpose_b: true,
        fused_ops: ["BiasAdd", "Relu"],
        num_args: 1,
      }),
  ],
  [
    "MatMul over the positions, with the batch merged into them",
    (g) => {
      const rows = g.node("Reshape", ["image", g.ints([-1, 4])]);
      return g.node("Reshape", [g.node("MatMul", [rows, g.floats([4, 3])]), g.ints([-1, 8, 10, 3])]);
    },
  ],
  [
    "BatchMatMulV2 of two values",
    (g) => {
      const rows = g.node("Reshape", ["image", g.ints([-1, 80, 4])]);
      return g.node("BatchMatMulV2", [rows, rows], { adj_x: true, adj_y: false });
    },
  ],
  [
    "FusedBatchNormV3",
    (g) =>
      g.node("FusedBatchNormV3", [conv(g), g.floats([4]), g.floats([4]), g.floats([4]), g.floats([4], [1, 2, 0.5, 0.1])], { epsilon: { f: 0.002 } }),
  ],
  ["MaxPool", (g) => g.node("MaxPool", ["image"], pool)],
  ["AvgPool: padding does not count", (g) => g.node("AvgPool", ["image"], pool)],
  ...["Relu", "Relu6", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Erf", "Exp", "Abs", "Neg", "Square", "Softmax", "LogSoftmax", "LeakyRelu"].map(
    unary,
  ),
  ...["Log", "Sqrt", "Rsqrt", "Reciprocal"].map(ofPositive),
  ["Prelu", (g) => g.node("Prelu", ["image", g.floats([1, 1, 4])])],
  ["Pow", (g) => [g.node("Pow", [positive(g), g.floats([], [1.7])]), g.node("Pow", ["image", g.floats([], [2])])]],
  ...["AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference"].map(binary),
  ["AddN", (g) => g.node("AddN", ["image", positive(g), conv(g)])],
  ["ClipByValue", (g) => g.node("ClipByValue", ["image", g.floats([], [-0.4]), g.floats([], [0.9])])],
  [
    "Mean, Sum, Max, Min",
    (g) => [
      g.node("Mean", ["image", g.ints([1, 2])], { keep_dims: false }),
      g.node("Sum", ["image", g.ints([-1])], { keep_dims: true }),
      g.node("Max", ["image", g.ints([1])], { keep_dims: false }),
      g.node("Min", ["image", g.ints([2, 3])], { keep_dims: false }),
    ],
  ],
  [
    "Pad, PadV2, MirrorPad",
    (g) => [
      g.node("Pad", ["image", g.pads([0, 0, 0, 0, 0, 0, 1, 2])]),
      g.node("PadV2", ["image", g.pads([0, 0, 1, 0, 0, 2, 0, 0]), g.floats([], [3])]),
      g.node("MirrorPad", ["image", g.pads([0, 0, 2, 1, 0, 3, 0, 0])], { mode: "reflect" }),
    ],
  ],
  [
    "Transpose, there and back",
    (g) => {
      const turned = g.node("Transpose", ["image", g.ints([0, 3, 1, 2])]);
      return [turned, g.node("Transpose", [turned, g.ints([0, 2, 3, 1])])];
    },
  ],
  [
    "Squeeze and ExpandDims",
    (g) => {
      const wide = g.node("ExpandDims", ["image", g.ints(2)]);
      return [wide, g.node("Squeeze", [pixel(g)], { squeeze_dims: [1, 2] })];
    },
  ],
  [
    "ConcatV2 of values and a constant",
    (g) => [
      g.node("ConcatV2", ["image", conv(g, 3), g.ints(-1)]),
      g.node("ConcatV2", ["image", positive(g), g.ints(1)]),
      g.node("ConcatV2", ["image", g.floats([1, 8, 10, 2]), g.ints(3)]),
    ],
    [1, 8, 10, 4],
  ],
  [
    "Slice and StridedSlice",
    (g) => [
      g.node("Slice", ["image", g.ints([0, 1, 2, 0]), g.ints([-1, 5, -1, 3])]),
      g.node("StridedSlice", ["image", g.ints([0, 1, -5, 0]), g.ints([0, -1, 10, 0]), g.ints([1, 2, 2, 1])], { begin_mask: 9, end_mask: 9 }),
      g.node("StridedSlice", ["image", g.ints([0, 1]), g.ints([0, 2]), g.ints([1, 1])], { ellipsis_mask: 1, shrink_axis_mask: 2 }),
      g.node("StridedSlice", ["image", g.ints([0, 2, 0]), g.ints([0, 3, 0]), g.ints([1, 1, 1])], {
        begin_mask: 1,
        end_mask: 1,
        shrink_axis_mask: 2,
        new_axis_mask: 4,
      }),
    ],
  ],
  [
    "Split, SplitV, Unpack and Pack",
    (g) => {
      const halves = g.node("Split", [g.ints(-1), "image"], { num_split: 2 });
      const uneven = g.node("SplitV", ["image", g.ints([3, -1]), g.ints(1)], { num_split: 2 });
      const rows = g.node("Unpack", ["image"], { axis: 1, num: 8 });
      return [halves, `${halves}:1`, `${uneven}:1`, `${rows}:7`, g.node("Pack", [rows, `${rows}:3`], { axis: 3 })];
    },
  ],
  ["GatherV2", (g) => g.node("GatherV2", ["image", g.ints([3, 0, 0]), g.ints(3)], { batch_dims: 0 })],
  [
    "channels shuffled by Reshape and Transpose",
    (g) => {
      const grouped = g.node("Reshape", ["image", g.ints([-1, 8, 10, 2, 2])]);
      return g.node("Reshape", [g.node("Transpose", [grouped, g.ints([0, 1, 2, 4, 3])]), g.ints([-1, 8, 10, 4])]);
    },
  ],
  [
    "DepthToSpace, there and back",
    (g) => {
      const space = g.node("DepthToSpace", ["image"], { block_size: 2, data_format: "NHWC" });
      return g.node("Reshape", [g.node("MaxPool", [space], pool), g.ints([-1, 80])]);
    },
  ],
  ["Tile", (g) => g.node("Tile", [pixel(g), g.ints([1, 2, 3, 1])])],
  ...(["ResizeBilinear", "ResizeNearestNeighbor"] as const).map((op): [string, Build] => [
    op,
    (g) => [
      g.node(op, ["image", g.ints([16, 15])], { align_corners: true, half_pixel_centers: false }),
      g.node(op, ["image", g.ints([16, 15])], { align_corners: false, half_pixel_centers: true }),
      g.node(op, ["image", g.ints([5, 30])], { align_corners: false, half_pixel_centers: false }),
    ],
  ]),
  ["LRN", (g) => g.node("LRN", ["image"], { depth_radius: 2, bias: { f: 1.5 }, alpha: { f: 0.2 }, beta: { f: 0.75 } })],
  ["a kernel that is computed from constants", (g) => g.node("Conv2D", ["image", g.node("Mul", [g.floats([3, 3, 4, 5]), g.floats([5])])], window)],
];

async function expectSame(g: GraphFile, outputs: string[]): Promise<void> {
  const files = g.files(...outputs);
  const images = randoms(sizeOf(g.images), 77);
  const raw = await readModel(files);
  const expected = await computeGraphModel(files, images, [1, ...g.images]);
  for (const graph of [raw, prepare(raw)]) {
    const made = await computeGraph(graph, images, 1);
    expect(made).toHaveLength(expected.length);
    expected.forEach(({ shape: [, ...own], data }, i) => {
      expect(shapeOf(graph, graph.outputs[i] as string)).toEqual(own);
      expect(relativeError(made[i] as Float32Array, data)).toBeLessThan(1e-4);
    });
  }
}

describe("an operator has TensorFlow.js's outputs", () => {
  test.each(CASES)("%s", async (_title, build, shape) => {
    const g = new GraphFile(shape);
    await expectSame(g, [build(g)].flat());
  });
});

describe("arithmetic that is one function, once the network is prepared", () => {
  const operations = async (build: (g: GraphFile) => string): Promise<OperationName[]> => {
    const g = new GraphFile();
    const output = build(g);
    await expectSame(g, [output]);
    return prepare(await readModel(g.files(output))).nodes.map(({ operation }) =>
      "fn" in operation ? (operation.fn as OperationName) : operation.op,
    );
  };
  const hardSigmoid = (g: GraphFile) => g.node("Mul", [g.node("Relu6", [g.node("AddV2", ["image", g.floats([], [3])])]), g.floats([], [1 / 6])]);
  test("SiLU, hard sigmoid and hard-swish", async () => {
    expect(await operations((g) => g.node("Mul", ["image", g.node("Sigmoid", ["image"])]))).toEqual(["silu"]);
    expect(await operations(hardSigmoid)).toEqual(["hardSigmoid"]);
    expect(await operations((g) => g.node("Mul", ["image", hardSigmoid(g)]))).toEqual(["hardSwish"]);
  });
  test("a gate of one value by another stays a product", async () => {
    expect(await operations((g) => g.node("Mul", ["image", g.node("Sigmoid", [pixel(g)])]))).toEqual(["globalAveragePool", "sigmoid", "mul"]);
  });
});

describe("what is refused", () => {
  test("operators that the lab does not know, all at once with their counts", async () => {
    const g = new GraphFile();
    const odd = g.node("Cumsum", [g.node("Sin", [g.node("Sin", ["image"])]), g.ints(1)]);
    await expect(readModel(g.files(odd))).rejects.toThrow(
      /2 operators .*Sin \(2 nodes, first "Sin_1"\), Cumsum \(1 node, first "Cumsum_4"\)\. It reads Conv2D/,
    );
  });
  test("what mixes the images of a batch", async () => {
    const g = new GraphFile();
    await expect(readModel(g.files(g.node("Mean", ["image", g.ints([0])])))).rejects.toThrow(/"Mean_2" \(Mean\) of model.json works along the batch/);
  });
  test("a cycle, a node that is missing, a constant without weights, an open size", async () => {
    const cyclic = new GraphFile();
    await expect(readModel(cyclic.files(cyclic.node("AddV2", ["image", "AddV2_1"])))).rejects.toThrow(/depends on its own output/);
    const open = new GraphFile();
    await expect(readModel(open.files(open.node("Relu", ["nowhere"])))).rejects.toThrow(
      /"Relu_1" of model.json reads "nowhere", which the file does not define/,
    );
    const huge = new GraphFile();
    const filled = huge.node("Fill", [huge.ints([100_000, 100_000]), huge.floats([], [1])]);
    await expect(readModel(huge.files(huge.node("AddV2", ["image", filled])))).rejects.toThrow(/implausible size/);
    const sized = new GraphFile([-1, -1, -1, 4]);
    const files = sized.files(sized.node("Relu", ["image"]));
    await expect(readModel(files)).rejects.toMatchObject({ name: "OpenInputSize" });
    expect(shapeOf(await readModel(files, { inputSize: [6, 5] }), "image")).toEqual([6, 5, 4]);
  });
});
