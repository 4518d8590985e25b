/**
 * Labels of every position of a picture, for segmentation: a second picture of the same size whose pixels are class numbers, in
 * one channel or as places in a palette, 255 where a pixel belongs to no class (Pascal VOC's and Cityscapes' convention).
 *
 * Pictures and their labels lie in two folders side by side under the same names: `images` and `labels` (or `masks`,
 * `annotations`), as well as Pascal VOC's `JPEGImages` and `SegmentationClass`. What is resized and cropped of a picture is of
 * its labels, each position taking the class of the nearest pixel: classes have no values between them.
 */
import { BadInput } from "../base/errors";
import type { InputFile } from "./files";
import { decodePngIndices } from "./png";
import { type Preprocessing, resizedTo } from "./preprocess";
import { cropStart } from "./resize";

const PICTURES = /^(images?|imgs?|jpegimages)$/i;
const LABELS = /^(labels?|masks?|annotations?|segmentationclass(aug|raw)?)$/i;

export interface LabelPictures {
  /** For each picture that has one the path of its label picture. */
  readonly of: ReadonlyMap<string, string>;
  /** All label pictures: they are no images. */
  readonly paths: ReadonlySet<string>;
}

/** @param pictures the paths of all pictures. @returns null where no folder of labels lies beside one of pictures */
export function findLabelPictures(pictures: readonly string[]): LabelPictures | null {
  const byPlace = new Map<string, string>();
  for (const path of pictures) {
    const place = placeOf(path, LABELS);
    if (place !== null && /\.png$/i.test(path)) byPlace.set(place, path);
  }
  const found = new Map<string, string>();
  for (const path of pictures) {
    const place = placeOf(path, PICTURES);
    const label = place === null ? undefined : byPlace.get(place);
    if (label !== undefined) found.set(path, label);
  }
  return found.size > 0 ? { of: found, paths: new Set(byPlace.values()) } : null;
}

/** A path without its ending and the name of its last folder that `kind` knows; null where it lies in none. */
function placeOf(path: string, kind: RegExp): string | null {
  const parts = path.split("/");
  const at = parts.slice(0, -1).findLastIndex((part) => kind.test(part));
  if (at < 0) return null;
  return parts
    .with(at, "*")
    .join("/")
    .replace(/\.[^.]*$/, "");
}

export type Size = readonly [height: number, width: number];

/**
 * The class numbers in a label picture.
 * @param size of the picture that it labels
 * @throws BadInput where it is no PNG of one channel, or of another size
 */
export function readLabelPicture(file: InputFile, [height, width]: Size): Uint8Array {
  const { path } = file;
  const indices = decodePngIndices(file);
  if (indices.height !== height || indices.width !== width)
    throw new BadInput(
      `${path} is ${indices.height}x${indices.width}, but the picture that it labels is ${height}x${width}; labels need a pixel for each pixel.`,
    );
  return indices.pixels;
}

/**
 * Labels resized and cropped like their picture and taken to the size of the network's output.
 * @param preprocessing null where the picture is taken as it is
 * @param to height and width of the network's output
 */
export function fitLabels(
  labels: ArrayLike<number>,
  [height, width]: Size,
  preprocessing: Pick<Preprocessing, "resize" | "crop"> | null,
  to: Size,
): Int32Array {
  const resized = preprocessing ? resizedTo([height, width], preprocessing.resize) : ([height, width] as const);
  const cropped = preprocessing?.crop ?? resized;
  const sources = ([0, 1] as const).map((axis) => {
    const from = axis === 0 ? height : width;
    const start = cropStart(resized[axis], cropped[axis]);
    return Int32Array.from({ length: to[axis] }, (_, i) => nearest(start + nearest(i, to[axis], cropped[axis]), resized[axis], from));
  });
  const [rows, columns] = sources as [Int32Array, Int32Array];
  const out = new Int32Array(to[0] * to[1]);
  let at = 0;
  for (const row of rows) for (const column of columns) out[at++] = labels[row * width + column] as number;
  return out;
}

/** The entry of `from` whose middle is nearest to that of entry i of `to`. */
function nearest(i: number, to: number, from: number): number {
  return Math.min(from - 1, Math.floor(((i + 0.5) * from) / to));
}
