/** Functions of each number, and what is multiplied and added with broadcasting. */
import { BadInput } from "../../base/errors";
import type { UnaryName } from "../../base/unary";
import { type Shape, sizeOf, type Tensor } from "../../graph/types";
import { type Channels, ordered, sameBytes } from "./emitter";
import type { Attributes } from "./proto";
import { quantizedActivation } from "./quantize";
import type { Made, Site, Writer } from "./writer";

/** Shape of a parameter with a number for each channel, as it broadcasts to a value of `rank` axes. */
function byChannel(count: number, rank: number, channels: Channels): Shape {
  return channels === "first" && rank === 3 ? [count, 1, 1] : [count];
}

export const affine: Writer<"affine"> = {
  write({ scale, shift }, at) {
    const channels = at.order();
    const shape = byChannel(scale.data.length, at.shape().length, channels);
    const scaled = at.emit("Mul", [at.read(channels), at.floats("scale", shape, scale.data)]);
    return { tensor: at.emit("Add", [scaled, at.floats("shift", shape, shift.data)]), channels };
  },
};

export const clamp: Writer<"clamp"> = {
  write({ low, high }, at) {
    const channels = at.order();
    const x = at.read(channels);
    if (low === 0 && high === Number.POSITIVE_INFINITY) return { tensor: at.emit("Relu", [x]), channels };
    const inputs = [x, Number.isFinite(low) ? at.scalar("min", low) : ""];
    if (Number.isFinite(high)) inputs.push(at.scalar("max", high));
    return { tensor: at.emit("Clip", inputs), channels };
  },
};

/** Functions that are one ONNX operator, with the first opset that has it. */
const OPERATORS: Partial<Record<UnaryName, { readonly op: string; readonly opset?: number; readonly attributes?: Attributes }>> = {
  sigmoid: { op: "Sigmoid" },
  hardSigmoid: { op: "HardSigmoid" },
  hardSwish: { op: "HardSwish", opset: 14 },
  gelu: { op: "Gelu", opset: 20 },
  geluTanh: { op: "Gelu", opset: 20, attributes: { approximate: "tanh" } },
  tanh: { op: "Tanh" },
  leakyRelu: { op: "LeakyRelu" },
  elu: { op: "Elu" },
  softplus: { op: "Softplus" },
  mish: { op: "Mish", opset: 18 },
  erf: { op: "Erf" },
  exp: { op: "Exp" },
  log: { op: "Log" },
  abs: { op: "Abs" },
  round: { op: "Round" },
};

export const unary: Writer<"unary"> = {
  opset: ({ fn }) => OPERATORS[fn]?.opset ?? 13,
  write({ fn, alpha, beta }, at) {
    const channels = at.order();
    const x = at.read(channels);
    if (fn === "silu") return { tensor: at.emit("Mul", [x, at.prepare("Sigmoid", [x])]), channels };
    if (fn === "power") {
      const base = beta ? at.prepare("Add", [x, at.scalar("beta", beta)]) : x;
      return { tensor: at.emit("Pow", [base, at.scalar("alpha", alpha ?? 0)]), channels };
    }
    const own = OPERATORS[fn];
    if (!own) throw new BadInput(`Node "${at.node.name}" computes ${fn}, which ONNX has no operator for; export another kind of file.`);
    const attributes = {
      ...own.attributes,
      ...(alpha === undefined ? {} : { alpha: { float: alpha } }),
      ...(beta === undefined ? {} : { beta: { float: beta } }),
    };
    return { tensor: at.emit(own.op, [x], attributes), channels };
  },
};

/** What a quantized file that was read had of its own. */
export const fakeQuantize: Writer<"fakeQuantize"> = {
  write(quantizer, at) {
    const channels = at.order();
    return { tensor: quantizedActivation(at.emitter, at.read(channels), quantizer, at.node.name), channels };
  },
};

export const prelu: Writer<"prelu"> = {
  write({ slope }, at) {
    const channels = at.order();
    return {
      tensor: at.emit("PRelu", [at.read(channels), at.floats("slope", byChannel(slope.data.length, at.shape().length, channels), slope.data)]),
      channels,
    };
  },
};

export const add: Writer<"add"> = { write: ({ operand }, at) => binary("Add", operand, at) };
export const mul: Writer<"mul"> = { write: ({ operand }, at) => binary("Mul", operand, at) };

function binary(op: "Add" | "Mul", operand: Tensor | undefined, at: Site): Made {
  const rank = at.output.length;
  const channels = at.node.inputs.every((_, index) => fits(at.shape(index), rank)) ? at.order() : "last";
  const first = widenedInput(at, 0, rank, channels);
  if (!operand) return { tensor: at.emit(op, [first, widenedInput(at, 1, rank, channels)]), channels };
  const wide = widened(operand.shape, rank);
  const constant = at.floats("operand", ordered(wide, channels), inOrder({ shape: wide, data: operand.data }, channels));
  return { tensor: at.emit(op, [first, constant]), channels };
}

/** Whether a value is in either order once it has `rank` axes. */
function fits(shape: Shape, rank: number): boolean {
  return shape.length === rank || sameBytes(widened(shape, rank));
}

function widened(shape: Shape, rank: number): Shape {
  return [...Array<number>(Math.max(0, rank - shape.length)).fill(1), ...shape];
}

/** An input with axes of extent 1 between the batch and its own, so that it has `rank`. */
export function widenedInput(at: Site, index: number, rank: number, channels: Channels): string {
  const shape = at.shape(index);
  const x = at.read(channels, index);
  if (shape.length === rank) return x;
  return at.prepare("Reshape", [x, at.integers(`shape${index}`, [0, ...ordered(widened(shape, rank), channels)])]);
}

/** A constant's numbers in the order of a tensor. */
function inOrder({ shape, data }: Tensor, channels: Channels): Float32Array {
  if (channels === "last" || shape.length !== 3) return data;
  const c = shape[2] as number;
  const positions = sizeOf(shape) / c;
  return Float32Array.from(data, (_, i) => data[(i % positions) * c + Math.floor(i / positions)] as number);
}
