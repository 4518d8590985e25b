/**
 * Resizing and cropping of pictures, in arithmetic that is the same everywhere: a separable triangle filter
 * whose width grows when it shrinks (so that nothing aliases), as Pillow's and torchvision's antialiased
 * bilinear resize.
 */
import type { Picture } from "./images";

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const raw = Array.from({ length: last - first }, (_, j) => Math.max(0, 1 - Math.abs((first + j + 0.5 - centre) / reach)));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

export function resize(picture: Picture, height: number, width: number): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const { channels } = picture;
  const columns = tapsOf(picture.width, width);
  const rows = tapsOf(picture.height, height);
  const narrow = new Float64Array(picture.height * width * channels);
  for (let y = 0; y < picture.height; y++)
    columns.forEach(({ first, weights }, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        weights.forEach((weight, j) => {
          sum += weight * (picture.pixels[(y * picture.width + first + j) * channels + c] as number);
        });
        narrow[(y * width + x) * channels + c] = sum;
      }
    });
  const pixels = new Uint8Array(height * width * channels);
  const line = width * channels;
  rows.forEach(({ first, weights }, y) => {
    for (let at = 0; at < line; at++) {
      let sum = 0;
      weights.forEach((weight, j) => {
        sum += weight * (narrow[(first + j) * line + at] as number);
      });
      pixels[y * line + at] = Math.min(255, Math.max(0, Math.floor(sum + 0.5)));
    }
  });
  return { height, width, channels, pixels };
}

export function centreCrop(picture: Picture, height: number, width: number): Picture {
  const top = Math.floor((picture.height - height) / 2);
  const left = Math.floor((picture.width - width) / 2);
  const { channels } = picture;
  const pixels = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * channels;
    pixels.set(picture.pixels.subarray(from, from + width * channels), y * width * channels);
  }
  return { height, width, channels, pixels };
}
