/** What a writer of one operator is given and returns. */
import type { Node, Operation, OperationName, Shape } from "../../graph/types";
import type { Channels, Emitter } from "./emitter";
import type { Attributes } from "./proto";

export type OperationOf<Name extends OperationName> = Extract<Operation, { op: Name }>;

/** Where a value came to lie. */
export interface Made {
  readonly tensor: string;
  readonly channels: Channels;
}

/** A node of the graph that is being written. */
export class Site {
  private written = false;

  constructor(
    readonly emitter: Emitter,
    readonly node: Node,
    /** The layer's kernel and bias as tensors of the file; only layers have them. */
    readonly parameters: LayerParameters | null,
    /** Strides of the transposed convolution that the node is together with the `dilate` that it reads; null for any other node. */
    readonly transposed: readonly [number, number] | null,
  ) {}

  get opset(): number {
    return this.emitter.opset;
  }

  get output(): Shape {
    return this.emitter.shape(this.node.output);
  }

  shape(index = 0): Shape {
    return this.emitter.shape(this.node.inputs[index] as string);
  }

  read(channels: Channels, index = 0): string {
    return this.emitter.read(this.node.inputs[index] as string, channels);
  }

  /** The order in which all inputs lie already; channels first where they differ. */
  order(): Channels {
    return this.node.inputs.every((value) => this.emitter.has(value, "last")) ? "last" : "first";
  }

  /** Appends an ONNX node: the first of a site has the node's name, further ones add their operator's. */
  emit(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const { name } = this.node;
    if (this.written) return this.emitter.emit(`${name}/${op}`, op, inputs, attributes);
    this.written = true;
    return this.emitter.emitNamed(name, op, inputs, attributes);
  }

  /** Appends a node that prepares an input, before the one with the node's name. */
  prepare(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitter.emit(`${this.node.name}/${op}`, op, inputs, attributes);
  }

  floats(what: string, shape: Shape, data: Float32Array): string {
    return this.emitter.floats(`${this.node.name}.${what}`, shape, data);
  }

  scalar(what: string, value: number): string {
    return this.emitter.scalar(`${this.node.name}.${what}`, value);
  }

  integers(what: string, values: readonly number[]): string {
    return this.emitter.integers(`${this.node.name}.${what}`, values);
  }
}

/** How a file's kernel follows from ours: its shape, and which word of ours each of its words is. */
export interface KernelOrder {
  readonly dims: Shape;
  /** The axis of the output channels. */
  readonly axis: number;
  readonly from: Int32Array;
}

export interface LayerParameters {
  /** Appends the kernel, quantized or not; returns the tensor of its real numbers. */
  kernel(order: KernelOrder): string;
  /** Appends the bias, of the given shape. */
  bias(shape: Shape): string;
  /** Whether the layer takes its bias as an input, or a node of its own adds it or subtracts its negative. */
  readonly biasBy: "input" | "Add" | "Sub";
}

export interface Writer<Name extends OperationName> {
  /** The first opset that has what the node needs; 13 by default, the first with scales by channel. */
  opset?(operation: OperationOf<Name>, shapes: { readonly input: Shape; readonly output: Shape }): number;
  write(operation: OperationOf<Name>, at: Site): Made;
}
