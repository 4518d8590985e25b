/**
 * Depthwise convolution and its input gradient: no sums over channels, so vectors run over channels and
 * loops over taps. 3x3 kernels, which are nearly all there are, keep their nine taps in registers along an
 * output row; others walk a list of the taps that hit the image. The input gradient with stride 1 is the
 * forward pass with the kernel turned around.
 *
 * Row: as convRows, with the HWIO kernel (kh, kw, 1, c) in place of panels; 24 whether the kernel is turned
 * around, 25 whether this is the input gradient of a strided convolution, whose geometry is then the forward
 * one while x is dout and out is dx. Scratch: a pixel of zeros, or the list of taps.
 */
import { finished, finishLanes } from "./epilogue";
import { pointer, real, share, word } from "./memory";

/** Output positions that share a load of the taps: few enough that their pixels are read as streams. */
const SEGMENT: i32 = 8;

export function depthwise(row: usize, tid: i32, threads: i32): void {
  const strided = word(row, 25);
  const three = word(row, 15) == 3 && word(row, 16) == 3 && !strided;
  const total = word(row, 8) * (strided ? word(row, 9) : word(row, 12));
  const scratch = pointer(row, 6) + <usize>tid * pointer(row, 7);
  if (three) memory.fill(scratch, 0, (<usize>word(row, 11) << 2) + 16);
  for (let item = share(total, tid, threads); item < share(total, tid + 1, threads); item++) {
    if (three) threeRow(row, item, scratch);
    else listedRow(row, item, scratch);
  }
}

/** `sum` plus a column of three pixels times its three taps. */
@inline
function column(sum: v128, x0: usize, x1: usize, x2: usize, k0: v128, k1: v128, k2: v128): v128 {
  let s = f32x4.add(sum, f32x4.mul(v128.load(x0), k0));
  s = f32x4.add(s, f32x4.mul(v128.load(x1), k1));
  return f32x4.add(s, f32x4.mul(v128.load(x2), k2));
}

/** Output row `item` (over all images) of a 3x3 kernel. Input rows outside the image are one pixel of `zeros`. */
function threeRow(row: usize, item: i32, zeros: usize): void {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const image = item / oh;
  const sw = word(row, 18);
  const dh = word(row, 19);
  const dw = word(row, 20);
  const pl = word(row, 22);
  const top = (item - image * oh) * word(row, 17) - word(row, 21);
  const pixel = <usize>c << 2;
  const line = <usize>w * pixel;
  const source = pointer(row, 0) + <usize>(image * h) * line;
  // Where each of the three input rows starts, and how far apart its pixels are: zeros do not move.
  const in0 = top >= 0 && top < h;
  const in1 = top + dh >= 0 && top + dh < h;
  const in2 = top + 2 * dh >= 0 && top + 2 * dh < h;
  const r0 = in0 ? source + <usize>top * line : zeros;
  const r1 = in1 ? source + <usize>(top + dh) * line : zeros;
  const r2 = in2 ? source + <usize>(top + 2 * dh) * line : zeros;
  const d0: usize = in0 ? pixel : 0;
  const d1: usize = in1 ? pixel : 0;
  const d2: usize = in2 ? pixel : 0;

  const turned = word(row, 24);
  const first = turned ? pointer(row, 1) + 8 * pixel : pointer(row, 1);
  const step = turned ? 0 - pixel : pixel;
  const bias = pointer(row, 2);
  const residual = pointer(row, 3);
  const out = pointer(row, 4);
  const mask = pointer(row, 5);
  const flags = word(row, 28);
  const low = f32x4.splat(real(row, 29));
  const high = f32x4.splat(real(row, 30));
  const n = <usize>dw;
  for (let segment = 0; segment < ow; segment += SEGMENT) {
    const end = segment + SEGMENT < ow ? segment + SEGMENT : ow;
    for (let channel = 0; channel < c; channel += 4) {
      const byte = <usize>channel << 2;
      const kernel = first + byte;
      const k0 = v128.load(kernel);
      const k1 = v128.load(kernel + step);
      const k2 = v128.load(kernel + 2 * step);
      const k3 = v128.load(kernel + 3 * step);
      const k4 = v128.load(kernel + 4 * step);
      const k5 = v128.load(kernel + 5 * step);
      const k6 = v128.load(kernel + 6 * step);
      const k7 = v128.load(kernel + 7 * step);
      const k8 = v128.load(kernel + 8 * step);
      const start = bias ? v128.load(bias + byte) : f32x4.splat(0);
      for (let q = segment; q < end; q++) {
        const v = q * sw - pl;
        const p0 = r0 + byte + <usize>v * d0;
        const p1 = r1 + byte + <usize>v * d1;
        const p2 = r2 + byte + <usize>v * d2;
        let sum = start;
        if (v >= 0 && v + 2 * dw < w) {
          const left = column(start, p0, p1, p2, k0, k3, k6);
          const middle = column(f32x4.splat(0), p0 + n * d0, p1 + n * d1, p2 + n * d2, k1, k4, k7);
          const right = column(f32x4.splat(0), p0 + 2 * n * d0, p1 + 2 * n * d1, p2 + 2 * n * d2, k2, k5, k8);
          sum = f32x4.add(left, f32x4.add(middle, right));
        } else {
        if (v >= 0 && v < w) sum = column(sum, p0, p1, p2, k0, k3, k6);
        if (v + dw >= 0 && v + dw < w) sum = column(sum, p0 + n * d0, p1 + n * d1, p2 + n * d2, k1, k4, k7);
        if (v + 2 * dw >= 0 && v + 2 * dw < w) sum = column(sum, p0 + 2 * n * d0, p1 + 2 * n * d1, p2 + 2 * n * d2, k2, k5, k8);
        }
        const at = (item * ow + q) * c + channel;
        if (c - channel < 4) finishLanes(row, at, sum, c - channel);
        else v128.store(out + (<usize>at << 2), finished(sum, <usize>at << 2, residual, mask, flags, low, high));
      }
    }
  }
}

/** Row `item` of the output of any kernel, or of dx of a strided one. */
function listedRow(row: usize, item: i32, list: usize): void {
  const c = word(row, 11);
  const width = word(row, 25) ? word(row, 10) : word(row, 13);
  const bias = pointer(row, 2);
  for (let q = 0; q < width; q++) {
    const count = word(row, 25) ? gradientTaps(row, item, q, list) : forwardTaps(row, item, q, list);
    const at = (item * width + q) * c;
    for (let channel = 0; channel < c; channel += 4) {
      const byte = <usize>channel << 2;
      let sum = bias ? v128.load(bias + byte) : f32x4.splat(0);
      for (let t = 0; t < count; t++) {
        const entry = list + (<usize>t << 3);
        sum = f32x4.add(sum, f32x4.mul(v128.load(<usize>load<u32>(entry) + byte), v128.load(<usize>load<u32>(entry, 4) + byte)));
      }
      finishLanes(row, at + channel, sum, c - channel);
    }
  }
}

/** Lists pixel and tap addresses for the output at column `q` of row `item`; returns how many. */
function forwardTaps(row: usize, item: i32, q: i32, list: usize): i32 {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const kh = word(row, 15);
  const kw = word(row, 16);
  const image = item / oh;
  const top = (item - image * oh) * word(row, 17) - word(row, 21);
  const left = q * word(row, 18) - word(row, 22);
  let count = 0;
  for (let r = 0; r < kh; r++) {
    const y = top + r * word(row, 19);
    if (y < 0 || y >= h) continue;
    for (let s = 0; s < kw; s++) {
      const v = left + s * word(row, 20);
      if (v < 0 || v >= w) continue;
      const tap = word(row, 24) ? (kh - 1 - r) * kw + kw - 1 - s : r * kw + s;
      enter(row, list, count++, ((image * h + y) * w + v) * c, tap * c);
    }
  }
  return count;
}

/** Lists dout pixels and taps for the input at column `q` of row `item`. */
function gradientTaps(row: usize, item: i32, q: i32, list: usize): i32 {
  const h = word(row, 9);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const kw = word(row, 16);
  const sh = word(row, 17);
  const sw = word(row, 18);
  const image = item / h;
  let count = 0;
  for (let r = 0; r < word(row, 15); r++) {
    const y = item - image * h + word(row, 21) - r * word(row, 19);
    if (y < 0 || y % sh != 0 || y / sh >= oh) continue;
    for (let s = 0; s < kw; s++) {
      const v = q + word(row, 22) - s * word(row, 20);
      if (v < 0 || v % sw != 0 || v / sw >= ow) continue;
      enter(row, list, count++, ((image * oh + y / sh) * ow + v / sw) * c, (r * kw + s) * c);
    }
  }
  return count;
}

@inline
function enter(row: usize, list: usize, index: i32, pixel: i32, tap: i32): void {
  const entry = list + (<usize>index << 3);
  store<u32>(entry, <u32>(pointer(row, 0) + (<usize>pixel << 2)));
  store<u32>(entry, <u32>(pointer(row, 1) + (<usize>tap << 2)), 4);
}
