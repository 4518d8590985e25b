/** A residual network small enough for SwiftShader. */
import { GraphBuilder } from "../../src/graph/builder";
import type { Graph } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { randoms } from "./numbers";

/** A stem and two residual blocks of eight channels on 8x8 images, and a classifier. */
export function residualNetwork(): Graph {
  const builder = new GraphBuilder("small", "input", [8, 8, 4], shapeRule);
  let seed = 1;
  const conv = (name: string, from: string) => {
    const shape = [3, 3, builder.shape(from)[2] as number, 8];
    const kernel = {
      shape,
      data: randoms(
        shape.reduce((p, q) => p * q),
        seed++,
      ).map((value) => value * 0.3),
    };
    return builder.add(name, { op: "conv2d", strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1, kernel, bias: null }, [from]);
  };
  const relu = (name: string, from: string) => builder.add(name, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [from]);
  let at = relu("stem.relu", conv("stem", "input"));
  for (const block of ["a", "b"]) {
    const inner = conv(`${block}.2`, relu(`${block}.relu1`, conv(`${block}.1`, at)));
    at = relu(`${block}.relu2`, builder.add(`${block}.add`, { op: "add" }, [inner, at]));
  }
  const pooled = builder.add("pool", { op: "globalAveragePool", keepDims: false }, [at]);
  const flat = builder.add("flatten", { op: "flatten", order: "hwc" }, [pooled]);
  const kernel = { shape: [8, 5], data: randoms(40, 99) };
  return builder.build([builder.add("classifier", { op: "linear", kernel, bias: null }, [flat])]);
}
