/** Units are found from graphs alone: real networks, and the paper's families built here in miniature. */

import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../src/graph/builder";
import { type Graph, isLayer, type Shape } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { partition } from "../../src/passes/partition";
import { prepare } from "../../src/passes/prepare";
import type { UnitKind } from "../../src/passes/unit-kinds";
import { readOnnx } from "../support/onnx/read";
import { sharedBytes, sharedTest } from "../support/shared";

/** A small network written as calls. */
class Net {
  private readonly builder: GraphBuilder;
  private serial = 0;
  at = "input";

  constructor(shape: Shape) {
    this.builder = new GraphBuilder("test", "input", shape, shapeRule);
  }

  conv(k: number, { kernel = 3, stride = 1, groups = 1, from = this.at } = {}): string {
    const c = this.builder.shape(from)[2] as number;
    const shape = [kernel, kernel, c / groups, k];
    const data = new Float32Array(shape.reduce((p, q) => p * q)).fill(0.01);
    const half = (kernel - 1) / 2;
    this.at = this.builder.add(
      `conv${this.serial++}`,
      { op: "conv2d", strides: [stride, stride], dilations: [1, 1], pads: [half, half, half, half], groups, kernel: { shape, data }, bias: null },
      [from],
    );
    return this.at;
  }

  relu(from: string = this.at): string {
    this.at = this.builder.add(`relu${this.serial++}`, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [from]);
    return this.at;
  }

  norm(from: string = this.at): string {
    const c = this.builder.shape(from)[2] as number;
    const ones = { shape: [c], data: new Float32Array(c).fill(1) };
    this.at = this.builder.add(`norm${this.serial++}`, { op: "affine", scale: ones, shift: ones }, [from]);
    return this.at;
  }

  join(op: "add" | "concat", ...parts: string[]): string {
    this.at = this.builder.add(`${op}${this.serial++}`, { op }, parts);
    return this.at;
  }

  head(classes = 4): Graph {
    const pooled = this.builder.add("pool", { op: "globalAveragePool", keepDims: false }, [this.at]);
    const c = this.builder.shape(pooled)[0] as number;
    const kernel = { shape: [c, classes], data: new Float32Array(c * classes).fill(0.1) };
    return this.builder.build([this.builder.add("fc", { op: "linear", kernel, bias: null }, [pooled])]);
  }
}

/** Layers of each segment that has any. */
function layersBySegment(graph: Graph, kind: UnitKind): number[] {
  return partition(graph, kind)
    .filter(({ layers }) => layers.length > 0)
    .map(({ layers }) => layers.length);
}

function covers(graph: Graph, kind: UnitKind): void {
  const segments = partition(graph, kind);
  const nodes = segments.flatMap((segment) => segment.nodes);
  expect(new Set(nodes).size).toBe(graph.nodes.length);
  expect(nodes).toHaveLength(graph.nodes.length);
  const ready = new Set([graph.input]);
  for (const segment of segments) {
    for (const value of segment.inputs) expect(ready.has(value), `${segment.name} reads ${value}`).toBe(true);
    for (const node of segment.nodes) ready.add(node.output);
  }
  expect(new Set(segments.map(({ name }) => name)).size).toBe(segments.length);
}

describe("real networks", () => {
  const expected: [file: string, block: number[], stages: number[]][] = [
    ["resnet20-cifar10/resnet20.onnx", [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1], [1, 6, 6, 6, 1]],
    ["mlperf-tiny-resnet8-cifar10/resnet8-cifar10-bn-fp32.onnx", [1, 2, 3, 3, 1], [1, 2, 3, 3, 1]],
    ["squeezenet1.1-imagenet/squeezenet1.1-imagenet-fp32.onnx", [1, 3, 3, 3, 3, 3, 3, 3, 3, 1], [1, 6, 6, 12, 1]],
    [
      "mobilenetv2-1.0-imagenet/mobilenetv2-1.0-imagenet-fp32.onnx",
      [1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1],
      [1, 2, 6, 9, 21, 13, 1],
    ],
  ];
  for (const [file, blocks, stages] of expected)
    sharedTest(file, () => {
      const graph = prepare(readOnnx(sharedBytes(`models/${file}`), file));
      for (const kind of ["layer", "block", "stage", "net"] as const) covers(graph, kind);
      expect(layersBySegment(graph, "block")).toEqual(blocks);
      expect(layersBySegment(graph, "stage")).toEqual(stages);
      const layers = graph.nodes.filter(isLayer).length;
      expect(layersBySegment(graph, "layer")).toEqual(Array(layers).fill(1));
      expect(layersBySegment(graph, "net")).toEqual([1, layers - 2, 1]);
    });
});

describe("families in miniature", () => {
  test("bottleneck with and without a projection (ResNet-50, RegNetX with groups)", () => {
    const net = new Net([8, 8, 3]);
    net.conv(8);
    let x = net.relu();
    for (const project of [true, false]) {
      net.conv(8, { kernel: 1, from: x });
      net.relu();
      net.conv(8, { groups: 4 });
      net.relu();
      const main = net.conv(16, { kernel: 1 });
      net.join("add", main, project ? net.conv(16, { kernel: 1, from: x }) : x);
      x = net.relu();
    }
    const graph = net.head();
    covers(graph, "block");
    expect(layersBySegment(graph, "block")).toEqual([1, 4, 3, 1]);
  });

  test("pre-activation blocks (ResNet-v2): normalizations that cannot fold stay inside", () => {
    const net = new Net([8, 8, 3]);
    let x = net.conv(8);
    for (let i = 0; i < 2; i++) {
      net.norm(x);
      net.relu();
      net.conv(8);
      net.norm();
      net.relu();
      x = net.join("add", net.conv(8), x);
    }
    net.norm();
    net.relu();
    const graph = prepare(net.head());
    covers(graph, "block");
    // The first normalization of a block follows an addition and stays; the second folds into its convolution.
    expect(graph.nodes.filter((node) => node.operation.op === "affine")).toHaveLength(3);
    expect(layersBySegment(graph, "block")).toEqual([1, 2, 2, 1]);
  });

  test("dense blocks (DenseNet): each concatenation closes one", () => {
    const net = new Net([8, 8, 3]);
    let x = net.conv(8);
    for (let i = 0; i < 3; i++) {
      net.norm(x);
      net.relu();
      net.conv(8, { kernel: 1 });
      net.relu();
      x = net.join("concat", x, net.conv(4));
    }
    const graph = net.head();
    covers(graph, "block");
    expect(layersBySegment(graph, "block")).toEqual([1, 2, 2, 2, 1]);
  });

  test("a U-net's long skip does not make one block of everything", () => {
    const net = new Net([8, 8, 3]);
    net.conv(8);
    const skip = net.relu();
    let x = skip;
    for (let i = 0; i < 2; i++) {
      net.conv(8, { from: x });
      net.relu();
      net.join("add", net.conv(8), x);
      x = net.relu();
    }
    net.join("add", x, skip);
    const graph = net.head();
    covers(graph, "block");
    expect(layersBySegment(graph, "block")).toEqual([1, 2, 2, 1]);
  });

  test("a plain chain has no block: every layer stands alone", () => {
    const net = new Net([8, 8, 3]);
    for (let i = 0; i < 4; i++) {
      net.conv(8);
      net.relu();
    }
    expect(layersBySegment(net.head(), "block")).toEqual([1, 1, 1, 1, 1]);
  });
});
