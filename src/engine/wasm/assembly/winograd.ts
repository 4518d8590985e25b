/**
 * 3x3 convolutions with stride 1 as Winograd's F(4x4, 3x3) (Lavin and Gray, CVPR 2016): a tile of 4x4
 * outputs takes 36 multiplications a channel pair in place of 144. The input gradient of such a convolution
 * is another one, with the kernel turned around.
 *
 *   Y = A' [ (G g G') . (B' d B) ] A
 *
 * The kernel's transform is in winograd-kernel.ts. A thread takes a run of tile rows: packs the input, transforms it tile by tile into 36 matrices
 * [tiles, c], multiplies each by its [c, k] kernel matrix, and transforms back with the convolution's
 * epilogue. Everything of a run stays in the second-level cache. Each output is one sum in one order.
 */
import { finished } from "./epilogue";
import { pointer, real, share, word } from "./memory";
import { packRows } from "./window";

const SIX: i32 = 6;

/**
 * Words between two of the 36 planes beyond their size: planes a power of two apart would all fall into the
 * same few sets of the first-level cache, and a tile touches all 36.
 */
export const PLANE_PADDING: i32 = 16;

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
  const packed = pointer(row, 6) + <usize>tid * pointer(row, 7);
  const tilesMost = (most * across + 3) & ~3; // a product takes four tiles
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
    const whole = (tiles + 3) & ~3;
    const vPlane = <usize>(whole * c + PLANE_PADDING) << 2;
    const mPlane = <usize>(whole * padded + PLANE_PADDING) << 2;
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
      for (let block = 0; block < blocks; block++) {
        const panel = panels + (<usize>((p * blocks + block) * c) << 5);
        for (let t = 0; t < whole; t += 4)
          product(v + (<usize>(t * c) << 2), <usize>c << 2, panel, c, m + (<usize>(t * padded) << 2) + (<usize>block << 5), <usize>padded << 2);
      }
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

/** m[4, 8] = v[4, c] x panel[c, 8], rows of v `step` and of m `mStep` bytes apart; c is a multiple of four. */
function product(v: usize, step: usize, panel: usize, c: i32, m: usize, mStep: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let p0 = v;
  let p2 = v + 2 * step;
  let b = panel;
  const end = v + (<usize>c << 2);
  while (p0 < end) {
    for (let i: usize = 0; i < 4; i++) {
      const b0 = v128.load(b + (i << 5));
      const b1 = v128.load(b + (i << 5), 16);
      let a = v128.load32_splat(p0 + (i << 2));
      c00 = f32x4.add(c00, f32x4.mul(a, b0));
      c01 = f32x4.add(c01, f32x4.mul(a, b1));
      a = v128.load32_splat(p0 + step + (i << 2));
      c10 = f32x4.add(c10, f32x4.mul(a, b0));
      c11 = f32x4.add(c11, f32x4.mul(a, b1));
      a = v128.load32_splat(p2 + (i << 2));
      c20 = f32x4.add(c20, f32x4.mul(a, b0));
      c21 = f32x4.add(c21, f32x4.mul(a, b1));
      a = v128.load32_splat(p2 + step + (i << 2));
      c30 = f32x4.add(c30, f32x4.mul(a, b0));
      c31 = f32x4.add(c31, f32x4.mul(a, b1));
    }
    p0 += 16;
    p2 += 16;
    b += 128;
  }
  v128.store(m, c00);
  v128.store(m, c01, 16);
  v128.store(m + mStep, c10);
  v128.store(m + mStep, c11, 16);
  v128.store(m + 2 * mStep, c20);
  v128.store(m + 2 * mStep, c21, 16);
  v128.store(m + 3 * mStep, c30);
  v128.store(m + 3 * mStep, c31, 16);
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
