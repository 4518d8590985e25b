/**
 * A first look at a network before any image is: what rounding to nearest at a few widths would take from each layer's
 * weights, how far the weights reach, and which channels reach much farther than their fellows. It knows nothing of what
 * the network computes, so it tells where the weights are hard to round, not what that costs in accuracy.
 *
 * Noise is a signal-to-quantization-noise ratio: the energy of the weights over that of their rounding errors, in decibels.
 * Ranges follow the recipe's scale method, but the full search for scales of least error takes minutes of a single
 * thread on large networks. Here it tries every fifth of its steps, under the squared error of about 512 weights of
 * a channel; the noise is then measured on all weights. On the built-in networks that is at most half a decibel below
 * what the full search gives where each channel has a scale, and at most 1.5 where all share one.
 */
import { median } from "../base/median";
import { layersOf } from "../graph/queries";
import type { Graph, Layer } from "../graph/types";
import { levelsOf } from "./quantizer";
import { channelRanges, columnsOf, mirrored, type QParamsOptions, range, rangeScale, shrunkRange } from "./scale";
import { LOOKED_AT, OUTLIER_RANGE, type ScaleMethod } from "./settings";

export interface LayerLook {
  readonly name: string;
  readonly kind: "conv" | "depthwise" | "linear";
  /** Decibels at each width of LOOKED_AT; null where rounding changes nothing. */
  readonly sqnr: readonly (number | null)[];
  /** The least and the greatest weight. */
  readonly range: readonly [low: number, high: number];
  readonly channels: number;
  /** The output channels that reach much farther than the median one, in order. */
  readonly outliers: readonly number[];
  /** Of the channel that reaches farthest, its range over the median channel's; 1 where no channel has one. */
  readonly widest: number;
}

export interface FirstLook {
  /** In the network's order. */
  readonly layers: readonly LayerLook[];
}

export interface LookOptions extends QParamsOptions {
  readonly scale: ScaleMethod;
}

/** Weights that are rounded between two looks at the event loop: some ten milliseconds. */
const BETWEEN = 2 ** 20;

/** What was seen of layers, so that a look that was stopped goes on where it was. */
export type LooksByLayer = WeakMap<Layer, LayerLook>;

/** @param breathe called every some ten milliseconds; may stop the look by throwing */
export async function firstLook(
  graph: Graph,
  options: LookOptions,
  breathe: () => void | Promise<void> = () => {},
  known: LooksByLayer = new WeakMap(),
): Promise<FirstLook> {
  const layers: LayerLook[] = [];
  for (const layer of layersOf(graph)) {
    const look = known.get(layer) ?? (await lookAt(layer, options, breathe));
    known.set(layer, look);
    layers.push(look);
  }
  return { layers };
}

async function lookAt({ name, operation }: Layer, options: LookOptions, breathe: () => void | Promise<void>): Promise<LayerLook> {
  const { data, shape } = operation.kernel;
  const channels = shape.at(-1) as number;
  const columns = columnsOf(data, channels);
  const ranges = channelRanges(columns, channels);
  const reach = ranges.map(([low, high]) => high - low);
  const usual = median(reach.filter((value) => value > 0));
  return {
    name,
    kind: operation.op === "linear" ? "linear" : operation.groups > 1 && shape[2] === 1 ? "depthwise" : "conv",
    // Channels that share a scale are as one.
    sqnr: await noiseOf(columns, options.granularity === "tensor" ? 1 : channels, options, breathe),
    range: [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))],
    channels,
    outliers: usual > 0 ? reach.flatMap((value, c) => (value > OUTLIER_RANGE * usual ? [c] : [])) : [],
    widest: usual > 0 ? reach.reduce((most, value) => Math.max(most, value / usual), 0) : 1,
  };
}

/** Decibels of a kernel at each width; null where rounding changes nothing. @param columns the weights that share a scale together */
async function noiseOf(
  columns: Float32Array,
  count: number,
  { scale: method, symmetric = false }: LookOptions,
  breathe: () => void | Promise<void>,
): Promise<(number | null)[]> {
  const size = columns.length / count;
  const energy = columns.reduce((sum, w) => sum + w * w, 0);
  const errors = LOOKED_AT.map(() => 0);
  let done = 0;
  for (let c = 0; c < count; c++) {
    const column = columns.subarray(c * size, (c + 1) * size);
    for (const [at, bits] of LOOKED_AT.entries()) {
      const [scale, zero] =
        method === "mse" ? nearlyBest(column, count === 1 ? 32 * TRIED : TRIED, bits, symmetric) : rangeScale(column, bits, method, symmetric);
      (errors[at] as number) += errorOf(column, 1, scale, zero, levelsOf(bits) - 1);
      done += 2 * size;
      if (done < BETWEEN) continue;
      done = 0;
      await breathe();
    }
  }
  await breathe();
  return errors.map((error) => (error > 0 && energy > 0 ? 10 * Math.log10(energy / error) : null));
}

/** The squared error of every `stride`th weight at its nearest level; ties go up, which a measure of noise does not tell from half to even. */
function errorOf(weights: Float32Array, stride: number, scale: number, zero: number, top: number): number {
  const [low, high, inverse] = [-zero, top - zero, 1 / scale];
  let error = 0;
  for (let i = 0; i < weights.length; i += stride) {
    const w = weights[i] as number;
    const level = Math.floor(w * inverse + 0.5);
    const difference = w - (level < low ? low : level > high ? high : level) * scale;
    error += difference * difference;
  }
  return error;
}

/** Every how many of the search's 80 steps of 1 % are tried, and on about how many weights of a channel. */
const [STRIDE, STEPS, TRIED] = [5, 80, 512];
/** The error falls and then rises as a range shrinks: from so many times the least on nothing better comes. */
const HOPELESS = 1.5;

/** Scale and zero point of nearly the least squared error. */
function nearlyBest(weights: Float32Array, tried: number, bits: number, symmetric: boolean): [scale: number, zero: number] {
  const ends = range(weights);
  const [low, high] = symmetric ? mirrored(...ends) : ends;
  // A constant channel: one step of its own size represents it exactly.
  if (low === high) return [Math.abs(high) || 1, high < 0 ? 1 : 0];
  const stride = Math.max(1, Math.floor(weights.length / tried));
  const top = levelsOf(bits) - 1;
  const extremes = Float32Array.from(ends);
  let best = shrunkRange(low, high, bits, 0);
  let lowest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < STEPS; step += STRIDE) {
    const [scale, zero] = shrunkRange(low, high, bits, step);
    // The ends count whether or not they are among those that are tried: clipping them is what shrinking costs.
    const error = errorOf(weights, stride, scale, zero, top) + errorOf(extremes, 1, scale, zero, top) / stride;
    if (error < lowest) [lowest, best] = [error, [scale, zero]];
    else if (error > HOPELESS * lowest) break;
  }
  return best;
}
