/** The pieces of the walk: what is only run is joined, what is reconstructed stays apart. */
import { expect, test } from "vitest";
import { GraphBuilder } from "../../src/graph/builder";
import { shapeRule } from "../../src/operators";
import { partition } from "../../src/passes/partition";
import { stepsOf, unitsOf, untrainedLayers } from "../../src/quantize/units";

test("a stem's pooling is run with its convolution, and only the pooled value is left to cache", () => {
  const builder = new GraphBuilder("pooled", "input", [16, 16, 3], shapeRule);
  const conv = (name: string, from: string) => {
    const shape = [3, 3, builder.shape(from)[2] as number, 8];
    const kernel = { shape, data: new Float32Array(shape.reduce((p, q) => p * q)).fill(0.1) };
    return builder.add(name, { op: "conv2d", strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1, kernel, bias: null }, [from]);
  };
  const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false } as const;
  const pooled = builder.add("pool", { op: "maxPool", ...window }, [conv("stem", "input")]);
  const block = builder.add("add", { op: "add" }, [conv("b", conv("a", pooled)), pooled]);
  const flat = builder.add("flatten", { op: "flatten", order: "hwc" }, [builder.add("mean", { op: "globalAveragePool", keepDims: false }, [block])]);
  const kernel = { shape: [8, 4], data: new Float32Array(32).fill(0.1) };
  const graph = builder.build([builder.add("classifier", { op: "linear", kernel, bias: null }, [flat])]);
  const segments = partition(graph, "block");
  const untrained = untrainedLayers(graph, {});
  const steps = stepsOf(graph, "block", untrained);
  expect(steps.flatMap(({ nodes }) => nodes)).toEqual(segments.flatMap(({ nodes }) => nodes));
  expect(unitsOf(steps, untrained).map(({ name }) => name)).toEqual(unitsOf(segments, untrained).map(({ name }) => name));
  expect(steps[0]?.nodes.map(({ name }) => name)).toEqual(["stem", "pool"]);
  expect(steps[0]?.outputs).toEqual([pooled]);
});
