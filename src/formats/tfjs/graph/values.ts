/** What the nodes of a graph model make while it is read: constants, and values that are computed for each image. */
import type { Shape, Tensor, ValueId } from "../../../graph/types";
import type { At } from "../build";
import type { Tfjs } from "../library";
import type { Constant } from "../weights";
import type { GraphNode } from "./nodes";

/**
 * A value of our graph. `dims` is its shape in the file for a batch of 1. Where the file merges the batch into another axis, as it
 * does before a matrix product, `batched` is false and `dims` is the shape of one image's share.
 */
export interface Activation {
  readonly kind: "activation";
  readonly id: ValueId;
  readonly dims: readonly number[];
  readonly batched: boolean;
}

export type Value = Constant | Activation;

export interface Conversion extends At {
  readonly tf: Tfjs;
  readonly node: GraphNode;
  readonly inputs: readonly Value[];
}

export type Converter = (at: Conversion) => Value | readonly Value[];

export function activation(at: Conversion, index: number): Activation {
  const input = at.inputs[index];
  if (input?.kind !== "activation") throw at.fail(`needs its input ${index} to be computed from the image`);
  return input;
}

export function constant(at: Conversion, index: number, what: string): Constant {
  const input = at.inputs[index];
  if (input?.kind !== "constant") throw at.fail(`needs its ${what} (input ${index}) to be a constant`);
  return input;
}

/** The whole numbers of a constant input. */
export function wholes(at: Conversion, index: number, what: string): number[] {
  const { data } = constant(at, index, what);
  if (data.length > 64 || !data.every(Number.isSafeInteger)) throw at.fail(`has ${what} (input ${index}) that are no few whole numbers`);
  return Array.from(data);
}

/** A new value of the graph. */
export function made(at: At, id: ValueId, batched = true): Activation {
  const shape = at.graph.shape(id);
  return { kind: "activation", id, batched, dims: batched ? [1, ...shape] : shape };
}

/** The same extents under another reading: `dims` of the file, batched where they begin with the batch of 1. */
export function asDims(dims: readonly number[]): { batched: boolean; shape: Shape } {
  const batched = dims[0] === 1;
  return { batched, shape: batched ? dims.slice(1) : dims };
}

/** Our axis of an axis in the file. @throws BadInput for the batch's */
export function ownAxis(at: Conversion, x: Activation, axis: number): number {
  const rank = x.dims.length;
  const own = axis < 0 ? axis + rank : axis;
  if (!(own >= 0 && own < rank)) throw at.fail(`names axis ${axis} of a value of shape [${x.dims.join(", ")}]`);
  if (!x.batched) return own;
  if (own === 0) throw at.fail("works along the batch, so that images would depend on one another");
  return own - 1;
}

export function floats({ data }: Constant): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

export function tensorOf(value: Constant): Tensor {
  return { shape: value.dims, data: floats(value) };
}

/** A constant that meets `x` in arithmetic, without the batch. */
export function operandFor(at: Conversion, x: Activation, value: Constant): Tensor {
  const rank = x.batched ? x.dims.length - 1 : x.dims.length;
  let dims = value.dims;
  while (dims.length > rank && dims[0] === 1) dims = dims.slice(1);
  if (dims.length > rank)
    throw at.fail(
      `combines a value of shape [${x.dims.join(", ")}] with a constant of shape [${value.dims.join(", ")}], which differs along the batch`,
    );
  return { shape: dims.length === 0 ? [1] : dims, data: floats(value) };
}
