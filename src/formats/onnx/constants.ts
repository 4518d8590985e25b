/** What computing with constants takes: their making, their limits, and the signature of a fold (folding.ts). */
import type { BadInput } from "../../base/errors";
import type { Budget } from "../limits";
import type { Attributes, Constant } from "./tensors";

export interface FoldContext {
  readonly attributes: Attributes;
  readonly fileName: string;
  readonly opset: number;
  /** What the file may still make of little. */
  readonly budget: Budget;
  /** A BadInput that names the node. */
  fail(reason: string): BadInput;
}

export type Fold = (inputs: readonly (Constant | null)[], context: FoldContext) => Constant;

export function constant(dims: readonly number[], values: ArrayLike<number>): Constant {
  return { kind: "constant", dims, data: values instanceof Float32Array ? values : Float64Array.from(values) };
}

export const count = (dims: readonly number[]): number => dims.reduce((product, extent) => product * extent, 1);

export function need(input: Constant | null | undefined, context: FoldContext): Constant {
  if (!input) throw context.fail("misses an input");
  return input;
}

/** Room for so many numbers of the constant's type. */
export function like(input: Constant, length: number, context: FoldContext): Float32Array | Float64Array {
  context.budget.spend(length, context.fail);
  return input.data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** The axis, counted from the front. */
export function axisOf(axis: number, rank: number, { fail }: Pick<FoldContext, "fail">): number {
  const from = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(from) && from >= 0 && from < rank)) throw fail(`names axis ${axis} of a value of ${rank} axes`);
  return from;
}

/** The place of an entry on an axis, counted from the front. */
export function entryOf(index: number, extent: number, { fail }: Pick<FoldContext, "fail">): number {
  const from = index < 0 ? index + extent : index;
  if (!(Number.isInteger(from) && from >= 0 && from < extent)) throw fail(`chooses entry ${index} of ${extent}`);
  return from;
}
