/**
 * The file as it grows. Our values of three axes are [height, width, channels]; in ONNX images are [N, channels, height,
 * width]. A tensor may hold such a value in either order: a writer asks for the one that it needs, and a Transpose is put in
 * where no tensor has it yet, at most one for a value. Values of any other number of axes have one order, ours after N.
 */
import type { NodeProto, TensorProto } from "onnx-buf";
import { shapeOf } from "../../graph/queries";
import { type Graph, type Shape, sizeOf, type ValueId } from "../../graph/types";
import { take } from "../names";
import { type Attributes, floatTensor, int64Tensor, nodeProto } from "./proto";

/** `first` is ONNX's order of an image, `last` ours. */
export type Channels = "first" | "last";

/** From the axes of a value, without the batch, to those of the tensor that has channels first. */
const TO_FIRST = [2, 0, 1] as const;
const TO_LAST = [1, 2, 0] as const;

/** A shape in the order of a tensor. */
export function ordered(shape: Shape, channels: Channels): Shape {
  return channels === "first" && shape.length === 3 ? TO_FIRST.map((axis) => shape[axis] as number) : shape;
}

/** The axis of the tensor, which has the batch first, that an axis of the value is. */
export function axisOf(axis: number, rank: number, channels: Channels): number {
  return 1 + (channels === "first" && rank === 3 ? (TO_LAST[axis] as number) : axis);
}

/** Whether both orders are the same bytes. */
export function sameBytes(shape: Shape): boolean {
  return shape.length !== 3 || shape[2] === 1 || (shape[0] as number) * (shape[1] as number) === 1;
}

export class Emitter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  private readonly tensors = new Map<ValueId, Map<Channels, string>>();
  private readonly nodeNames: Set<string>;
  /** Tensors that are outputs. */
  private readonly called = new Set<string>();

  /**
   * @param opset of the file
   * @param names a set of all tensor names that are taken
   */
  constructor(
    readonly graph: Graph,
    readonly opset: number,
    private readonly names: Set<string>,
  ) {
    this.nodeNames = new Set(graph.nodes.map(({ name }) => name));
  }

  shape(value: ValueId): Shape {
    return shapeOf(this.graph, value);
  }

  has(value: ValueId, channels: Channels): boolean {
    return this.tensors.get(value)?.has(this.order(value, channels)) ?? false;
  }

  /** The tensor that holds a value in an order. */
  read(value: ValueId, channels: Channels): string {
    const found = this.tensors.get(value);
    if (!found) throw new Error(`Value ${value} is read before it is made`);
    const order = this.order(value, channels);
    const own = found.get(order);
    if (own !== undefined) return own;
    const [from] = found.values();
    const perm = [0, ...(order === "first" ? TO_FIRST : TO_LAST).map((axis) => axis + 1)];
    const made = this.emit(`${from}/channels_${order}`, "Transpose", [from as string], { perm });
    found.set(order, made);
    return made;
  }

  /** Says which tensor holds a value. */
  define(value: ValueId, tensor: string, channels: Channels): void {
    this.tensors.set(value, new Map([[this.order(value, channels), tensor]]));
  }

  private order(value: ValueId, channels: Channels): Channels {
    return this.shape(value).length === 3 ? channels : "last";
  }

  /** Appends a node; returns the name of the tensor that it makes. */
  emit(name: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.unique(`${name}_output`);
    this.nodes.push(nodeProto(this.uniqueNode(name), op, inputs, output, attributes));
    return output;
  }

  /** Appends a node that bears a graph node's own name. */
  emitNamed(name: string, op: string, inputs: readonly string[], attributes: Attributes): string {
    const output = this.unique(`${name}_output`);
    this.nodes.push(nodeProto(name, op, inputs, output, attributes));
    return output;
  }

  /** Gives the tensor that the last node makes another name, or one like it where that is taken. */
  renameLast(tensor: string, name: string): string {
    const last = this.nodes.at(-1);
    if (last?.output[0] !== tensor) throw new Error(`Tensor ${tensor} is not the last that was made`);
    const unique = this.unique(name);
    last.output[0] = unique;
    return unique;
  }

  /** Gives the tensor that holds an output of the graph the output's name. */
  call(value: ValueId, name: string): void {
    const tensor = this.read(value, "first");
    const maker = this.nodes.find(({ output }) => output[0] === tensor);
    if (!maker || this.called.has(tensor)) {
      this.nodes.push(nodeProto(this.uniqueNode(`${name}/Identity`), "Identity", [tensor], name, {}));
      return;
    }
    maker.output[0] = name;
    for (const node of this.nodes) node.input = node.input.map((input) => (input === tensor ? name : input));
    for (const own of this.tensors.values()) for (const [channels, held] of own) if (held === tensor) own.set(channels, name);
    this.called.add(name);
  }

  floats(name: string, shape: Shape, data: Float32Array): string {
    if (data.length !== sizeOf(shape)) throw new Error(`Tensor ${name} of shape [${shape.join(", ")}] has ${data.length} numbers`);
    return this.initializer(floatTensor(this.unique(name), shape, data));
  }

  scalar(name: string, value: number): string {
    return this.floats(name, [], Float32Array.of(value));
  }

  integers(name: string, values: readonly number[]): string {
    return this.initializer(int64Tensor(this.unique(name), values));
  }

  initializer(tensor: TensorProto): string {
    this.initializers.push(tensor);
    return tensor.name;
  }

  /** A tensor name that nothing else has. */
  unique(name: string): string {
    return take(name, this.names);
  }

  private uniqueNode(name: string): string {
    return take(name, this.nodeNames);
  }
}
