/**
 * The intermediate representation: a network as a list of nodes in static single assignment.
 *
 * Values are named, written once, and have a static shape without the batch: [height, width, channels] for
 * images, [features] for vectors, any other for what lies between. Activations are NHWC and kernels HWIO whatever the file was; a format converts when it reads.
 * Parameters sit on their node as typed arrays, so that a pass can rewrite a node without looking elsewhere.
 */

import type { UnaryFunction } from "../base/unary";

export type Shape = readonly number[];
export type ValueId = string;

export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
  /** Which tensor of the file that the network was read from it is, and on which axis that has the output channels. */
  readonly source?: { readonly name: string; readonly axis: number };
}

/** What a batch normalization says of its output, by channel: it is about normal with this mean and deviation. */
export interface Statistics {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Rows above and below, columns left and right. */
export type Pads = readonly [top: number, bottom: number, left: number, right: number];

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: Pads;
}

export type Operation =
  | {
      readonly op: "conv2d";
      readonly strides: readonly [number, number];
      readonly dilations: readonly [number, number];
      readonly pads: Pads;
      readonly groups: number;
      /** HWIO: [kh, kw, c / groups, k]. */
      readonly kernel: Tensor;
      /** [k] */
      readonly bias: Tensor | null;
      /** Of the output, where a batch normalization was folded in. */
      readonly statistics?: Statistics;
    }
  /** kernel [c, k], bias [k]. */
  | { readonly op: "linear"; readonly kernel: Tensor; readonly bias: Tensor | null; readonly statistics?: Statistics }
  /** A batch normalization that could not be folded: x * scale + shift by channel. */
  | { readonly op: "affine"; readonly scale: Tensor; readonly shift: Tensor; readonly statistics?: Statistics }
  /** ReLU is 0..Infinity, ReLU6 0..6. */
  | { readonly op: "clamp"; readonly low: number; readonly high: number }
  /** The function of each number alone. */
  | ({ readonly op: "unary" } & UnaryFunction)
  /** max(x, 0) + slope min(x, 0); slope [c]. */
  | { readonly op: "prelu"; readonly slope: Tensor }
  /** To `levels` levels of a uniform quantizer and back, as a quantized file has it: (clamp(round(x / scale) + zero, 0, levels - 1) - zero) * scale. */
  | { readonly op: "fakeQuantize"; readonly scale: number; readonly zero: number; readonly levels: number }
  /** Of two values, or of one and a constant; shapes broadcast as NumPy's do. */
  | { readonly op: "add"; readonly operand?: Tensor }
  | { readonly op: "mul"; readonly operand?: Tensor }
  /** The products of the last two axes, [.., m, c] times [.., c, n], of two values. */
  | { readonly op: "matMul" }
  /** Along an axis, the last by default. */
  | { readonly op: "concat"; readonly axis?: number }
  | ({ readonly op: "maxPool"; readonly ceil: boolean } & Window)
  | ({ readonly op: "averagePool"; readonly ceil: boolean; readonly includePad: boolean } & Window)
  | { readonly op: "globalAveragePool"; readonly keepDims: boolean }
  /** Over some axes. */
  | { readonly op: "reduce"; readonly kind: ReduceKind; readonly axes: readonly number[]; readonly keepDims: boolean }
  /** To mean 0 and variance 1 over the last `axes` axes of each position, then times `scale` plus `shift`, of those axes' shape. */
  | { readonly op: "layerNorm"; readonly axes: number; readonly epsilon: number; readonly scale: Tensor | null; readonly shift: Tensor | null }
  /** To mean 0 and variance 1 over all positions of each group of channels, then times scale [c] plus shift [c]. */
  | { readonly op: "groupNorm"; readonly groups: number; readonly epsilon: number; readonly scale: Tensor; readonly shift: Tensor }
  /** x / (bias + alpha / size * the sum of squares over `size` channels around it)^beta (AlexNet, section 3.3). */
  | { readonly op: "localResponseNorm"; readonly size: number; readonly alpha: number; readonly beta: number; readonly bias: number }
  /** To one axis; `chw` orders the features as an NCHW file would. */
  | { readonly op: "flatten"; readonly order: "chw" | "hwc" }
  /** The same numbers in the same order under another shape. */
  | { readonly op: "reshape"; readonly shape: Shape }
  /** Axis i of the output is axis perm[i] of the input. */
  | { readonly op: "transpose"; readonly perm: readonly number[] }
  /** Repeated along axes of extent 1, or new ones in front, to `shape`. */
  | { readonly op: "broadcast"; readonly shape: Shape }
  /** Words before and after on each axis of the value's shape; `value` where the mode is constant. */
  | { readonly op: "pad"; readonly before: Shape; readonly after: Shape; readonly value: number; readonly mode?: "constant" | "reflect" | "edge" }
  /** start, size and step on each axis of the value's shape. */
  | { readonly op: "slice"; readonly start: Shape; readonly size: Shape; readonly step: Shape }
  /** The entries `indices` of one axis, in that order. */
  | { readonly op: "gather"; readonly axis: number; readonly indices: readonly number[] }
  /** Zeros between pixels: what turns a convolution into a transposed one of these strides. */
  | { readonly op: "dilate"; readonly strides: readonly [number, number] }
  | ({ readonly op: "resize" } & Interpolation)
  /** Over the last axis; its logarithm where `log` is set. */
  | { readonly op: "softmax"; readonly log?: boolean };

/** Height and width interpolated to `size`, in the terms of ONNX's Resize. */
export interface Interpolation {
  readonly size: readonly [number, number];
  /** Output size by input size, as the file gives it; it may differ from the ratio of the rounded sizes. */
  readonly scales: readonly [number, number];
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: "half_pixel" | "pytorch_half_pixel" | "align_corners" | "asymmetric" | "half_pixel_symmetric" | "tf_half_pixel_for_nn";
  /** How a nearest coordinate is rounded. */
  readonly rounding: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
  /** The cubic kernel's parameter. */
  readonly cubic: number;
  readonly excludeOutside: boolean;
}

export const REDUCE_KINDS = ["mean", "sum", "max"] as const;
export type ReduceKind = (typeof REDUCE_KINDS)[number];

export type OperationName = Operation["op"];

export interface Node {
  /** Unique; what a person would search for in the source file. */
  readonly name: string;
  readonly inputs: readonly ValueId[];
  readonly output: ValueId;
  readonly operation: Operation;
}

export interface Graph {
  readonly name: string;
  readonly input: ValueId;
  /** The output that results are judged on: class scores. */
  readonly output: ValueId;
  /** All outputs, in the file's order. */
  readonly outputs: readonly ValueId[];
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly shapes: ReadonlyMap<ValueId, Shape>;
  /** What the file that the network was read from calls its values, where it names them. */
  readonly names?: ReadonlyMap<ValueId, string>;
  /** How whoever runs the file that the network was read from sees each of `outputs`; none where it came from no file. */
  readonly fileOutputs?: readonly FileOutput[];
}

export interface FileOutput {
  readonly name: string;
  /** Whether the file has the channels of an image before height and width, where we have them last. */
  readonly channelsFirst: boolean;
}

/** The operations that carry a quantizable kernel. */
export type Layer = Node & { readonly operation: Extract<Operation, { kernel: Tensor }> };

export function isLayer(node: Node): node is Layer {
  return node.operation.op === "conv2d" || node.operation.op === "linear";
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
