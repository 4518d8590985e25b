/** Steps that quantize, and that train what quantizes: rounding variables, scales, biases. */
import type { Clamp } from "./geometry";

/** Where a random share of elements is taken from: element i of an iteration is drawn by a hash of (seed, iteration, i). */
export interface Draw {
  readonly seed: number;
  /** Probability, 0..1. */
  readonly share: number;
}

/** The hash below which an element is drawn. */
export function threshold({ share }: Draw): number {
  return Math.min(0xffffffff, Math.round(share * 2 ** 32));
}

/**
 * out = (clamp(round(x / scale) + zero, 0, levels - 1) - zero) * scale, half to even. `quantizers` holds `count` scales
 * and then as many zero points, of which this step takes number `index`. Drawn elements are left as they are
 * (QDrop, Wei et al. 2022).
 */
export interface FakeQuantize {
  readonly op: "fakeQuantize";
  readonly x: string;
  readonly out: string;
  readonly quantizers: string;
  readonly index: number;
  readonly count: number;
  readonly size: number;
  readonly levels: number;
  readonly drop: Draw | null;
  /** What the gradient to the scale is multiplied by. */
  readonly gradientScale: number;
}

/**
 * dx (+)= dout inside the quantized range, 0 outside (straight-through; bounds included), masked where x came out of a
 * clamp; no dx where nobody asks. The gradient to the scale, the sum of dout * (level - zero - [inside] x / scale) (LSQ,
 * Esser et al. 2020, eq. 3), goes to `sums` times `gradientScale` as LOSS_PARTS partial sums from `index * LOSS_PARTS`,
 * if that is asked for. Dropped elements pass dout and add nothing.
 */
export interface FakeQuantizeGrad extends Omit<FakeQuantize, "op" | "out"> {
  readonly op: "fakeQuantizeGrad";
  readonly dout: string;
  readonly dx: string | null;
  readonly sums: string | null;
  readonly accumulate: boolean;
  readonly clamp: Clamp | null;
}

/** out = a where drawn, else b. */
export interface Mix {
  readonly op: "mix";
  readonly a: string;
  readonly b: string;
  readonly out: string;
  readonly size: number;
  readonly draw: Draw;
}

/** out[column] = the sum over `rows` rows of x, [rows, columns]: the gradient to a bias. */
export interface ColumnSums {
  readonly op: "columnSums";
  readonly x: string;
  readonly out: string;
  readonly rows: number;
  readonly columns: number;
}

/**
 * One step of Adam on x for the gradient that is the sum of `parts` numbers of dx each. The row of `schedule` for an
 * iteration is [rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t)]; `state` holds both moments, each in `padded(size)` words.
 */
export interface Adam {
  readonly op: "adam";
  readonly x: string;
  readonly dx: string;
  readonly parts: number;
  readonly state: string;
  readonly schedule: string;
  readonly size: number;
}

/**
 * One step of AdaQuant (Hubara et al. 2021, eq. 2) on a kernel and its scales: with the gradient dw to the quantized
 * kernel, Adam on the weights (straight-through) and on the scales (as fakeQuantizeGrad), then the kernel quantized
 * anew into `soft`. Channel c of a weight is its index modulo `channels`. `quantizers` holds scales, then zero points;
 * `state` holds the weights' moments, each in `padded(size)` words, then the scales', each in `padded(channels)`.
 * The row of `schedule` is [weights' rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t), the scales' rate likewise]; both rates
 * are relative to the scale that a channel started from, below a tenth of which no scale falls.
 */
export interface StraightThroughAdam {
  readonly op: "straightThroughAdam";
  readonly w: string;
  /** Scales, zero points, and the scales of the start, each in `padded(channels)` words. */
  readonly quantizers: string;
  readonly soft: string;
  readonly state: string;
  readonly dw: string;
  readonly schedule: string;
  readonly size: number;
  readonly channels: number;
  readonly levels: number;
}

/**
 * One step of AdaRound (Nagel et al. 2020, eq. 22-24). The relaxed weights are
 *   soft = (clamp(floor + h(v) + zero, 0, levels-1) - zero) * scale;
 * this is one Adam step on v for the reconstruction gradient `dw` plus the rounding regularizer
 * weight * sum(1 - |2h-1|^b). The row of `schedule` for an iteration is
 * [b, regularizer weight, rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t)]. The regularizer's value goes to
 * `losses` as ROUND_PARTS partial sums from `lossesAt`. Last, `soft` is made anew, for the next iteration: the host writes the first.
 * Every operand has the kernel's size.
 */
export interface RoundAdam {
  readonly op: "roundAdam";
  readonly v: string;
  /** floor(w / scale), scale and zero point of every weight, each in `padded(size)` words. */
  readonly qparams: string;
  readonly soft: string;
  /** Adam's first and second moments and sigmoid(v), each in `padded(size)` words. */
  readonly state: string;
  readonly dw: string;
  readonly schedule: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly size: number;
  readonly levels: number;
}
