/**
 * What changes from one iteration to the next, as a table that the device reads.
 *
 * The regularizer is off for the first 20 % of the iterations; then its exponent b falls linearly from 20
 * to 2, which first leaves the rounding free and then presses it to 0 or 1. Adam's bias corrections are
 * folded into the row.
 *
 * How far v can travel is about iterations x learning rate; the published setting's 20 lets every rounding
 * settle, and keeping the product keeps the accuracy at a fraction of the work.
 */
import { ADAM } from "../../engine/steps";

export interface Preset {
  readonly iterations: number;
  readonly learningRate: number;
}

export const DECAYS = ["none", "linear", "cosine"] as const;
export type Decay = (typeof DECAYS)[number];

export const BATCHES = ["drawn", "shuffled"] as const;
export type Batches = (typeof BATCHES)[number];

/** How a rounding is led from free to settled; the defaults are the published ones. */
export interface Annealing {
  /** How the learning rate falls towards 0 over the iterations. */
  readonly decay: Decay;
  /** Share of the iterations without the regularizer. */
  readonly warmup: number;
  /** The regularizer's exponent when it sets in, and at the end. */
  readonly from: number;
  readonly to: number;
  /** Each batch drawn anew, or all images once before any comes again. */
  readonly batches: Batches;
}

export const PUBLISHED_ANNEALING: Annealing = { decay: "none", warmup: 0.2, from: 20, to: 2, batches: "drawn" };

export type PresetName = "published" | "thorough" | "balanced" | "quick";

/**
 * What the page and the command line offer by name: the published schedule, two that keep its product of iterations and
 * rate, and one that was searched for (docs/results/preset-search) and reaches on the demo what `thorough` does.
 */
export const PRESETS: Readonly<Record<PresetName, Preset & { readonly annealing: Annealing }>> = {
  published: { iterations: 20000, learningRate: 1e-3, annealing: PUBLISHED_ANNEALING },
  thorough: { iterations: 2000, learningRate: 1e-2, annealing: PUBLISHED_ANNEALING },
  balanced: { iterations: 500, learningRate: 4e-2, annealing: PUBLISHED_ANNEALING },
  quick: { iterations: 150, learningRate: 3e-1, annealing: { ...PUBLISHED_ANNEALING, from: 10 } },
};

/** The weight of the regularizer that the release's driver takes for MobileNetV2, ten times that of other networks. */
export const DEPTHWISE_REGULARIZER = 0.1;

/**
 * Above this rate Adam overshoots: the demo at 2 bit and 20 iterations ends at chance with a rate of 1, and
 * at 90.8 % with 0.3.
 */
const HIGHEST_RATE = 0.3;

/** The learning rate that keeps the published product of iterations and rate, as far as Adam bears it. */
export function matchingRate(iterations: number): number {
  const { published } = PRESETS;
  return Math.min(HIGHEST_RATE, Number(((published.iterations * published.learningRate) / iterations).toPrecision(2)));
}

export interface ScheduleOptions extends Preset {
  /** Weight of the rounding regularizer, lambda. */
  readonly regularizer: number;
  readonly annealing?: Annealing;
}

/** b at iteration `count` (from 1), or null while the regularizer is off. */
export function exponentAt(count: number, iterations: number, warmup: number, [from, to]: readonly [number, number]): number | null {
  const start = iterations * warmup;
  if (count < start) return null;
  return to + (from - to) * Math.max(0, 1 - (count - start) / (iterations - start));
}

function decayed(decay: Decay, i: number, iterations: number, rate: number): number {
  if (decay === "none") return rate;
  return decay === "linear" ? rate * (1 - i / iterations) : cosineRate(i, iterations, rate);
}

/** Rows of [b, regularizer weight, rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t)], [iterations, 4]. */
export function scheduleTable({ iterations, learningRate, regularizer, annealing = PUBLISHED_ANNEALING }: ScheduleOptions): Float32Array {
  const { decay, warmup, from, to } = annealing;
  const table = new Float32Array(iterations * 4);
  let decay1 = 1;
  let decay2 = 1;
  for (let i = 0; i < iterations; i++) {
    decay1 *= ADAM.beta1;
    decay2 *= ADAM.beta2;
    const b = exponentAt(i + 1, iterations, warmup, [from, to]);
    const rate = decayed(decay, i, iterations, learningRate);
    table.set([b ?? from, b === null ? 0 : regularizer, rate / (1 - decay1), 1 / Math.sqrt(1 - decay2)], i * 4);
  }
  return table;
}

/**
 * Rows of [rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t)] with a rate that falls from `learningRate` to 0 along half a
 * cosine (PyTorch's CosineAnnealingLR over all iterations), [iterations, 2].
 */
export function cosineTable(iterations: number, learningRate: number): Float32Array {
  const table = new Float32Array(iterations * 2);
  let decay1 = 1;
  let decay2 = 1;
  for (let i = 0; i < iterations; i++) {
    decay1 *= ADAM.beta1;
    decay2 *= ADAM.beta2;
    table.set([cosineRate(i, iterations, learningRate) / (1 - decay1), 1 / Math.sqrt(1 - decay2)], i * 2);
  }
  return table;
}

/** The rate at iteration `i`, from 0. */
export function cosineRate(i: number, iterations: number, learningRate: number): number {
  return (learningRate * (1 + cosine(i / iterations))) / 2;
}

/** cos(pi x) for x in 0..1, from its series: Math.cos differs between browsers. */
function cosine(x: number): number {
  if (x > 0.5) return -cosine(1 - x);
  const angle = Math.PI * x;
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 14; k++) {
    term *= -(angle * angle) / ((2 * k - 1) * (2 * k));
    sum += term;
  }
  return sum;
}
