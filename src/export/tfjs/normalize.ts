/** Normalization, softmax, reductions and products of two matrices. */
import { type Shape, sizeOf } from "../../graph/types";
import { wide, widened } from "./pointwise";
import { text, whole, wholes } from "./topology";
import type { Site, Writer } from "./writer";

/** (x - mean) / sqrt(variance + epsilon) over some of our axes. */
function standardized(at: Site, x: string, axes: readonly number[], epsilon: number, how: "own" | "step"): string {
  const mean = at.reduce("Mean", x, axes, true);
  const variance = at.reduce("Mean", at.step("SquaredDifference", [x, mean]), axes, true);
  const factor = at.step("Rsqrt", [at.step("AddV2", [variance, at.scalar("epsilon", epsilon)])]);
  return at[how]("Mul", [at.step("Sub", [x, mean]), factor]);
}

export const layerNorm: Writer<"layerNorm"> = ({ axes, epsilon, scale, shift }, at) => {
  const rank = at.shape().length;
  const shape = at.shape().slice(-axes);
  const own = Array.from({ length: axes }, (_, i) => rank - axes + i);
  const standard = standardized(at, at.read(), own, epsilon, "own");
  const scaled = scale ? at.step("Mul", [standard, at.floats("scale", shape, scale.data)]) : standard;
  return shift ? at.step("AddV2", [scaled, at.floats("shift", shape, shift.data)]) : scaled;
};

export const groupNorm: Writer<"groupNorm"> = ({ groups, epsilon, scale, shift }, at) => {
  const shape = at.shape();
  const c = shape.at(-1) as number;
  const standard = standardized(at, at.reshape(at.read(), [sizeOf(shape) / c, groups, c / groups]), [0, 2], epsilon, "step");
  const scaled = at.own("Mul", [at.reshape(standard, shape), at.floats("scale", [c], scale.data)]);
  return at.step("AddV2", [scaled, at.floats("shift", [c], shift.data)]);
};

/** TensorFlow's window reaches as far to either side; one of an even size is an average over the channels, as images of one row. */
export const localResponseNorm: Writer<"localResponseNorm"> = ({ size, alpha, beta, bias }, at) => {
  const shape = at.shape();
  const c = shape.at(-1) as number;
  const flat: Shape = [sizeOf(shape) / c, 1, c];
  if (size % 2 === 1) {
    const attributes = { depth_radius: whole((size - 1) / 2), bias: { f: bias }, alpha: { f: alpha / size }, beta: { f: beta } };
    if (shape.length === 3) return at.own("LRN", [at.read()], attributes);
    return at.reshape(at.own("LRN", [at.reshape(at.read(), flat)], attributes), shape);
  }
  const before = Math.floor((size - 1) / 2);
  const squares = at.reshape(at.step("Square", [at.read()]), [flat[0] as number, c, 1]);
  const around = at.pad(squares, [0, before, 0], [0, size - 1 - before, 0], 0);
  const window = { ksize: wholes([1, 1, size, 1]), strides: wholes([1, 1, 1, 1]), padding: text("VALID"), data_format: text("NHWC") };
  const mean = at.reshape(at.step("AvgPool", [around], window), shape);
  const base = at.step("AddV2", [at.step("Mul", [mean, at.scalar("alpha", alpha)]), at.scalar("bias", bias)]);
  return at.own("Mul", [at.read(), at.step("Pow", [base, at.scalar("power", -beta)])]);
};

export const softmax: Writer<"softmax"> = ({ log }, at) => at.own(log ? "LogSoftmax" : "Softmax", [at.read()]);

const REDUCTIONS = { mean: "Mean", max: "Max", sum: "Sum" } as const;

export const reduce: Writer<"reduce"> = ({ kind, axes, keepDims }, at) => at.reduce(REDUCTIONS[kind], at.read(), axes, keepDims, "own");

/** TF.js pairs matrices wrongly where one of several axes of them is repeated, so repetition is written out. */
export const matMul: Writer<"matMul"> = (_operation, at) => {
  const rank = at.output.length;
  const inputs = [0, 1].map((index) => {
    const shape = wide(at.shape(index), rank);
    const counts = shape.map((extent, axis) => (axis < rank - 2 ? (at.output[axis] as number) / extent : 1));
    const x = widened(at, index, rank);
    return counts.every((count) => count === 1) ? x : at.tile(x, counts);
  });
  return at.own("BatchMatMulV2", inputs, { adj_x: { b: false }, adj_y: { b: false } });
};
