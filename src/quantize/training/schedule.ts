/**
 * What changes from one iteration to the next, as a table that the device reads.
 *
 * The regularizer is off for the first 20 % of the iterations; then its exponent b falls linearly from 20
 * to 2, which first leaves the rounding free and then presses it to 0 or 1. Adam's bias corrections are
 * folded into the row.
 */
import { ADAM } from "../../engine/steps";
import { type Annealing, type Decay, PUBLISHED_ANNEALING } from "../settings";

export interface ScheduleOptions {
  readonly iterations: number;
  readonly learningRate: number;
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
