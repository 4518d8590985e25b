/**
 * 3x3 convolutions with stride 1 as Winograd's F(4x4, 3x3) (Lavin and Gray, CVPR 2016): a tile of 4x4
 * outputs takes 36 multiplications a channel pair in place of 144. The input gradient of such a convolution
 * is another one, with the kernel turned around.
 *
 *   Y = A' [ (G g G') . (B' d B) ] A
 *
 * A thread takes a run of tile rows: packs the input, transforms it tile by tile into 36 matrices
 * [tiles, c], multiplies each by its [c, k] kernel matrix, and transforms back with the convolution's
 * epilogue. Everything of a run stays in the second-level cache. Each output is one sum in one order.
 */
import { finished } from "./epilogue";
import { pointer, real, share, word } from "./memory";
import { tile4x8 } from "./tile";
import { packRows } from "./window";

const SIX: i32 = 6;

/**
 * Words between two of the 36 planes beyond their size: planes a power of two apart would all fall into the
 * same few sets of the first-level cache, and a tile touches all 36.
 */
export const PLANE_PADDING: i32 = 16;

/**
 * Transforms an HWIO 3x3 kernel to panels [36][block of 8 channels][depth][8].
 * Row: 0 w, 1 panels, 2 c, 3 k, 4 flipped.
 */
export function winogradKernel(row: usize, tid: i32, threads: i32): void {
  const w = pointer(row, 0);
  const panels = pointer(row, 1);
  const c = word(row, 2);
  const k = word(row, 3);
  const flipped = word(row, 4);
  const channels = flipped ? c : k;
  const depth = flipped ? k : c;
  const blocks = (channels + 7) >> 3;
  const plane = <usize>(blocks * depth) << 5;
  for (let block = share(blocks, tid, threads); block < share(blocks, tid + 1, threads); block++) {
    for (let d = 0; d < depth; d++) {
      const to = panels + (<usize>(block * depth + d) << 5);
      for (let i = 0; i < 8; i++) {
        const channel = (block << 3) + i;
        const at = to + (<usize>i << 2);
        if (channel >= channels) {
          for (let p = 0; p < 36; p++) store<f32>(at + <usize>p * plane, 0);
          continue;
        }
        // Columns first: t = G g, six rows of three; then each row of t times G'.
        const base = flipped ? channel * k + d : d * k + channel;
        const tap = c * k;
        for (let r = 0; r < SIX; r++) {
          const t0 = gRow(r, w, base, tap, 0, flipped);
          const t1 = gRow(r, w, base, tap, 1, flipped);
          const t2 = gRow(r, w, base, tap, 2, flipped);
          for (let s = 0; s < SIX; s++) store<f32>(at + <usize>(r * SIX + s) * plane, combine(s, t0, t1, t2));
        }
      }
    }
  }
}

@inline
function weight(w: usize, base: i32, tap: i32, r: i32, s: i32, flipped: i32): f32 {
  const t = flipped ? 8 - (r * 3 + s) : r * 3 + s;
  return load<f32>(w + (<usize>(base + t * tap) << 2));
}

function gRow(r: i32, w: usize, base: i32, tap: i32, s: i32, flipped: i32): f32 {
  return combine(r, weight(w, base, tap, 0, s, flipped), weight(w, base, tap, 1, s, flipped), weight(w, base, tap, 2, s, flipped));
}

/** Row r of G times (a, b, c). */
function combine(r: i32, a: f32, b: f32, c: f32): f32 {
  if (r == 0) return a * 0.25;
  if (r == 1) return (a + b + c) * <f32>(-1.0 / 6.0);
  if (r == 2) return (a - b + c) * <f32>(-1.0 / 6.0);
  if (r == 3) return a * <f32>(1.0 / 24.0) + b * <f32>(1.0 / 12.0) + c * <f32>(1.0 / 6.0);
  if (r == 4) return a * <f32>(1.0 / 24.0) - b * <f32>(1.0 / 12.0) + c * <f32>(1.0 / 6.0);
  return c;
}

/**
 * Row: as convRows, with the panels of winogradKernel; 26 is the tile rows of a run. c and k are
 * multiples of four.
 */
export function winogradConv(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const panels = pointer(row, 1);
  const n = word(row, 8);
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const k = word(row, 14);
  const most = word(row, 26);
  const across = (ow + 3) >> 2;
  const down = (oh + 3) >> 2;
  const runs = (down + most - 1) / most;
  const width = across * 4 + 2;
  const spans = pointer(row, 6) + <usize>tid * pointer(row, 7); // the one span of a product starts at 0
  store<i32>(spans, 0);
  const packed = spans + 16;
  const tilesMost = most * across;
  const vs = packed + (<usize>((most * 4 + 2) * width * c) << 2);
  const ms = vs + (<usize>(36 * (tilesMost * c + PLANE_PADDING)) << 2);
  const blocks = (k + 7) >> 3;
  const padded = blocks << 3;
  const total = n * runs;
  for (let item = share(total, tid, threads); item < share(total, tid + 1, threads); item++) {
    const image = item / runs;
    const first = (item - image * runs) * most;
    const rows = first + most > down ? down - first : most;
    const tiles = rows * across;
    const vPlane = <usize>(tiles * c + PLANE_PADDING) << 2;
    const mPlane = <usize>(tiles * padded + PLANE_PADDING) << 2;
    const source = x + ((<usize>(image * h * w) * <usize>c) << 2);
    packRows(source, packed, first * 4 - word(row, 21), rows * 4 + 2, width, word(row, 22), h, w, c, 1, 1);
    for (let t = 0; t < tiles; t++) {
      const corner = packed + (<usize>(((t / across) * 4 * width + (t % across) * 4) * c) << 2);
      for (let channel = 0; channel < c; channel += 4)
        inputTile(corner + (<usize>channel << 2), <usize>(width * c) << 2, <usize>c << 2, vs + (<usize>(t * c + channel) << 2), vPlane);
    }
    for (let p = 0; p < 36; p++) {
      const v = vs + <usize>p * vPlane;
      const m = ms + <usize>p * mPlane;
      for (let block = 0; block < blocks; block++)
        multiply(v, panels + (<usize>((p * blocks + block) * c) << 5), m + (<usize>block << 5), tiles, c, <usize>padded << 2, spans);
    }
    for (let t = 0; t < tiles; t++) {
      const top = (first + t / across) * 4;
      const left = (t % across) * 4;
      const at = ((image * oh + top) * ow + left) * k;
      for (let channel = 0; channel < k; channel += 4)
        outputTile(row, ms + (<usize>(t * padded + channel) << 2), mPlane, at + channel, channel, oh - top, ow - left);
    }
  }
}

// The two halves of B' d: a 6-vector of pixels to six sums, and the same along the other axis.
@inline
function b0(d0: v128, d2: v128, d4: v128): v128 {
  return f32x4.add(f32x4.sub(f32x4.mul(d0, f32x4.splat(4)), f32x4.mul(d2, f32x4.splat(5))), d4);
}

/** Six values a stride apart, transformed by B' in place. */
@inline
function transformSix(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const d4 = v128.load(from + 4 * fromStep);
  const d5 = v128.load(from + 5 * fromStep);
  const a = f32x4.sub(d4, f32x4.mul(d2, f32x4.splat(4)));
  const b = f32x4.sub(d3, f32x4.mul(d1, f32x4.splat(4)));
  const e = f32x4.sub(d4, d2);
  const f = f32x4.sub(d3, d1);
  const g = f32x4.add(f, f);
  v128.store(to, b0(d0, d2, d4));
  v128.store(to + toStep, f32x4.add(a, b));
  v128.store(to + 2 * toStep, f32x4.sub(a, b));
  v128.store(to + 3 * toStep, f32x4.add(e, g));
  v128.store(to + 4 * toStep, f32x4.sub(e, g));
  v128.store(to + 5 * toStep, b0(d1, d3, d5));
}

/** B' d B for four channels of a tile, to the 36 planes of V. */
export function inputTile(from: usize, rowStep: usize, pixel: usize, to: usize, plane: usize): void {
  // Along the columns of the tile into V, then along its rows in place.
  for (let s = 0; s < SIX; s++) transformSix(from + <usize>s * pixel, rowStep, to + <usize>s * plane, 6 * plane);
  for (let r = 0; r < SIX; r++) transformSix(to + <usize>(r * 6) * plane, plane, to + <usize>(r * 6) * plane, plane);
}

/** m [tiles, 8 of padded] = v [tiles, c] x panel [c, 8]. */
function multiply(v: usize, panel: usize, m: usize, tiles: i32, c: i32, mStep: usize, spans: usize): void {
  const step = <usize>c << 2;
  for (let t = 0; t < tiles; t += 4) {
    const count = tiles - t < 4 ? tiles - t : 4;
    const p0 = v + <usize>t * step;
    const p1 = count > 1 ? p0 + step : p0;
    const p2 = count > 2 ? p1 + step : p1;
    const p3 = count > 3 ? p2 + step : p2;
    tile4x8(p0, p1, p2, p3, spans, 1, c, panel, m + <usize>t * mStep, mStep, count);
  }
}

/** A' m A for four channels, and the epilogue for the outputs that lie inside the image. */
function outputTile(row: usize, m: usize, plane: usize, at: i32, channel: i32, rows: i32, columns: i32): void {
  const k = word(row, 14);
  const line = word(row, 13) * k;
  const bias = pointer(row, 2);
  const start = bias ? v128.load(bias + (<usize>channel << 2)) : f32x4.splat(0);
  const residual = pointer(row, 3);
  const out = pointer(row, 4);
  const mask = pointer(row, 5);
  const flags = word(row, 28);
  const low = f32x4.splat(real(row, 29));
  const high = f32x4.splat(real(row, 30));
  // A' along the columns, in place: six columns of six values become six columns of four.
  for (let s = 0; s < SIX; s++) {
    const p = m + <usize>s * plane;
    const m1 = v128.load(p + 6 * plane);
    const m2 = v128.load(p + 12 * plane);
    const m3 = v128.load(p + 18 * plane);
    const m4 = v128.load(p + 24 * plane);
    const sum = f32x4.add(m1, m2);
    const difference = f32x4.sub(m1, m2);
    const wide = f32x4.add(m3, m4);
    const far = f32x4.sub(m3, m4);
    const y0 = f32x4.add(f32x4.add(v128.load(p), sum), wide);
    const y3 = f32x4.add(f32x4.add(difference, f32x4.mul(far, f32x4.splat(8))), v128.load(p + 30 * plane));
    v128.store(p, y0);
    v128.store(p + 6 * plane, f32x4.add(difference, f32x4.add(far, far)));
    v128.store(p + 12 * plane, f32x4.add(sum, f32x4.mul(wide, f32x4.splat(4))));
    v128.store(p + 18 * plane, y3);
  }
  const last = rows < 4 ? rows : 4;
  for (let r = 0; r < last; r++) {
    const p = m + <usize>(r * 6) * plane;
    const m1 = v128.load(p + plane);
    const m2 = v128.load(p + 2 * plane);
    const m3 = v128.load(p + 3 * plane);
    const m4 = v128.load(p + 4 * plane);
    const sum = f32x4.add(m1, m2);
    const difference = f32x4.sub(m1, m2);
    const wide = f32x4.add(m3, m4);
    const far = f32x4.sub(m3, m4);
    const to = <usize>(at + r * line) << 2;
    const step = <usize>k << 2;
    const y0 = f32x4.add(start, f32x4.add(f32x4.add(v128.load(p), sum), wide));
    v128.store(out + to, finished(y0, to, residual, mask, flags, low, high));
    if (columns > 1) {
      const y1 = f32x4.add(start, f32x4.add(difference, f32x4.add(far, far)));
      v128.store(out + to + step, finished(y1, to + step, residual, mask, flags, low, high));
    }
    if (columns > 2) {
      const y2 = f32x4.add(start, f32x4.add(sum, f32x4.mul(wide, f32x4.splat(4))));
      v128.store(out + to + 2 * step, finished(y2, to + 2 * step, residual, mask, flags, low, high));
    }
    if (columns > 3) {
      const y3 = f32x4.add(f32x4.add(difference, f32x4.mul(far, f32x4.splat(8))), v128.load(p + 5 * plane));
      v128.store(out + to + 3 * step, finished(f32x4.add(start, y3), to + 3 * step, residual, mask, flags, low, high));
    }
  }
}
