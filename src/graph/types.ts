/**
 * The intermediate representation: a network as a list of nodes in static single assignment.
 *
 * Values are named, written once, and have a static shape without the batch: [height, width, channels] or
 * [features]. Activations are NHWC and kernels HWIO whatever the file was; a format converts when it reads.
 * Parameters sit on their node as typed arrays, so that a pass can rewrite a node without looking elsewhere.
 */

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
  | { readonly op: "add" }
  /** Along the last axis. */
  | { readonly op: "concat" }
  | ({ readonly op: "maxPool"; readonly ceil: boolean } & Window)
  | ({ readonly op: "averagePool"; readonly ceil: boolean; readonly includePad: boolean } & Window)
  | { readonly op: "globalAveragePool"; readonly keepDims: boolean }
  /** To one axis; `chw` orders the features as an NCHW file would. */
  | { readonly op: "flatten"; readonly order: "chw" | "hwc" }
  /** Words before and after on each axis of the value's shape. */
  | { readonly op: "pad"; readonly before: Shape; readonly after: Shape; readonly value: number }
  /** start, size and step on each axis of the value's shape. */
  | { readonly op: "slice"; readonly start: Shape; readonly size: Shape; readonly step: Shape }
  /** Over the last axis. */
  | { readonly op: "softmax" };

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
  readonly output: ValueId;
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly shapes: ReadonlyMap<ValueId, Shape>;
  /** What the file that the network was read from calls its values, where it names them. */
  readonly names?: ReadonlyMap<ValueId, string>;
}

/** The operations that carry a quantizable kernel. */
export type Layer = Node & { readonly operation: Extract<Operation, { kernel: Tensor }> };

export function isLayer(node: Node): node is Layer {
  return node.operation.op === "conv2d" || node.operation.op === "linear";
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
