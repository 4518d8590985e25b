/** Pooling, forward and backward. Work is shared by image, so that a gradient's scatter stays within a thread. */
import { pointer, share, word } from "./memory";

/** Row: 0 x, 1 out, 2 dout, 3 dx, 4 accumulate, 5 include padding, 8..22 geometry as in convRows. */
export function maxPool(row: usize, tid: i32, threads: i32): void {
  windows(row, tid, threads, 0);
}

export function averagePool(row: usize, tid: i32, threads: i32): void {
  windows(row, tid, threads, 1);
}

export function maxPoolGrad(row: usize, tid: i32, threads: i32): void {
  windows(row, tid, threads, 2);
}

export function averagePoolGrad(row: usize, tid: i32, threads: i32): void {
  windows(row, tid, threads, 3);
}

/** kind: 0 maximum, 1 mean, 2 gradient of the maximum, 3 gradient of the mean. */
function windows(row: usize, tid: i32, threads: i32, kind: i32): void {
  const x = pointer(row, 0);
  const out = pointer(row, 1);
  const dout = pointer(row, 2);
  const dx = pointer(row, 3);
  const includePad = word(row, 5);
  const n = word(row, 8);
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const kh = word(row, 15);
  const kw = word(row, 16);
  const dh = word(row, 19);
  const dw = word(row, 20);
  for (let image = share(n, tid, threads); image < share(n, tid + 1, threads); image++) {
    const start = image * h * w * c;
    if (kind >= 2 && !word(row, 4)) memory.fill(dx + (<usize>start << 2), 0, <usize>(h * w * c) << 2);
    for (let position = 0; position < oh * ow; position++) {
      const top = (position / ow) * word(row, 17) - word(row, 21);
      const left = (position % ow) * word(row, 18) - word(row, 22);
      let count = 0;
      for (let r = 0; r < kh; r++) {
        const ih = top + r * dh;
        if (ih < 0 || ih >= h) continue;
        for (let s = 0; s < kw; s++) {
          const iw = left + s * dw;
          if (iw >= 0 && iw < w) count++;
        }
      }
      const divisor = includePad ? kh * kw : max(count, 1);
      const weight: f32 = <f32>1 / <f32>divisor;
      for (let channel = 0; channel < c; channel++) {
        const at = <usize>((image * oh * ow + position) * c + channel) << 2;
        let best: f32 = -3.4e38;
        let sum: f32 = 0;
        let found = false;
        for (let r = 0; r < kh && !found; r++) {
          const ih = top + r * dh;
          if (ih < 0 || ih >= h) continue;
          for (let s = 0; s < kw; s++) {
            const iw = left + s * dw;
            if (iw < 0 || iw >= w) continue;
            const pixel = <usize>(start + (ih * w + iw) * c + channel) << 2;
            if (kind == 0) {
              const value = load<f32>(x + pixel);
              if (value > best) best = value;
            } else if (kind == 1) sum += load<f32>(x + pixel);
            else if (kind == 2) {
              if (load<f32>(x + pixel) == load<f32>(out + at)) {
                store<f32>(dx + pixel, load<f32>(dx + pixel) + load<f32>(dout + at));
                found = true;
                break;
              }
            } else store<f32>(dx + pixel, load<f32>(dx + pixel) + load<f32>(dout + at) * weight);
          }
        }
        if (kind == 0) store<f32>(out + at, best);
        if (kind == 1) store<f32>(out + at, sum * weight);
      }
    }
  }
}
