import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { readModel } from "../../src/formats";
import { isLayer } from "../../src/graph/types";
import { onnxBytes } from "../support/onnx/file";
import { readOnnx } from "../support/onnx/read";
import { sharedBytes, sharedTest } from "../support/shared";

describe("real networks are read", () => {
  const corpus: [file: string, layers: number, input: number[], output: number[]][] = [
    ["resnet20-cifar10/resnet20.onnx", 20, [32, 32, 3], [10]],
    ["resnet20-cifar10/resnet20_folded.onnx", 20, [32, 32, 3], [10]],
    ["mobilenetv2-1.0-imagenet/mobilenetv2-1.0-imagenet-fp32.onnx", 53, [224, 224, 3], [1000]],
    ["squeezenet1.1-imagenet/squeezenet1.1-imagenet-fp32.onnx", 26, [224, 224, 3], [1000]],
    ["mlperf-tiny-resnet8-cifar10/resnet8-cifar10-bn-fp32.onnx", 10, [32, 32, 3], [10]],
    ["lenet-mnist/lenet-mnist-fp32.onnx", 4, [28, 28, 1], [10]],
    ["cntk-mnist-onnx/opt-mnist.onnx", 3, [28, 28, 1], [10]],
    ["yolox-nano-coco/yolox_nano.onnx", 113, [416, 416, 3], [3549, 85]],
    ["retinaface-mobilenet0.25/retinaface-mobilenet0.25-320-bn.onnx", 56, [320, 320, 3], [4200, 2]],
    ["ultraface-rfb320/version-RFB-320_without_postprocessing.onnx", 52, [240, 320, 3], [4420, 2]],
  ];
  for (const [file, layers, input, output] of corpus)
    sharedTest(file, () => {
      const graph = readOnnx(sharedBytes(`models/${file}`), file);
      expect(graph.nodes.filter(isLayer)).toHaveLength(layers);
      expect(graph.shapes.get(graph.input)).toEqual(input);
      expect(graph.shapes.get(graph.output)).toEqual(output);
    });
});

describe("what cannot be read is refused by name", () => {
  const networkOf = (...nodes: [op: string, name: string, inputs: string[], output: string][]): Uint8Array =>
    onnxBytes({
      opset: 17,
      input: { name: "x", dims: ["N", 3, 4, 4] },
      output: { name: "y", dims: ["N", 3, 4, 4] },
      nodes: nodes.map(([op, name, inputs, output]) => ({ op, name, inputs, output, attributes: {} })),
      initializers: new Map(),
    });

  test("all operators that are not known at once, with how many nodes have them", () => {
    const bytes = networkOf(["GridSample", "warp", ["x"], "a"], ["Relu", "act", ["a"], "b"], ["Det", "d1", ["b"], "c"], ["Det", "d2", ["c"], "y"]);
    expect(() => readOnnx(bytes, "net.onnx")).toThrow(
      /net\.onnx \(opset 17\) uses 2 operators that the lab does not support: GridSample \(1 node, first "warp"\), Det \(2 nodes, first "d1"\)/,
    );
  });

  test("a value that nobody makes, an output that is never computed", () => {
    expect(() => readOnnx(networkOf(["Relu", "act", ["missing"], "y"]), "net.onnx")).toThrow(
      /Node "act".*reads "missing", which the file does not define/,
    );
    expect(() => readOnnx(networkOf(["Relu", "act", ["x"], "z"]), "net.onnx")).toThrow(/Output "y".*is never computed/);
  });

  sharedTest("an ONNX file that breaks off, at many places", () => {
    const bytes = sharedBytes("models/resnet20-cifar10/resnet20.onnx");
    for (const share of [0.001, 0.1, 0.3, 0.5, 0.9, 0.999])
      expect(() => readOnnx(bytes.subarray(0, Math.floor(bytes.length * share)), "cut.onnx"), `${share}`).toThrow(
        /cut\.onnx .*(breaks off|truncated)/s,
      );
  });

  test("a PyTorch checkpoint, an HDF5 file, an empty file and noise", async () => {
    const read = (bytes: Uint8Array, path: string) => readModel([{ path, bytes }]);
    await expect(read(Uint8Array.of(0x80, 2, 0x8a, 0x0a), "net.pth")).rejects.toThrow(/net\.pth is a PyTorch checkpoint.*torch\.onnx\.export/);
    await expect(read(zipSync({ "archive/data.pkl": Uint8Array.of(1) }), "net.pt")).rejects.toThrow(/PyTorch checkpoint/);
    await expect(read(Uint8Array.of(0x89, 0x48, 0x44, 0x46), "net.h5")).rejects.toThrow(/HDF5/);
    await expect(read(new Uint8Array(0), "net.onnx")).rejects.toThrow(/net\.onnx is empty/);
    await expect(read(new TextEncoder().encode("hello world"), "net.onnx")).rejects.toThrow(/damaged/);
    await expect(read(new TextEncoder().encode("hello world"), "notes.txt")).rejects.toThrow(/expected an ONNX file/);
  });
});
