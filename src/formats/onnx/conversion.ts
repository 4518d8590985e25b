/**
 * Values while a file is read. A value's `dims` are the file's, with a batch of 1 in front; how its numbers are stored is
 * said by `order`: which of the file's axes each stored axis is. Images are stored NHWC, so [1, C, H, W] has the order
 * [2, 3, 1]. A Transpose in the file therefore moves nothing: it renames axes. Only a reader that needs another order makes
 * the numbers move, and transposes between layouts cancel by themselves.
 */
import type { GraphBuilder } from "../../graph/builder";
import type { Operation, Shape, Tensor, ValueId } from "../../graph/types";
import type { FoldContext } from "./constants";
import type { Constant } from "./tensors";

/** A value computed at run time. */
export interface Activation {
  readonly kind: "activation";
  readonly id: ValueId;
  readonly dims: readonly number[];
  /** For each stored axis the file's axis, the batch (axis 0) left out. */
  readonly order: readonly number[];
  /** Where the file's numbers are integers: what the numbers here are of them (integers.ts). */
  readonly codes?: Codes;
}

/** Integers and what they stand for: (integer - zero) * scale. */
export interface Codes {
  readonly scale: number;
  readonly zero: number;
}

export type Known = Activation | Constant;

export interface Conversion extends FoldContext {
  readonly graph: GraphBuilder;
  readonly name: string;
  readonly inputs: readonly (Known | null)[];
  /** What the file calls the inputs. */
  readonly operands: readonly string[];
  /** How many of the node's outputs anybody reads. */
  readonly outputs: number;
  /** How many outputs the node lists. */
  readonly listed: number;
  /** The batch that the file fixes; null where it leaves it open. */
  readonly batch: number | null;
  /** Values that were stored in another order already, by value and order. */
  readonly stored: Map<string, ValueId>;
}

export type Converter = (at: Conversion) => Activation | readonly Activation[];

/** The order in which a value of so many axes is stored if nothing else is asked for. */
export function usualOrder(rank: number): readonly number[] {
  return rank === 4 ? [2, 3, 1] : fileOrder(rank);
}

export function fileOrder(rank: number): readonly number[] {
  return Array.from({ length: rank - 1 }, (_, axis) => axis + 1);
}

export function activation(at: Conversion, index: number): Activation {
  const input = at.inputs[index];
  if (input?.kind !== "activation") throw at.fail(`needs input ${index} to be computed at run time`);
  return input;
}

export function constantInput(at: Conversion, index: number, what: string): Constant {
  const input = at.inputs[index];
  if (input?.kind !== "constant") throw at.fail(`needs its ${what} (input ${index}) to be a constant`);
  return input;
}

/** Where a parameter stands in the file; `axis` is that of the output channels there. */
export function sourceOf(at: Conversion, index: number, axis: number): Pick<Tensor, "source"> {
  return { source: { name: at.operands[index] as string, axis } };
}

/** The inputs that are known, and null for the others. */
export function constants(at: Conversion): (Constant | null)[] {
  return at.inputs.map((input) => (input?.kind === "constant" ? input : null));
}

/**
 * Adds a node; `order` is that of its output, the usual one of its rank by default.
 * @param part names a node that is only a part of the file's
 */
export function made(at: Conversion, operation: Operation, inputs: readonly Activation[], order?: readonly number[], part?: string): Activation {
  const id = at.graph.add(
    part === undefined ? at.name : `${at.name}/${part}`,
    operation,
    inputs.map((input) => input.id),
  );
  const shape = at.graph.shape(id);
  const own = order ?? usualOrder(shape.length + 1);
  const dims = [1, ...shape];
  own.forEach((axis, i) => {
    dims[axis] = shape[i] as number;
  });
  return { kind: "activation", id, dims, order: own };
}

/** The shape of a value as it is stored. */
export function storedShape({ dims, order }: Pick<Activation, "dims" | "order">): Shape {
  return order.map((axis) => dims[axis] as number);
}

/** The value with its numbers in another order; nothing moves where only axes of extent 1 change places. */
export function inOrder(at: Conversion, x: Activation, order: readonly number[]): Activation {
  if (x.order.join() === order.join()) return x;
  const key = `${x.id} ${x.dims.join("x")} ${x.order.join()} to ${order.join()}`;
  const known = at.stored.get(key);
  if (known !== undefined) return { ...x, id: known, order };
  const long = (axes: readonly number[]) => axes.filter((axis) => (x.dims[axis] as number) > 1).join();
  const operation: Operation =
    long(x.order) === long(order)
      ? { op: "reshape", shape: storedShape({ ...x, order }) }
      : { op: "transpose", perm: order.map((axis) => x.order.indexOf(axis)) };
  const id = at.graph.add(`${at.name}/${operation.op}`, operation, [x.id]);
  at.stored.set(key, id);
  return { ...x, id, order };
}

/** An image in NHWC. */
export function image(at: Conversion, x: Activation): Activation {
  if (x.dims.length !== 4) throw at.fail(`works on images [N, C, H, W], but its input has shape [${x.dims.join(", ")}]`);
  return inOrder(at, x, usualOrder(4));
}

/** A value whose channels (axis 1) are stored last. */
export function channelsLast(at: Conversion, x: Activation): Activation {
  return axisLast(at, x, 1);
}

/** A value with one of the file's axes stored last. */
export function axisLast(at: Conversion, x: Activation, axis: number): Activation {
  if (x.order.at(-1) === axis) return x;
  return inOrder(at, x, [...x.order.filter((other) => other !== axis), axis]);
}

/** Numbers for each axis of the file, in the order of storage and without the batch. */
export function inStorage<T>(values: readonly T[], { order }: Pick<Activation, "order">): T[] {
  return order.map((axis) => values[axis] as T);
}

/** The constant's numbers in the order of storage of a value that it is broadcast with, and their shape; null if it has a batch. */
export function constantInStorage(
  operand: Constant,
  { dims, order }: Pick<Activation, "dims" | "order">,
): { shape: number[]; data: Float32Array } | null {
  const rank = dims.length;
  if (operand.dims.length > rank) return null;
  const wide = [...Array<number>(rank - operand.dims.length).fill(1), ...operand.dims];
  if (wide[0] !== 1) return null;
  const shape = order.map((axis) => wide[axis] as number);
  const strides = wide.map((_, axis) => wide.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const data = new Float32Array(operand.data.length);
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    let from = 0;
    for (let stored = shape.length - 1; stored >= 0; stored--) {
      const extent = shape[stored] as number;
      from += (rest % extent) * (strides[order[stored] as number] as number);
      rest = Math.floor(rest / extent);
    }
    data[i] = operand.data[from] as number;
  }
  return { shape, data };
}

export function floats(data: Float32Array | Float64Array): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
