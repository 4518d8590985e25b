/**
 * Depthwise convolution, forward and both gradients: no reuse between channels, so the loops run over taps
 * with the channels in the vector. Rows as in convRows, with the HWIO kernel (kh, kw, 1, c) in place of panels.
 */
import { finishLanes } from "./epilogue";
import { pointer, share, word } from "./memory";

export function depthwise(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const kernel = pointer(row, 1);
  const bias = pointer(row, 2);
  const n = word(row, 8);
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const kh = word(row, 15);
  const kw = word(row, 16);
  const total = n * oh;
  for (let item = share(total, tid, threads); item < share(total, tid + 1, threads); item++) {
    const image = item / oh;
    const top = (item - image * oh) * word(row, 17) - word(row, 21);
    for (let q = 0; q < ow; q++) {
      const left = q * word(row, 18) - word(row, 22);
      const at = (item * ow + q) * c;
      for (let channel = 0; channel < c; channel += 4) {
        let sum = bias ? v128.load(bias + (<usize>channel << 2)) : f32x4.splat(0);
        for (let r = 0; r < kh; r++) {
          const ih = top + r * word(row, 19);
          if (ih < 0 || ih >= h) continue;
          for (let s = 0; s < kw; s++) {
            const iw = left + s * word(row, 20);
            if (iw < 0 || iw >= w) continue;
            const pixel = v128.load(x + (<usize>(((image * h + ih) * w + iw) * c + channel) << 2));
            sum = f32x4.add(sum, f32x4.mul(pixel, v128.load(kernel + (<usize>((r * kw + s) * c + channel) << 2))));
          }
        }
        finishLanes(row, at + channel, sum, c - channel);
      }
    }
  }
}

/** Here x (argument 0) is dout and out (argument 4) is dx; the geometry stays the forward one. */
export function depthwiseInputGrad(row: usize, tid: i32, threads: i32): void {
  const dout = pointer(row, 0);
  const kernel = pointer(row, 1);
  const n = word(row, 8);
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const kh = word(row, 15);
  const kw = word(row, 16);
  const sh = word(row, 17);
  const sw = word(row, 18);
  const total = n * h;
  for (let item = share(total, tid, threads); item < share(total, tid + 1, threads); item++) {
    const image = item / h;
    const ih = item - image * h;
    for (let iw = 0; iw < w; iw++) {
      for (let channel = 0; channel < c; channel += 4) {
        let sum = f32x4.splat(0);
        for (let r = 0; r < kh; r++) {
          const y = ih + word(row, 21) - r * word(row, 19);
          if (y < 0 || y % sh != 0 || y / sh >= oh) continue;
          for (let s = 0; s < kw; s++) {
            const z = iw + word(row, 22) - s * word(row, 20);
            if (z < 0 || z % sw != 0 || z / sw >= ow) continue;
            const g = v128.load(dout + (<usize>(((image * oh + y / sh) * ow + z / sw) * c + channel) << 2));
            sum = f32x4.add(sum, f32x4.mul(g, v128.load(kernel + (<usize>((r * kw + s) * c + channel) << 2))));
          }
        }
        finishLanes(row, (item * w + iw) * c + channel, sum, c - channel);
      }
    }
  }
}

/** Partial kernel gradients over fixed parts of the batch, as filterGrad. */
export function depthwiseFilterGrad(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const dout = pointer(row, 1);
  const parts = word(row, 3);
  const n = word(row, 8);
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const kh = word(row, 15);
  const kw = word(row, 16);
  const sw = word(row, 18);
  const size = kh * kw * c;
  for (let part = share(parts, tid, threads); part < share(parts, tid + 1, threads); part++) {
    const dw = pointer(row, 2) + (<usize>(part * size) << 2);
    memory.fill(dw, 0, <usize>size << 2);
    for (let line = share(n, part, parts) * oh; line < share(n, part + 1, parts) * oh; line++) {
      const image = line / oh;
      const top = (line - image * oh) * word(row, 17) - word(row, 21);
      for (let tap = 0; tap < kh * kw; tap++) {
        const ih = top + (tap / kw) * word(row, 19);
        if (ih < 0 || ih >= h) continue;
        const shift = (tap % kw) * word(row, 20) - word(row, 22);
        for (let channel = 0; channel < c; channel += 4) {
          let sum = f32x4.splat(0);
          for (let q = 0; q < ow; q++) {
            const iw = q * sw + shift;
            if (iw < 0 || iw >= w) continue;
            const pixel = v128.load(x + (<usize>(((image * h + ih) * w + iw) * c + channel) << 2));
            sum = f32x4.add(sum, f32x4.mul(pixel, v128.load(dout + (<usize>((line * ow + q) * c + channel) << 2))));
          }
          const to = dw + (<usize>(tap * c + channel) << 2);
          const lanes = c - channel;
          if (lanes >= 4) v128.store(to, f32x4.add(v128.load(to), sum));
          else {
            store<f32>(to, load<f32>(to) + f32x4.extract_lane(sum, 0));
            if (lanes > 1) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(sum, 1), 4);
            if (lanes > 2) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(sum, 2), 8);
          }
        }
      }
    }
  }
}
