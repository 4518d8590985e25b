/** Normalization, softmax, reductions and products of two matrices. */
import { sizeOf } from "../../graph/types";
import { axisOf, type Channels } from "./emitter";
import { widenedInput } from "./pointwise";
import type { Made, Site, Writer } from "./writer";

export const layerNorm: Writer<"layerNorm"> = {
  opset: () => 17,
  write({ axes, epsilon, scale, shift }, at) {
    const shape = at.shape().slice(-axes);
    const inputs = [at.read("last"), at.floats("scale", shape, scale?.data ?? new Float32Array(sizeOf(shape)).fill(1))];
    if (shift) inputs.push(at.floats("shift", shape, shift.data));
    return { tensor: at.emit("LayerNormalization", inputs, { axis: -axes, epsilon: { float: epsilon } }), channels: "last" };
  },
};

export const groupNorm: Writer<"groupNorm"> = {
  opset: ({ groups, scale }) => (groups === scale.data.length ? 13 : 21),
  write({ groups, epsilon, scale, shift }, at) {
    const c = scale.data.length;
    return asImage(at, (x) => {
      const inputs = [x, at.floats("scale", [c], scale.data), at.floats("shift", [c], shift.data)];
      const attributes = { epsilon: { float: epsilon } };
      return groups === c
        ? at.emit("InstanceNormalization", inputs, attributes)
        : at.emit("GroupNormalization", inputs, { ...attributes, num_groups: groups });
    });
  },
};

export const localResponseNorm: Writer<"localResponseNorm"> = {
  write: ({ size, alpha, beta, bias }, at) =>
    asImage(at, (x) => at.emit("LRN", [x], { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } })),
};

/** What ONNX defines for channels on the first axis after the batch, on a value of any number of axes whose last are channels. */
function asImage(at: Site, write: (x: string) => string): Made {
  const shape = at.shape();
  if (shape.length === 3) return { tensor: write(at.read("first")), channels: "first" };
  const c = shape.at(-1) as number;
  const flat = at.prepare("Reshape", [at.read("last"), at.integers("flat", [0, 1, sizeOf(shape) / c, c])]);
  const normalized = write(at.prepare("Transpose", [flat], { perm: [0, 3, 1, 2] }));
  const back = at.emit("Transpose", [normalized], { perm: [0, 2, 3, 1] });
  return { tensor: at.emit("Reshape", [back, at.integers("shape", [0, ...shape])]), channels: "last" };
}

export const softmax: Writer<"softmax"> = {
  write({ log }, at) {
    const channels = at.order();
    const rank = at.shape().length;
    return { tensor: at.emit(log ? "LogSoftmax" : "Softmax", [at.read(channels)], { axis: axisOf(rank - 1, rank, channels) }), channels };
  },
};

const REDUCTIONS = { mean: "ReduceMean", max: "ReduceMax", sum: "ReduceSum" } as const;

export const reduce: Writer<"reduce"> = {
  write({ kind, axes, keepDims }, at) {
    const rank = at.shape().length;
    const channels = reducedOrder(at, axes, keepDims);
    const own = axes.map((axis) => axisOf(axis, rank, channels)).sort((a, b) => a - b);
    const keepdims = keepDims ? 1 : 0;
    const x = at.read(channels);
    // The axes became an input with opset 13 for sums, 18 for the others.
    const asInput = kind === "sum" || at.opset >= 18;
    const tensor = asInput
      ? at.emit(REDUCTIONS[kind], [x, at.integers("axes", own)], { keepdims })
      : at.emit(REDUCTIONS[kind], [x], { axes: own, keepdims });
    return { tensor, channels };
  },
};

/** Without its reduced axes a value of three has ours in their order where only channels, or both others, are gone. */
function reducedOrder(at: Site, axes: readonly number[], keepDims: boolean): Channels {
  if (at.shape().length !== 3) return "last";
  if (keepDims) return at.order();
  return axes.includes(2) || (axes.includes(0) && axes.includes(1)) ? at.order() : "last";
}

export const matMul: Writer<"matMul"> = {
  write(_operation, at) {
    const rank = at.output.length;
    return { tensor: at.emit("MatMul", [widenedInput(at, 0, rank, "last"), widenedInput(at, 1, rank, "last")]), channels: "last" };
  },
};
