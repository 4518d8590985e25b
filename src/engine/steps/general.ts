/**
 * Four steps that most operators besides convolutions are made of: a function of each number, sums of products over any
 * axes, weighted choices along one axis, and their gradients, which are steps of the same kinds.
 */
import type { UnaryFunction } from "../../base/unary";

/** out = fn(x), number by number. */
export interface Unary extends UnaryFunction {
  readonly op: "unary";
  readonly x: string;
  readonly out: string;
  readonly size: number;
}

/** dx (+)= fn'(x) * dout. */
export interface UnaryGrad extends UnaryFunction {
  readonly op: "unaryGrad";
  readonly x: string;
  readonly dout: string;
  readonly dx: string;
  readonly size: number;
  readonly accumulate: boolean;
}

/** One index of a contraction: how many values it takes and how far a step along it leads in each buffer, in words. */
export interface ContractAxis {
  readonly extent: number;
  readonly a: number;
  readonly b: number;
  /** 0 for an index that is summed over. */
  readonly out: number;
}

/**
 * out (+)= factor * the sum of a * b over the indices that `out` does not have: products with broadcasting, sums and
 * means over axes, matrix products, and the gradients of all these. Without `b`, of a alone.
 */
export interface Contract {
  readonly op: "contract";
  readonly a: string;
  readonly b: string | null;
  readonly out: string;
  readonly axes: readonly ContractAxis[];
  readonly factor: number;
  readonly accumulate: boolean;
}

/**
 * Every entry of an axis of `to` entries as a weighted sum of `taps` entries of an axis of `from`: interpolation,
 * reflected padding, choices. Over x [outer, from, inner]; the table holds `taps` indices, then `taps` weights for each entry.
 */
export interface Resample {
  readonly op: "resample";
  readonly x: string;
  readonly out: string;
  readonly table: string;
  /** The transposed table, with which the same step computes the gradient. */
  readonly transposed: string;
  readonly outer: number;
  readonly from: number;
  readonly to: number;
  readonly inner: number;
  readonly taps: number;
  readonly transposedTaps: number;
  readonly accumulate: boolean;
}
