/**
 * The weights of interpolation along one axis, as ONNX's Resize defines them (operator specification, version 19): where
 * each output entry lies on the input axis, and which entries it is a weighted sum of.
 */
import type { Interpolation } from "../graph/types";

/** For every output entry, `taps` indices and weights. */
export interface Taps {
  readonly from: number;
  readonly to: number;
  readonly taps: number;
  /** [to, taps] */
  readonly indices: Int32Array;
  readonly weights: Float32Array;
}

export function tapsOf(rows: readonly (readonly (readonly [index: number, weight: number])[])[], from: number): Taps {
  const taps = Math.max(1, ...rows.map((row) => row.length));
  const indices = new Int32Array(rows.length * taps);
  const weights = new Float32Array(rows.length * taps);
  rows.forEach((row, i) => {
    row.forEach(([index, weight], t) => {
      indices[i * taps + t] = index;
      weights[i * taps + t] = weight;
    });
  });
  return { from, to: rows.length, taps, indices, weights };
}

/** The same weights read the other way: what every input entry gives to the output, for the gradient. */
export function transposedTaps({ from, to, taps, indices, weights }: Taps): Taps {
  const rows: [number, number][][] = Array.from({ length: from }, () => []);
  for (let i = 0; i < to; i++)
    for (let t = 0; t < taps; t++) {
      const weight = weights[i * taps + t] as number;
      if (weight !== 0) rows[indices[i * taps + t] as number]?.push([i, weight]);
    }
  return tapsOf(rows, to);
}

/** As a device reads them: for each output entry its indices, then its weights. */
export function tableOf({ to, taps, indices, weights }: Taps): Float32Array {
  const table = new Float32Array(to * 2 * taps);
  for (let i = 0; i < to; i++)
    for (let t = 0; t < taps; t++) {
      table[i * 2 * taps + t] = indices[i * taps + t] as number;
      table[(i * 2 + 1) * taps + t] = weights[i * taps + t] as number;
    }
  return table;
}

export function interpolationTaps(interpolation: Interpolation, axis: 0 | 1, from: number): Taps {
  const to = interpolation.size[axis];
  const scale = interpolation.scales[axis];
  const rows = Array.from({ length: to }, (_, i) => rowAt(interpolation, coordinate(interpolation, i, from, to, scale), from));
  return tapsOf(rows, from);
}

/** Where output entry `i` lies on the input axis. */
function coordinate({ coordinates }: Interpolation, i: number, from: number, to: number, scale: number): number {
  switch (coordinates) {
    case "half_pixel":
      return (i + 0.5) / scale - 0.5;
    case "half_pixel_symmetric": {
      const adjustment = to / (scale * from);
      const centre = from / 2;
      return centre * (1 - adjustment) + (i + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return to > 1 ? (i + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      // The specification's resized length is the product, before it is rounded to a size.
      return from * scale === 1 ? 0 : (i * (from - 1)) / (from * scale - 1);
    case "tf_half_pixel_for_nn":
      return (i + 0.5) / scale;
    case "asymmetric":
      return i / scale;
  }
}

function rowAt({ mode, rounding, cubic, excludeOutside }: Interpolation, x: number, from: number): [number, number][] {
  const inside = (index: number) => Math.min(from - 1, Math.max(0, index));
  if (mode === "nearest") return [[inside(rounded(x, rounding)), 1]];
  const floor = Math.floor(x);
  const rest = x - floor;
  const taps: [number, number][] =
    mode === "linear"
      ? [
          [floor, 1 - rest],
          [floor + 1, rest],
        ]
      : [-1, 0, 1, 2].map((offset) => [floor + offset, cubicWeight(Math.abs(rest - offset), cubic)]);
  const kept = excludeOutside ? taps.filter(([index]) => index >= 0 && index < from) : taps;
  const total = excludeOutside ? kept.reduce((sum, [, weight]) => sum + weight, 0) : 1;
  return kept.map(([index, weight]) => [inside(index), weight / total]);
}

function rounded(x: number, rounding: Interpolation["rounding"]): number {
  switch (rounding) {
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
  }
}

/** Keys's kernel (1981), with parameter a. */
function cubicWeight(x: number, a: number): number {
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
}
