/**
 * A first look at a network before any image is: what rounding to nearest at a few widths would take from each layer's
 * weights, how far the weights reach, and which channels reach much farther than their fellows. It knows nothing of what
 * the network computes, so it tells where the weights are hard to round, not what that costs in accuracy.
 *
 * Noise is a signal-to-quantization-noise ratio: the energy of the weights over that of their rounding errors, in decibels.
 * Ranges follow the recipe's scale method, but the full search for scales of least error takes minutes of a single
 * thread on large networks. Here it tries every fifth of its steps, under the squared error of at most 1024 weights of
 * a channel; the noise is then measured on all weights. On the built-in networks that is at most half a decibel
 * below what the full search gives, and mostly above it, since that weighs errors by another power.
 */
import { layersOf } from "../graph/queries";
import type { Graph, Layer } from "../graph/types";
import { levelsOf, type QParams } from "./quantizer";
import { channelRanges, columnsOf, mirrored, type QParamsOptions, rangeQParams, shrunkRange } from "./scale";
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

/** Weights that are quantized between two looks at the event loop: some ten milliseconds. */
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
  const median = medianOf(reach.filter((value) => value > 0));
  const sqnr: (number | null)[] = [];
  for (const bits of LOOKED_AT) sqnr.push(await noiseAt(data, columns, channels, bits, options, breathe));
  return {
    name,
    kind: operation.op === "linear" ? "linear" : operation.groups > 1 && shape[2] === 1 ? "depthwise" : "conv",
    sqnr,
    range: [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))],
    channels,
    outliers: median > 0 ? reach.flatMap((value, c) => (value > OUTLIER_RANGE * median ? [c] : [])) : [],
    widest: median > 0 ? reach.reduce((most, value) => Math.max(most, value / median), 0) : 1,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Decibels of one kernel at one width; null where rounding changes nothing. */
async function noiseAt(
  weights: Float32Array,
  columns: Float32Array,
  channels: number,
  bits: number,
  options: LookOptions,
  breathe: () => void | Promise<void>,
): Promise<number | null> {
  const count = options.granularity === "tensor" ? 1 : channels;
  const qparams =
    options.scale === "mse"
      ? await nearlyBestQParams(count === 1 ? weights : columns, count, bits, options.symmetric ?? false, breathe)
      : rangeQParams(weights, channels, bits, options.scale, options);
  let [energy, error] = [0, 0];
  const [scale, zero] = [Float64Array.from(qparams.scale), Float64Array.from(qparams.zero)];
  const top = levelsOf(bits) - 1;
  for (let from = 0; from < weights.length; from += BETWEEN) {
    const to = Math.min(weights.length, from + BETWEEN);
    for (let i = from, c = from % count; i < to; i++, c = c + 1 === count ? 0 : c + 1) {
      const w = weights[i] as number;
      const difference = w - rounded(w, scale[c] as number, zero[c] as number, top);
      energy += w * w;
      error += difference * difference;
    }
    await breathe();
  }
  return error > 0 && energy > 0 ? 10 * Math.log10(energy / error) : null;
}

/** The nearest level; ties go up, which a measure of noise does not tell from half to even. */
function rounded(w: number, scale: number, zero: number, top: number): number {
  const level = Math.floor(w / scale + 0.5) + zero;
  return ((level < 0 ? 0 : level > top ? top : level) - zero) * scale;
}

/** Every how many of the search's 80 steps of 1 % are tried, and on how many weights of a channel. */
const [STRIDE, STEPS, TRIED] = [5, 80, 1024];
/** The error falls and then rises as a range shrinks: from so many times the least on nothing better comes. */
const HOPELESS = 1.5;

async function nearlyBestQParams(
  columns: Float32Array,
  channels: number,
  bits: number,
  symmetric: boolean,
  breathe: () => void | Promise<void>,
): Promise<QParams> {
  const [scale, zero] = [new Float32Array(channels), new Float32Array(channels)];
  const size = columns.length / channels;
  // Whole tensors are one long channel.
  const tried = channels === 1 ? 32 * TRIED : TRIED;
  const stride = Math.max(1, Math.floor(size / tried));
  const top = levelsOf(bits) - 1;
  let done = 0;
  for (const [c, [least, most]] of channelRanges(columns, channels).entries()) {
    const [low, high] = symmetric ? mirrored(least, most) : [least, most];
    let lowest = Number.POSITIVE_INFINITY;
    for (let step = 0; low < high && step < STEPS; step += STRIDE) {
      const [s, z] = shrunkRange(low, high, bits, step);
      // The ends count whether or not they are among those that are tried: clipping them is what shrinking costs.
      let error = ((least - rounded(least, s, z, top)) ** 2 + (most - rounded(most, s, z, top)) ** 2) / stride;
      for (let i = c * size; i < (c + 1) * size; i += stride) {
        const w = columns[i] as number;
        const difference = w - rounded(w, s, z, top);
        error += difference * difference;
      }
      done += size / stride;
      if (error < lowest) [lowest, scale[c], zero[c]] = [error, s, z];
      else if (error > HOPELESS * lowest) break;
    }
    // A constant channel: one step of its own size represents it exactly.
    if (low === high) [scale[c], zero[c]] = [Math.abs(high) || 1, high < 0 ? 1 : 0];
    if (done > BETWEEN) {
      done = 0;
      await breathe();
    }
  }
  return { bits, scale, zero };
}
