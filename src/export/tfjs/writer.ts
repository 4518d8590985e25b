/** What a writer of one operator is given and returns. */
import { BadInput } from "../../base/errors";
import type { Node, Operation, OperationName, Shape } from "../../graph/types";
import type { Emitter } from "./emitter";
import { type Attributes, FLOAT, INT32, text, whole, wholes } from "./topology";

export type OperationOf<Name extends OperationName> = Extract<Operation, { op: Name }>;

/** How a file's kernel follows from ours. */
export interface KernelOrder {
  readonly dims: Shape;
  /** Which word of ours each of its words is; the same by default. */
  readonly from?: Int32Array;
  /** A number for each output channel, as it broadcasts to `dims`. */
  readonly channels: Shape;
}

export interface LayerParameters {
  /** Appends the kernel, quantized or not; returns the tensor of its real numbers. */
  kernel(order: KernelOrder): string;
  /** Appends the bias; null where the layer has none. */
  bias(): string | null;
}

/** A node of the graph that is being written. */
export class Site {
  private named = false;

  constructor(
    readonly emitter: Emitter,
    readonly node: Node,
    /** What the node is called in the file. */
    private readonly name: string,
    private readonly given: LayerParameters | null,
    /** Strides of the transposed convolution that the node is together with the `dilate` that it reads; null for any other node. */
    readonly transposed: readonly [number, number] | null,
  ) {}

  get parameters(): LayerParameters {
    if (!this.given) throw new Error(`${this.node.name} is no layer`);
    return this.given;
  }

  get output(): Shape {
    return this.emitter.shape(this.node.output);
  }

  shape(index = 0): Shape {
    return this.emitter.shape(this.node.inputs[index] as string);
  }

  read(index = 0): string {
    return this.emitter.read(this.node.inputs[index] as string);
  }

  /** Appends the TensorFlow node that bears the node's own name: one for each site. */
  own(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    if (this.named) throw new Error(`Two nodes would be called ${this.name}`);
    this.named = true;
    return this.emitter.emitNamed(this.name, op, inputs, { T: FLOAT, ...attributes });
  }

  /** Appends a node that leads to the one with the node's name, or follows it; it is called NAME/OPERATOR. */
  step(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitter.emit(`${this.name}/${op}`, op, inputs, { T: FLOAT, ...attributes });
  }

  floats(what: string, shape: Shape, data: Float32Array): string {
    return this.emitter.floats(`${this.name}/${what}`, shape, data);
  }

  scalar(what: string, value: number): string {
    return this.floats(what, [], Float32Array.of(value));
  }

  integers(what: string, values: number | readonly number[], shape?: Shape): string {
    return this.emitter.integers(`${this.name}/${what}`, values, shape);
  }

  /** The images' numbers under another shape, the batch left open. */
  reshape(x: string, shape: Shape, how: "own" | "step" = "step"): string {
    return this[how]("Reshape", [x, this.integers("shape", [-1, ...shape])], { Tshape: INT32 });
  }

  transpose(x: string, perm: readonly number[], how: "own" | "step" = "step"): string {
    return this[how]("Transpose", [x, this.integers("perm", [0, ...perm.map((axis) => axis + 1)])], { Tperm: INT32 });
  }

  /** Entries of one of our axes by their numbers. */
  gather(x: string, axis: number, indices: readonly number[], how: "own" | "step" = "step"): string {
    const inputs = [x, this.integers("indices", indices), this.integers("axis", axis + 1)];
    return this[how]("GatherV2", inputs, { Tparams: FLOAT, Tindices: INT32, Taxis: INT32, batch_dims: whole(0) });
  }

  /** Repeats axes. */
  tile(x: string, counts: readonly number[], how: "own" | "step" = "step"): string {
    return this[how]("Tile", [x, this.integers("multiples", [1, ...counts])], { Tmultiples: INT32 });
  }

  /** A box from `start` of `size`, one of each `step` entries, all above 0. */
  slice(x: string, { start, size, step }: { start: Shape; size: Shape; step: Shape }, how: "own" | "step" = "step"): string {
    if (step.every((extent) => extent === 1)) {
      const inputs = [x, this.integers("begin", [0, ...start]), this.integers("size", [-1, ...size])];
      return this[how]("Slice", inputs, { Index: INT32 });
    }
    const end = start.map((from, axis) => from + ((size[axis] as number) - 1) * (step[axis] as number) + 1);
    const ranges = { begin: [0, ...start], end: [0, ...end], strides: [1, ...step] };
    const inputs = [x, ...Object.entries(ranges).map(([what, values]) => this.integers(what, values))];
    const masks = { begin_mask: whole(1), end_mask: whole(1), ellipsis_mask: whole(0), new_axis_mask: whole(0), shrink_axis_mask: whole(0) };
    return this[how]("StridedSlice", inputs, { Index: INT32, ...masks });
  }

  /** Words before and after on each axis, all at least 0. */
  pad(x: string, before: Shape, after: Shape, value: number, how: "own" | "step" = "step"): string {
    const inputs = [x, this.paddings(before, after), this.scalar("pad_value", value)];
    return this[how]("PadV2", inputs, { Tpaddings: INT32 });
  }

  paddings(before: Shape, after: Shape): string {
    const pairs = before.flatMap((extent, axis) => [extent, after[axis] as number]);
    return this.integers("paddings", [0, 0, ...pairs], [before.length + 1, 2]);
  }

  /** A mean, sum or maximum over some of our axes. */
  reduce(op: "Mean" | "Sum" | "Max", x: string, axes: readonly number[], keepDims: boolean, how: "own" | "step" = "step"): string {
    const own = axes.map((axis) => axis + 1).sort((a, b) => a - b);
    return this[how](op, [x, this.integers("axes", own)], { Tidx: INT32, keep_dims: { b: keepDims } });
  }

  fail(reason: string): BadInput {
    return new BadInput(`Node "${this.node.name}" ${reason}, which TensorFlow.js cannot; export another kind of file, such as ONNX.`);
  }
}

/** Attributes of what slides over images. */
export function windowAttributes(strides: readonly [number, number], padding: "SAME" | "VALID" | "EXPLICIT"): Attributes {
  return { strides: wholes([1, ...strides, 1]), padding: text(padding), data_format: text("NHWC") };
}

/** Writes a node; returns the tensor that holds its value. */
export type Writer<Name extends OperationName> = (operation: OperationOf<Name>, at: Site) => string;
