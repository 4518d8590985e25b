/**
 * Resizing and cropping of pictures as Pillow and torchvision (on Pillow's pictures) do them, to the last bit, because
 * published accuracies were measured that way: a separable triangle filter whose width grows when it shrinks, so that
 * nothing aliases ("bilinear, antialiased").
 *
 * Rows are filtered first, then columns. Pillow computes in fixed point: weights are rounded to 22 bits after the
 * point, and each of the two directions ends in a rounding to bytes; a direction that keeps its size is left out. So
 * sums are of integers, and the same everywhere.
 */
import type { Picture } from "./images";

/** Bits after the point of a weight. */
const FRACTION = 22;
const HALF = 2 ** (FRACTION - 1);

interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const raw = Array.from({ length: last - first }, (_, j) => Math.max(0, 1 - Math.abs((first + j + 0.5 - centre) * (1 / reach))));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: Int32Array.from(raw, (weight) => Math.floor((weight / sum) * 2 ** FRACTION + 0.5)) };
  });
}

/**
 * One direction. The bytes are `lines` groups of `from` cells of `size` bytes; cells become `to` a group: pixels of
 * rows when size is the channels, and whole rows of a picture when it is a row's length.
 */
function filter(bytes: Uint8Array, lines: number, from: number, to: number, size: number): Uint8Array {
  if (from === to) return bytes;
  const taps = tapsOf(from, to);
  const out = new Uint8Array(lines * to * size);
  let at = 0;
  for (let line = 0; line < lines; line++)
    for (const { first, weights } of taps)
      for (let c = 0; c < size; c++) {
        let sum = HALF;
        let read = (line * from + first) * size + c;
        for (let j = 0; j < weights.length; j++, read += size) sum += (weights[j] as number) * (bytes[read] as number);
        out[at++] = Math.min(255, sum >> FRACTION);
      }
  return out;
}

export function resize(picture: Picture, height: number, width: number): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const { channels } = picture;
  const narrow = filter(picture.pixels, picture.height, picture.width, width, channels);
  return { height, width, channels, pixels: filter(narrow, 1, picture.height, height, width * channels) };
}

/** To the nearest whole number, halves to the even one. */
function roundEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down & 1) : Math.floor(value + 0.5);
}

/** Where a crop of the middle begins; where the remainder is odd, as torchvision's CenterCrop: half of it, rounded to the even number. */
export function cropStart(from: number, to: number): number {
  return roundEven((from - to) / 2);
}

export function centreCrop(picture: Picture, height: number, width: number): Picture {
  const top = cropStart(picture.height, height);
  const left = cropStart(picture.width, width);
  const { channels } = picture;
  const pixels = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * channels;
    pixels.set(picture.pixels.subarray(from, from + width * channels), y * width * channels);
  }
  return { height, width, channels, pixels };
}
