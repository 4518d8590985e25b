/**
 * Where a quantizer's scale and zero point come from.
 *
 * `max` covers the range. `mse` shrinks both ends together in 80 steps of 1 % and keeps the first with the
 * lowest mean of |x - q(x)|^2.4 (the release's choice; the exponent lies between the mean squared error
 * and the maximum). Scales are float32 arithmetic, the error is summed in float64.
 */
import { clampLevel, type Grid, levelsOf, roundEven } from "./quantizer";

export type ScaleMethod = "mse" | "max";

const STEPS = 80;
const FLOOR = 1e-8;

/** The grid of a kernel whose last axis has `channels` output channels. */
export function gridOf(weights: Float32Array, channels: number, bits: number, method: ScaleMethod): Grid {
  const scale = new Float32Array(channels);
  const zero = new Float32Array(channels);
  const column = new Float32Array(weights.length / channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < column.length; i++) column[i] = weights[i * channels + channel] as number;
    const [s, z] = method === "max" ? maxScale(column, bits) : mseScale(column, bits);
    scale[channel] = s;
    zero[channel] = z;
  }
  return { bits, scale, zero };
}

function range(values: Float32Array): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function maxScale(values: Float32Array, bits: number): [scale: number, zero: number] {
  const [low, high] = range(values);
  const bottom = Math.min(low, 0);
  const scale = Math.max(Math.fround((Math.max(high, 0) - bottom) / (levelsOf(bits) - 1)), FLOOR);
  return [scale, roundEven(Math.fround(-bottom / scale))];
}

function mseScale(values: Float32Array, bits: number): [scale: number, zero: number] {
  const [low, high] = range(values);
  // A constant channel has no range: one step of its own size represents it exactly.
  if (high === low) return [Math.max(Math.abs(high), FLOOR), high < 0 ? 1 : 0];
  const levels = levelsOf(bits);
  let best: [number, number] = [FLOOR, 0];
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < STEPS; i++) {
    const share = Math.fround(1 - i * 0.01);
    const bottom = Math.fround(low * share);
    const scale = Math.fround(Math.fround(Math.fround(high * share) - bottom) / (levels - 1));
    const zero = roundEven(Math.fround(-bottom / scale));
    let error = 0;
    for (const x of values) {
      const level = clampLevel(roundEven(Math.fround(x / scale)) + zero, levels);
      error += power24(x - Math.fround((level - zero) * scale));
      if (error >= lowest) break;
    }
    if (error < lowest) {
      lowest = error;
      best = [scale, zero];
    }
  }
  return best;
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
