/**
 * The kernel gradient of a depthwise convolution, over fixed parts of the batch as in filter.ts. A 3x3
 * kernel's nine sums stay in registers over a few positions; others take one tap at a time.
 */
import { barrier } from "./barrier";
import { addParts } from "./filter";
import { pointer, share, word } from "./memory";

/** Output positions whose products are summed before they are added to the taps. */
const SEGMENT: i32 = 8;

/** Row: as filterGrad; the scratch of each thread holds a pixel of zeros. */
export function depthwiseFilterGrad(row: usize, tid: i32, threads: i32): void {
  const parts = word(row, 4);
  const n = word(row, 8);
  const size = word(row, 15) * word(row, 16) * word(row, 11);
  const three = word(row, 15) == 3 && word(row, 16) == 3;
  const zeros = pointer(row, 6) + <usize>tid * pointer(row, 7);
  memory.fill(zeros, 0, (<usize>word(row, 11) << 2) + 16);
  for (let part = share(parts, tid, threads); part < share(parts, tid + 1, threads); part++) {
    const dw = pointer(row, 3) + (<usize>(part * ((size + 3) & ~3)) << 2);
    memory.fill(dw, 0, <usize>size << 2);
    for (let image = share(n, part, parts); image < share(n, part + 1, parts); image++) {
      if (three) for (let p = 0; p < word(row, 12); p++) threeTaps(row, image, p, dw, zeros);
      else for (let tap = 0; tap < word(row, 15) * word(row, 16); tap++) oneTap(row, image, tap, dw);
    }
  }
  barrier(threads);
  addParts(pointer(row, 3), parts, size, pointer(row, 2), tid, threads);
}

/** Adds output row `p` of an image to all nine taps. Input rows outside the image are one pixel of `zeros`. */
function threeTaps(row: usize, image: i32, p: i32, dw: usize, zeros: usize): void {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const sw = word(row, 18);
  const down = word(row, 19);
  const across = word(row, 20);
  const pl = word(row, 22);
  const pixel = <usize>c << 2;
  const line = <usize>w * pixel;
  const source = pointer(row, 0) + <usize>(image * h) * line;
  const dout = pointer(row, 1) + <usize>((image * oh + p) * ow) * pixel;
  const top = p * word(row, 17) - word(row, 21);
  const in0 = top >= 0 && top < h;
  const in1 = top + down >= 0 && top + down < h;
  const in2 = top + 2 * down >= 0 && top + 2 * down < h;
  const r0 = in0 ? source + <usize>top * line : zeros;
  const r1 = in1 ? source + <usize>(top + down) * line : zeros;
  const r2 = in2 ? source + <usize>(top + 2 * down) * line : zeros;
  const d0: usize = in0 ? pixel : 0;
  const d1: usize = in1 ? pixel : 0;
  const d2: usize = in2 ? pixel : 0;
  for (let segment = 0; segment < ow; segment += SEGMENT) {
    const end = segment + SEGMENT < ow ? segment + SEGMENT : ow;
    for (let channel = 0; channel < c; channel += 4) {
      const byte = <usize>channel << 2;
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      let s4 = f32x4.splat(0);
      let s5 = f32x4.splat(0);
      let s6 = f32x4.splat(0);
      let s7 = f32x4.splat(0);
      let s8 = f32x4.splat(0);
      for (let q = segment; q < end; q++) {
        const g = v128.load(dout + <usize>q * pixel + byte);
        let v = q * sw - pl;
        if (v >= 0 && v < w) {
          s0 = f32x4.add(s0, f32x4.mul(v128.load(r0 + byte + <usize>v * d0), g));
          s3 = f32x4.add(s3, f32x4.mul(v128.load(r1 + byte + <usize>v * d1), g));
          s6 = f32x4.add(s6, f32x4.mul(v128.load(r2 + byte + <usize>v * d2), g));
        }
        v += across;
        if (v >= 0 && v < w) {
          s1 = f32x4.add(s1, f32x4.mul(v128.load(r0 + byte + <usize>v * d0), g));
          s4 = f32x4.add(s4, f32x4.mul(v128.load(r1 + byte + <usize>v * d1), g));
          s7 = f32x4.add(s7, f32x4.mul(v128.load(r2 + byte + <usize>v * d2), g));
        }
        v += across;
        if (v >= 0 && v < w) {
          s2 = f32x4.add(s2, f32x4.mul(v128.load(r0 + byte + <usize>v * d0), g));
          s5 = f32x4.add(s5, f32x4.mul(v128.load(r1 + byte + <usize>v * d1), g));
          s8 = f32x4.add(s8, f32x4.mul(v128.load(r2 + byte + <usize>v * d2), g));
        }
      }
      const to = dw + byte;
      const lanes = c - channel;
      addTo(to, s0, lanes);
      addTo(to + pixel, s1, lanes);
      addTo(to + 2 * pixel, s2, lanes);
      addTo(to + 3 * pixel, s3, lanes);
      addTo(to + 4 * pixel, s4, lanes);
      addTo(to + 5 * pixel, s5, lanes);
      addTo(to + 6 * pixel, s6, lanes);
      addTo(to + 7 * pixel, s7, lanes);
      addTo(to + 8 * pixel, s8, lanes);
    }
  }
}

/** One tap of all channels of an image. */
function oneTap(row: usize, image: i32, tap: i32, dw: usize): void {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const kw = word(row, 16);
  const shift = (tap % kw) * word(row, 20) - word(row, 22);
  for (let p = 0; p < oh; p++) {
    const y = p * word(row, 17) - word(row, 21) + (tap / kw) * word(row, 19);
    if (y < 0 || y >= h) continue;
    const x = pointer(row, 0) + ((<usize>((image * h + y) * w) * <usize>c) << 2);
    const dout = pointer(row, 1) + ((<usize>((image * oh + p) * ow) * <usize>c) << 2);
    for (let channel = 0; channel < c; channel += 4) {
      let sum = f32x4.splat(0);
      for (let q = 0; q < ow; q++) {
        const v = q * word(row, 18) + shift;
        if (v < 0 || v >= w) continue;
        sum = f32x4.add(
          sum,
          f32x4.mul(v128.load(x + (<usize>(v * c + channel) << 2)), v128.load(dout + (<usize>(q * c + channel) << 2))),
        );
      }
      addTo(dw + (<usize>(tap * c + channel) << 2), sum, c - channel);
    }
  }
}

/** Adds the first `lanes` of four words. */
@inline
function addTo(to: usize, sum: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, f32x4.add(v128.load(to), sum));
    return;
  }
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sum, 0));
  if (lanes > 1) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(sum, 1), 4);
  if (lanes > 2) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(sum, 2), 8);
}
