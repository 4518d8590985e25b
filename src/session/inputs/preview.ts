/**
 * The first few calibration images as the network will see them, to be looked at before anything runs: a wrong crop, a
 * stretched picture or swapped colours show at once. Of the files only those that these images need are read.
 *
 * What is shown is the network's input itself. Images are shown as value x std + mean, which is 0..1, with the network's
 * first channel as red, the second as green and the third as blue; numbers that came preprocessed, whose mean nobody
 * knows, from the least among them, black, to the greatest, white.
 */
import { rangeOf, toBytes } from "../../data/display";
import { type ImageSet, isPreprocessed } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";

/** Images that are looked at. */
export const PREVIEWED = 6;

export interface PreviewImage {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

export interface Preview {
  readonly images: readonly PreviewImage[];
  /** By channel, in the network's order. */
  readonly ranges: readonly (readonly [low: number, high: number])[];
  /** How values became colours, in a sentence. */
  readonly mapping: string;
}

export interface PreviewError {
  readonly error: string;
  /** Whether no preprocessing makes images of these files. */
  readonly unreadable: boolean;
}

/** @param set the first few images */
export function previewOf(set: ImageSet, preprocessing: Preprocessing): Preview {
  const { count, height, width, channels } = set;
  const values = normalize(set, preprocessing, 0, count);
  const ranges = Array.from({ length: channels }, (_, c) => rangeOf(values.filter((_, i) => i % channels === c)));
  const all = rangeOf(ranges.flat());
  const raw = isPreprocessed(set);
  const at = (list: readonly number[], c: number) => list[list.length === 1 ? 0 : c] as number;
  const shown = raw
    ? toBytes(values, all)
    : toBytes(
        values.map((value, i) => value * at(preprocessing.std, i % channels) + at(preprocessing.mean, i % channels)),
        [0, 1],
      );
  const size = height * width * channels;
  const colours = channels === 3 ? ", the network's first channel as red, its second as green, its third as blue" : "";
  return {
    images: Array.from({ length: count }, (_, i) => ({ height, width, channels, pixels: shown.slice(i * size, (i + 1) * size) })),
    ranges,
    mapping: raw
      ? `Shown from ${all[0].toPrecision(3)}, black, to ${all[1].toPrecision(3)}, white${colours}`
      : `Shown as value × std + mean, black at 0 and white at 1${colours}`,
  };
}
