/**
 * A layer's weights on their grid. A weight's place is w / scale + zero: level q is at q, the edges between levels at halves,
 * so that channels with other scales can be counted together and rounding to nearest is seen as what it is.
 *
 * A reconstruction may choose the next level instead: a flip. It is told by the chosen level minus the nearest one on
 * the same grid, so that methods which move the grid itself (AdaQuant, Bit-Split) are not said to flip what they merely rescaled.
 */
import type { LayerCodes } from "../../export/codes";
import type { Layer } from "../../graph/types";
import { clampLevel, levelsOf, roundEven } from "../../quantize/quantizer";
import type { Flips, GridHistogram, WeightsInspection } from "./inspection";

/** A layer with its integers. */
export interface CodedLayer {
  readonly layer: Layer;
  readonly codes: LayerCodes;
}

/** Bins that a level is divided into at most, and that a whole histogram should not exceed. */
const [BINS_A_LEVEL, BINS] = [8, 512];
/** Weights that are sent one by one. */
const SAMPLE = 256;
/** Parts of a step by which roundings are counted. */
const FRACTIONS = 20;
/** Weights of a map of flips. */
const MAP = 2 ** 16;

/** The weights that are counted: every `step`th of the kernel's data from `first` on. */
interface Counted {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/**
 * @param nearest the layer rounded to nearest
 * @param reconstructed the layer as the method left it; null before a run
 * @param channel the output channel to count, or null for all
 */
export function inspectWeights(nearest: CodedLayer, reconstructed: CodedLayer | null, channel: number | null): WeightsInspection {
  const shown = reconstructed ?? nearest;
  const { data, shape } = shown.layer.operation.kernel;
  const { bits, scale, zero } = shown.codes;
  const channels = shape.at(-1) as number;
  const counted: Counted =
    channel === null ? { first: 0, step: 1, count: data.length } : { first: channel, step: channels, count: data.length / channels };
  const { full, clipped } = histogram(shown, counted);
  const stride = Math.ceil(counted.count / SAMPLE);
  const some = Array.from({ length: Math.ceil(counted.count / stride) }, (_, n) => counted.first + n * stride * counted.step);
  const levelsAt = ({ codes }: CodedLayer) => Int16Array.from(some, (i) => codes.codes[i] as number);
  return {
    ...{ shape, bits, scale, zero, count: counted.count, ...rangesOf(data, channels), full, clipped },
    nearest: countLevels(nearest.codes, counted),
    reconstructed: reconstructed && countLevels(reconstructed.codes, counted),
    sample: {
      index: Uint32Array.from(some),
      position: Float32Array.from(some, (i) => placeOf(shown, i)),
      nearest: levelsAt(nearest),
      reconstructed: reconstructed && levelsAt(reconstructed),
    },
    flips: reconstructed && flipsOf(reconstructed, channel),
    sameGrid: reconstructed === null || isSameGrid(nearest, reconstructed),
    bytes: { float: 4 * data.length, quantized: Math.ceil((data.length * bits) / 8) + 5 * scale.length },
  };
}

/** Where a weight lies on its grid, in levels. */
function placeOf({ layer, codes: { scale, zero } }: CodedLayer, i: number): number {
  return (layer.operation.kernel.data[i] as number) / (scale[i % scale.length] as number) + (zero[i % zero.length] as number);
}

function rangesOf(data: Float32Array, channels: number): { low: Float32Array; high: Float32Array } {
  const [low, high] = [new Float32Array(channels).fill(Number.POSITIVE_INFINITY), new Float32Array(channels).fill(Number.NEGATIVE_INFINITY)];
  for (let i = 0; i < data.length; i++) {
    const [c, w] = [i % channels, data[i] as number];
    low[c] = Math.min(low[c] as number, w);
    high[c] = Math.max(high[c] as number, w);
  }
  return { low, high };
}

/** Bins over all places and all levels, and how many places lie more than half a step beyond the last level. */
function histogram(layer: CodedLayer, { first, step, count }: Counted): { full: GridHistogram; clipped: number } {
  const levels = levelsOf(layer.codes.bits);
  let [low, high, clipped] = [0, levels - 1, 0];
  for (let n = 0, i = first; n < count; n++, i += step) {
    const at = placeOf(layer, i);
    low = Math.min(low, Math.floor(at + 0.5));
    high = Math.max(high, Math.ceil(at - 0.5));
    if (at < -0.5 || at > levels - 0.5) clipped++;
  }
  const reach = high - low + 1;
  const each = Math.max(1, Math.min(BINS_A_LEVEL, Math.floor(BINS / reach)));
  const counts = new Uint32Array(reach * each);
  for (let n = 0, i = first; n < count; n++, i += step) {
    const bin = Math.min(counts.length - 1, Math.floor((placeOf(layer, i) - low + 0.5) * each));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { full: { first: low - 0.5, width: 1 / each, counts }, clipped };
}

function countLevels({ bits, codes }: LayerCodes, { first, step, count }: Counted): Uint32Array {
  const counts = new Uint32Array(levelsOf(bits));
  for (let n = 0, i = first; n < count; n++, i += step) {
    const level = codes[i] as number;
    counts[level] = (counts[level] as number) + 1;
  }
  return counts;
}

function flipsOf({ layer, codes: { bits, codes, scale, zero } }: CodedLayer, channel: number | null): Flips {
  const { data, shape } = layer.operation.kernel;
  const channels = shape.at(-1) as number;
  const levels = levelsOf(bits);
  const each = data.length / channels;
  const mapped = data.length <= MAP ? null : channel;
  const differences = data.length <= MAP ? new Int8Array(data.length) : mapped !== null && each <= MAP ? new Int8Array(each) : null;
  const byChannel = new Uint32Array(channels);
  const byFraction = { weights: new Uint32Array(FRACTIONS), up: new Uint32Array(FRACTIONS) };
  let [total, up, far] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const [s, z] = [scale[i % scale.length] as number, zero[i % zero.length] as number];
    const code = codes[i] as number;
    const nearest = clampLevel(roundEven(Math.fround((data[i] as number) / s)) + z, levels);
    const at = (data[i] as number) / s + z;
    const below = Math.floor(at);
    if (below >= 0 && below < levels - 1) {
      const bin = Math.min(FRACTIONS - 1, Math.floor((at - below) * FRACTIONS));
      byFraction.weights[bin] = (byFraction.weights[bin] as number) + 1;
      if (code > below) byFraction.up[bin] = (byFraction.up[bin] as number) + 1;
    }
    const difference = code - nearest;
    if (difference === 0) continue;
    const c = i % channels;
    byChannel[c] = (byChannel[c] as number) + 1;
    total++;
    if (difference > 0) up++;
    if (Math.abs(difference) > 1) far++;
    const place = mapped === null ? i : c === mapped ? (i - c) / channels : -1;
    if (differences && place >= 0) differences[place] = Math.max(-127, Math.min(127, difference));
  }
  return { total, up, far, byChannel, each, byFraction, map: differences && { channel: mapped, differences } };
}

function isSameGrid(a: CodedLayer, b: CodedLayer): boolean {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>) => x.length === y.length && Array.prototype.every.call(x, (value, i) => value === y[i]);
  return (
    a.codes.bits === b.codes.bits &&
    same(a.codes.scale, b.codes.scale) &&
    same(a.codes.zero, b.codes.zero) &&
    (a.layer === b.layer || same(a.layer.operation.kernel.data, b.layer.operation.kernel.data))
  );
}
