/** Losses with their gradients, and what is kept of them. */
import type { Mask } from "./geometry";

/**
 * |error|^power summed over channels, mean over batch and space, optionally weighted element by element
 * by `weight` times the single number in `weightScale`: the loss goes to `losses` as LOSS_PARTS partial
 * sums from `lossesAt`, its gradient to `grad`.
 */
export interface SquaredError {
  readonly op: "squaredError";
  /** 2; 2.4 in the release's training of activation scales. */
  readonly power: number;
  readonly prediction: string;
  readonly target: string;
  readonly weight: string | null;
  readonly weightScale: string | null;
  readonly grad: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly size: number;
  /** Batch times positions: what the mean divides by. */
  readonly positions: number;
  readonly mask: Mask | null;
}

/**
 * The error as its whole outer product sees it (the release's fisher_full): with a = |prediction - target| and
 * d = sum of a * weight over an image, the mean over batch and elements of d * a * weight / 100, which is the
 * mean of d^2. The loss goes to `losses` as LOSS_PARTS partial sums from `lossesAt`, its gradient to `grad`.
 */
export interface FullError {
  readonly op: "fullError";
  readonly prediction: string;
  readonly target: string;
  readonly weight: string;
  readonly grad: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly images: number;
  /** Numbers of one image. */
  readonly elements: number;
}

/** KL(softmax(reference) || softmax(logits)), summed over rows, divided by `images`, and its gradient to the logits. */
export interface KlDivergence {
  readonly op: "klDivergence";
  readonly logits: string;
  readonly reference: string;
  readonly grad: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly rows: number;
  readonly columns: number;
  /** What the sum is divided by: the rows, for their mean; a whole batch's number, where this is a smaller rest. */
  readonly images: number;
}

/** out = x * x element by element; the sum goes to `losses` as LOSS_PARTS partial sums. */
export interface Square {
  readonly op: "square";
  readonly x: string;
  readonly out: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly size: number;
}

/** out = (|x| + 1)^power element by element: the damped Fisher weights of the published release. */
export interface Damped {
  readonly op: "damped";
  readonly x: string;
  readonly out: string;
  readonly power: 1 | 2;
  readonly size: number;
}

/** ring[iteration, i] = the sum of losses[at .. at + count) of range i, in a fixed order. */
export interface Record {
  readonly op: "record";
  readonly losses: string;
  readonly ranges: readonly { readonly at: number; readonly count: number }[];
  /** [iterations, ranges] */
  readonly ring: string;
}
