/**
 * Where a quantizer's scale and zero point come from.
 *
 * - `max` covers the range. `max_scale` covers (bits + 2) / 8 of it, the release's rule of thumb.
 * - `percentile` covers it but for 0.1 % of the values at either end.
 * - `mse` shrinks both ends together in 80 steps of 1 % and keeps the first with the lowest mean of
 *   |x - q(x)|^2.4 (the release's choice; the exponent lies between the mean squared error and the maximum).
 *
 * Symmetric grids reach equally far to both sides, where there are values on both. Scales are float32
 * arithmetic where `mse` searches them, float64 elsewhere, as in the release; the error is summed in float64.
 */
import { clampLevel, type Grid, levelsOf, roundEven } from "./quantizer";

export const SCALE_METHODS = ["mse", "max", "max_scale", "percentile"] as const;
export type ScaleMethod = (typeof SCALE_METHODS)[number];

export const GRANULARITIES = ["channel", "tensor"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export interface GridOptions {
  readonly granularity?: Granularity;
  readonly symmetric?: boolean;
}

const STEPS = 80;
const FLOOR = 1e-8;
/** Share of the values that `percentile` leaves out at either end. */
const TAIL = 0.001;

/** The grid of a kernel whose last axis has `channels` output channels: a scale for each, or one for all. */
export function gridOf(
  weights: Float32Array,
  channels: number,
  bits: number,
  method: ScaleMethod,
  { granularity = "channel", symmetric = false }: GridOptions = {},
): Grid {
  const count = granularity === "channel" ? channels : 1;
  const scale = new Float32Array(count);
  const zero = new Float32Array(count);
  const column = new Float32Array(weights.length / count);
  for (let channel = 0; channel < count; channel++) {
    for (let i = 0; i < column.length; i++) column[i] = weights[i * count + channel] as number;
    const [s, z] = method === "mse" ? mseScale(column, bits, symmetric) : rangeScale(column, bits, method, symmetric);
    scale[channel] = s;
    zero[channel] = z;
  }
  return { bits, scale, zero };
}

/** The least and the greatest value. */
export function range(values: Float32Array): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The values between which all but the tails lie, interpolated between neighbours in order. */
function percentiles(values: Float32Array): [low: number, high: number] {
  const sorted = values.slice().sort();
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const [a, b] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
    return Math.fround(a + (b - a) * (place - below));
  };
  return [at(TAIL), at(1 - TAIL)];
}

/** Equally far to both sides, unless nothing lies below zero. */
function mirrored(low: number, high: number): [low: number, high: number] {
  const reach = Math.max(-low, high);
  return [low < 0 ? -reach : 0, reach];
}

function rangeScale(values: Float32Array, bits: number, method: Exclude<ScaleMethod, "mse">, symmetric: boolean): [scale: number, zero: number] {
  const [least, most] = method === "percentile" ? percentiles(values) : range(values);
  const share = method === "max_scale" ? (bits + 2) / 8 : 1;
  const ends: [number, number] = [Math.min(least, 0) * share, Math.max(most, 0) * share];
  const [low, high] = symmetric ? mirrored(...ends) : ends;
  // In float64 as the release has it: a symmetric zero point is a tie that the last bit decides.
  const scale = Math.max((high - low) / (levelsOf(bits) - 1), FLOOR);
  return [scale, roundEven(-low / scale)];
}

function mseScale(values: Float32Array, bits: number, symmetric: boolean): [scale: number, zero: number] {
  const ends = range(values);
  const [low, high] = symmetric ? mirrored(...ends) : ends;
  // A constant channel has no range: one step of its own size represents it exactly.
  if (high === low) return [Math.max(Math.abs(high), FLOOR), high < 0 ? 1 : 0];
  let best: [number, number] = [FLOOR, 0];
  let lowest = Number.POSITIVE_INFINITY;
  for (const grid of shrunkGrids(low, high, bits)) {
    const error = errorOf(values, grid, bits, lowest);
    if (error < lowest) {
      lowest = error;
      best = grid;
    }
  }
  return best;
}

/** Scales and zero points of a range with both ends moved in together, in 80 steps of 1 %: what `mse` chooses from. */
export function shrunkGrids(low: number, high: number, bits: number): [scale: number, zero: number][] {
  return Array.from({ length: STEPS }, (_, i) => {
    const share = Math.fround(1 - i * 0.01);
    const bottom = Math.fround(low * share);
    const scale = Math.fround(Math.fround(Math.fround(high * share) - bottom) / (levelsOf(bits) - 1));
    return [scale, roundEven(Math.fround(-bottom / scale))];
  });
}

/** The sum of |x - q(x)|^2.4 over all values, or part of it that is not below `limit`. */
function errorOf(values: Float32Array, [scale, zero]: readonly [number, number], bits: number, limit: number): number {
  const levels = levelsOf(bits);
  let error = 0;
  for (const x of values) {
    const level = clampLevel(roundEven(Math.fround(x / scale)) + zero, levels);
    error += power24(x - Math.fround((level - zero) * scale));
    if (error >= limit) break;
  }
  return error;
}

const bits64 = new Float64Array(1);
const words64 = new Uint32Array(bits64.buffer);

/**
 * |x|^2.4 = a * a^(1/5) with a = x^2. The root is a guess from the exponent's bits (3 % off at most) and three
 * Newton steps (2e-10 off):
 * `Math.pow` is not the same in every browser, + - * / are.
 */
function power24(x: number): number {
  const a = x * x;
  if (a < 1e-60) return 0;
  bits64[0] = a;
  words64[1] = Math.floor((words64[1] as number) / 5) + 858117000;
  words64[0] = 0;
  let r = bits64[0] as number;
  for (let i = 0; i < 3; i++) {
    const r2 = r * r;
    const r4 = r2 * r2;
    r -= (r * r4 - a) / (5 * r4);
  }
  return a * r;
}
