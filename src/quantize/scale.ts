/**
 * Where a quantizer's scale and zero point come from.
 *
 * - `max` covers the range. `max_scale` covers (bits + 2) / 8 of it, the release's rule of thumb.
 * - `percentile` covers it but for 0.1 % of the values at either end.
 * - `mse` shrinks both ends together in 80 steps of 1 % and keeps the first with the lowest mean of
 *   |x - q(x)|^2.4 (the release's choice; the exponent lies between the mean squared error and the maximum).
 *
 * Symmetric ranges reach equally far to both sides, where there are values on both. Scales are float32
 * arithmetic where `mse` searches them, float64 elsewhere, as in the release. The search is eighty passes over all
 * weights, so that WebAssembly makes it on all threads (engine/wasm/scale-search.ts).
 */
import type { ScaleSearch } from "../engine/scale-search";
import { levelsOf, type QParams, roundEven } from "./quantizer";
import type { Granularity, ScaleMethod } from "./settings";

export interface QParamsOptions {
  readonly granularity?: Granularity;
  readonly symmetric?: boolean;
}

const STEPS = 80;
const FLOOR = 1e-8;
/** Share of the values that `percentile` leaves out at either end. */
const TAIL = 0.001;

/**
 * The quantization parameters of a kernel whose last axis has `channels` output channels: a scale for each, or one for all.
 * @param search finds the `mse` scales; the others need none
 */
export async function qparamsOf(
  weights: Float32Array,
  channels: number,
  bits: number,
  method: ScaleMethod,
  { granularity = "channel", symmetric = false }: QParamsOptions = {},
  search: ScaleSearch | null = null,
  breathe: () => void | Promise<void> = () => {},
): Promise<QParams> {
  const count = granularity === "channel" ? channels : 1;
  if (method === "mse") return mseQParams(columnsOf(weights, count), count, bits, symmetric, search, breathe);
  return rangeQParams(weights, channels, bits, method, { granularity, symmetric });
}

/** The quantization parameters that follow from the range of the weights alone, without a search. */
export function rangeQParams(
  weights: Float32Array,
  channels: number,
  bits: number,
  method: Exclude<ScaleMethod, "mse">,
  { granularity = "channel", symmetric = false }: QParamsOptions = {},
): QParams {
  const count = granularity === "channel" ? channels : 1;
  const columns = columnsOf(weights, count);
  const scale = new Float32Array(count);
  const zero = new Float32Array(count);
  for (let channel = 0; channel < count; channel++)
    [scale[channel], zero[channel]] = rangeScale(columnAt(columns, count, channel), bits, method, symmetric);
  return { bits, scale, zero };
}

/** The values of each channel together, [channels, size]. */
export function columnsOf(weights: Float32Array, channels: number): Float32Array {
  if (channels === 1) return weights;
  const size = weights.length / channels;
  const columns = new Float32Array(weights.length);
  for (let i = 0, at = 0; i < size; i++)
    for (let channel = 0; channel < channels; channel++, at++) columns[channel * size + i] = weights[at] as number;
  return columns;
}

function columnAt(columns: Float32Array, channels: number, channel: number): Float32Array {
  const size = columns.length / channels;
  return columns.subarray(channel * size, (channel + 1) * size);
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

/** The least and the greatest value of each channel. @param columns the values of each channel together */
export function channelRanges(columns: Float32Array, channels: number): [low: number, high: number][] {
  return Array.from({ length: channels }, (_, channel) => range(columnAt(columns, channels, channel)));
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
export function mirrored(low: number, high: number): [low: number, high: number] {
  const reach = Math.max(-low, high);
  return [low < 0 ? -reach : 0, reach];
}

/** Scale and zero point that follow from a range alone, of weights that share them. */
export function rangeScale(
  values: Float32Array,
  bits: number,
  method: Exclude<ScaleMethod, "mse">,
  symmetric: boolean,
): [scale: number, zero: number] {
  const [least, most] = method === "percentile" ? percentiles(values) : range(values);
  const share = method === "max_scale" ? (bits + 2) / 8 : 1;
  const ends: [number, number] = [Math.min(least, 0) * share, Math.max(most, 0) * share];
  const [low, high] = symmetric ? mirrored(...ends) : ends;
  // In float64 as the release has it: a symmetric zero point is a tie that the last bit decides.
  const scale = Math.max((high - low) / (levelsOf(bits) - 1), FLOOR);
  return [scale, roundEven(-low / scale)];
}

async function mseQParams(
  columns: Float32Array,
  channels: number,
  bits: number,
  symmetric: boolean,
  search: ScaleSearch | null,
  breathe: () => void | Promise<void>,
): Promise<QParams> {
  if (!search) throw new Error("Scales of least error need a search");
  const scale = new Float32Array(channels);
  const zero = new Float32Array(channels);
  const ranges = new Float32Array(2 * channels);
  for (let channel = 0; channel < channels; channel++) {
    const ends = range(columnAt(columns, channels, channel));
    ranges.set(symmetric ? mirrored(...ends) : ends, 2 * channel);
  }
  const steps = await search.search(columns, ranges, bits, breathe);
  steps.forEach((step, channel) => {
    const [low, high] = [ranges[2 * channel] as number, ranges[2 * channel + 1] as number];
    // A constant channel has no range: one step of its own size represents it exactly.
    if (high === low) [scale[channel], zero[channel]] = [Math.max(Math.abs(high), FLOOR), high < 0 ? 1 : 0];
    else [scale[channel], zero[channel]] = step < 0 ? [FLOOR, 0] : shrunkRange(low, high, bits, step);
  });
  return { bits, scale, zero };
}

/** Scales and zero points of a range with both ends moved in together, in 80 steps of 1 %: what `mse` chooses from. */
export function shrunkRanges(low: number, high: number, bits: number): [scale: number, zero: number][] {
  return Array.from({ length: STEPS }, (_, step) => shrunkRange(low, high, bits, step));
}

/** Scale and zero point of a range with both ends moved in by `step` percent. */
export function shrunkRange(low: number, high: number, bits: number, step: number): [scale: number, zero: number] {
  const share = Math.fround(1 - step * 0.01);
  const bottom = Math.fround(low * share);
  const scale = Math.fround(Math.fround(Math.fround(high * share) - bottom) / (levelsOf(bits) - 1));
  return [scale, roundEven(Math.fround(-bottom / scale))];
}
