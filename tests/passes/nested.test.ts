/** Blocks whose concatenations nest (Inception) or repeat (DenseNet), and the units that the page draws. */
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../src/graph/builder";
import type { Graph } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { partition } from "../../src/passes/partition";
import { viewNetwork } from "../../src/session/network/build";
import { builtin } from "../support/builtin";
import { randoms } from "../support/numbers";

function networkBuilder() {
  const builder = new GraphBuilder("net", "input", [8, 8, 4], shapeRule);
  let seed = 1;
  const conv = (name: string, from: string, channels: number, side = 1) => {
    const shape = [side, side, builder.shape(from)[2] as number, channels];
    const kernel = {
      shape,
      data: randoms(
        shape.reduce((p, q) => p * q),
        seed++,
      ),
    };
    const pad = (side - 1) / 2;
    const made = builder.add(name, { op: "conv2d", strides: [1, 1], dilations: [1, 1], pads: [pad, pad, pad, pad], groups: 1, kernel, bias: null }, [
      from,
    ]);
    return builder.add(`${name}.relu`, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [made]);
  };
  const concat = (name: string, inputs: string[]) => builder.add(name, { op: "concat" }, inputs);
  const end = (at: string): Graph => {
    const pooled = builder.add("pool", { op: "globalAveragePool", keepDims: false }, [at]);
    const flat = builder.add("flatten", { op: "flatten", order: "hwc" }, [pooled]);
    const features = builder.shape(flat)[0] as number;
    return builder.build([
      builder.add("fc", { op: "linear", kernel: { shape: [features, 5], data: randoms(features * 5, 99) }, bias: null }, [flat]),
    ]);
  };
  return { conv, concat, end };
}

const unitsOf = (graph: Graph, kind: "block" | "stage" = "block") =>
  partition(graph, kind)
    .map(({ layers }) => layers.map(({ name }) => name))
    .filter(({ length }) => length > 0);

test("an Inception block whose branches end in concatenations of their own is one unit", () => {
  const { conv, concat, end } = networkBuilder();
  const stem = conv("stem", "input", 4);
  const inception = (at: string, name: string) => {
    const wide = conv(`${name}/b2`, at, 4);
    const deep = conv(`${name}/b3b`, conv(`${name}/b3a`, at, 4), 4, 3);
    return concat(`${name}/join`, [
      conv(`${name}/b1`, at, 4),
      concat(`${name}/join2`, [conv(`${name}/b2a`, wide, 2, 3), conv(`${name}/b2b`, wide, 2, 3)]),
      concat(`${name}/join3`, [conv(`${name}/b3c`, deep, 2), conv(`${name}/b3d`, deep, 2)]),
    ]);
  };
  const graph = end(inception(inception(stem, "a"), "b"));
  expect(unitsOf(graph).map(({ length }) => length)).toEqual([1, 8, 8, 1]);
});

test("a DenseNet's dense layers are units, and its dense block the stage", () => {
  const { conv, concat, end } = networkBuilder();
  const features = [conv("stem", "input", 4)];
  for (const layer of ["d1", "d2", "d3"]) {
    const read = features.length === 1 ? (features[0] as string) : concat(`${layer}/concat`, [...features]);
    features.push(conv(`${layer}/2`, conv(`${layer}/1`, read, 8), 4, 3));
  }
  const graph = end(conv("transition", concat("out", features), 6));
  expect(unitsOf(graph)).toEqual([["stem"], ["d1/1", "d1/2"], ["d2/1", "d2/2"], ["d3/1", "d3/2"], ["transition"], ["fc"]]);
  expect(unitsOf(graph, "stage")[1]?.slice(0, 6)).toEqual(["d1/1", "d1/2", "d2/1", "d2/2", "d3/1", "d3/2"]);
});

describe("the network view", () => {
  test("counts the first layer among the units where it is reconstructed, so that losses stay with their unit", () => {
    const graph = builtin("shapes-resnet14");
    const indexes = (all: boolean) =>
      viewNetwork(graph, "block", { firstLastBits: all ? null : 8 }).units.flatMap(({ name, unit }) => (unit === null ? [] : [`${unit} ${name}`]));
    expect(indexes(false).slice(0, 2)).toEqual(["0 layer1.0", "1 layer1.1"]);
    expect(indexes(true).slice(0, 2)).toEqual(["0 conv1", "1 layer1.0"]);
  });
});
