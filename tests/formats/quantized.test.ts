/**
 * Quantized files whose integers are read by another scale than they were made with, moved, cast or given out: the lab's
 * outputs are onnxruntime's, or the file is refused. What cannot be said of real numbers is never taken as the same.
 */
import { create } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, type NodeProto, type TensorProto, ValueInfoProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { floatTensor, int64Tensor, modelBytes, nodeProto, tensorProto, valueProto } from "../../src/export/onnx/proto";
import { randoms } from "../support/numbers";
import { readOnnx } from "../support/onnx/read";
import { differences, engineOutputs, openSession } from "../support/onnx/runtime";

const SHAPE = [3, 6, 6] as const;
const scalar = (name: string, value: number) => floatTensor(name, [], Float32Array.of(value));
const byte = (name: string, value: number) => tensorProto(name, [], DataType.UINT8, Uint8Array.of(value));
const signed = (name: string, value: number) => tensorProto(name, [], DataType.INT8, Int8Array.of(value));
const SHARED: readonly TensorProto[] = [
  scalar("s", 0.03125),
  byte("z", 100),
  scalar("s2", 0.05),
  byte("z2", 120),
  scalar("ws", 0.02),
  signed("wz", 3),
  tensorProto(
    "w",
    [4, 3, 3, 3],
    DataType.INT8,
    Int8Array.from({ length: 108 }, (_, i) => ((i * 37) % 200) - 100),
  ),
  floatTensor("real", [4, 3, 3, 3], randoms(108, 3)),
  int64Tensor("shape", [1, 3, 36]),
];
const node = (op: string, inputs: string, output: string, attributes = {}): NodeProto =>
  nodeProto(`${op}_${output}`, op, inputs.split(" "), output, attributes);
const quantize = node("QuantizeLinear", "image s z", "q");

function file(nodes: readonly NodeProto[], opset = 17): Uint8Array {
  const used = new Set(nodes.flatMap(({ input }) => input));
  return modelBytes({
    ...{ name: "quantized", opset, nodes, metadata: {} },
    initializers: SHARED.filter(({ name }) => used.has(name)),
    inputs: [valueProto("image", SHAPE)],
    outputs: [create(ValueInfoProtoSchema, { name: "y" })],
  });
}

const RIGHT: Readonly<Record<string, readonly NodeProto[]>> = {
  "the same scale": [quantize, node("DequantizeLinear", "q s z", "y")],
  "another scale": [quantize, node("DequantizeLinear", "q s2 z", "y")],
  "another zero point": [quantize, node("DequantizeLinear", "q s z2", "y")],
  "another scale, without a zero point": [quantize, node("DequantizeLinear", "q s2", "y")],
  "moved integers": [
    quantize,
    node("MaxPool", "q", "pooled", { kernel_shape: [2, 2], strides: [2, 2] }),
    node("Transpose", "pooled", "turned", { perm: [0, 1, 3, 2] }),
    node("Concat", "turned pooled", "both", { axis: 1 }),
    node("DequantizeLinear", "both s2 z2", "y"),
  ],
  "integers cast to real numbers": [quantize, node("Cast", "q", "y", { to: DataType.FLOAT })],
  "a convolution that reads integers by another scale": [
    quantize,
    node("QLinearConv", "q s2 z2 w ws wz s z", "c", { kernel_shape: [3, 3] }),
    node("DequantizeLinear", "c s z", "y"),
  ],
  "a kernel that is quantized in the file, as PyTorch writes it": [
    quantize,
    node("DequantizeLinear", "q s z", "x"),
    node("QuantizeLinear", "real ws wz", "wq"),
    node("DequantizeLinear", "wq ws wz", "wr"),
    node("Conv", "x wr", "y", { kernel_shape: [3, 3] }),
  ],
  "rounding by itself": [node("Div", "image s", "d"), node("Round", "d", "r"), node("Clip", "r", "c"), node("Mul", "c s", "y")],
};

const REFUSED: Readonly<Record<string, [nodes: readonly NodeProto[], message: RegExp]>> = {
  "integers of two scales joined": [
    [
      quantize,
      node("QuantizeLinear", "image s2 z", "other"),
      node("Concat", "q other", "both", { axis: 1 }),
      node("DequantizeLinear", "both s z", "y"),
    ],
    /Concat_both.*joins integers of different scales or zero points/,
  ],
  "integers beside real numbers": [[quantize, node("Concat", "q image", "y", { axis: 1 })], /joins integers of different scales/],
  "arithmetic with integers": [[quantize, node("Relu", "q", "y")], /Relu_y.*computes with quantized integers/],
  "a QuantizeLinear that is missing": [
    [node("DequantizeLinear", "image s z", "y")],
    /"image" is of real numbers; a QuantizeLinear before it is missing/,
  ],
  "quantized twice": [[quantize, node("QuantizeLinear", "q s z", "y")], /quantizes what is integers already/],
  "a type without integers": [
    [nodeProto("q", "QuantizeLinear", ["image", "s"], "q", { output_dtype: 17 }), node("DequantizeLinear", "q s", "y")],
    /type that is no integer/,
  ],
};

describe("integers of quantized files", () => {
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(1);
  });
  afterAll(() => device.dispose());
  const images = { dims: [2, ...SHAPE], data: randoms(2 * 108, 5).map((value) => 2 * value) };

  test.each(Object.entries(RIGHT))("%s: onnxruntime's numbers", async (_title, nodes) => {
    const bytes = file(nodes);
    const session = await openSession([{ path: "a.onnx", bytes }]);
    const expected = await session.run(images);
    await session.dispose();
    const graph = readOnnx(bytes, "a.onnx");
    for (const difference of differences(await engineOutputs(device, graph, images), expected)) expect(difference).toBeLessThan(1e-5);
  });

  test("integers that the file gives out are integers", async () => {
    const graph = readOnnx(file([node("QuantizeLinear", "image s z", "y")]), "a.onnx");
    const [made] = await engineOutputs(device, graph, images);
    const expected = images.data.map((value) => Math.min(255, Math.max(0, Math.round(value / 0.03125) + 100)));
    for (const [i, value] of (made?.data ?? []).entries()) expect(value).toBeCloseTo(expected[i] as number, 3);
  });

  test.each(Object.entries(REFUSED))("%s: refused", (_title, [nodes, message]) => {
    expect(() => readOnnx(file(nodes, 21), "a.onnx")).toThrow(message);
  });
});
