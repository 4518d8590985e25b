/** Element-by-element steps and strided copies. Sizes are shared out in multiples of four words. */
import { pointer, real, share, word } from "./memory";

@inline
function begin(size: i32, tid: i32, threads: i32): i32 {
  return share((size + 3) >> 2, tid, threads) << 2;
}

/** Row: x, out, size, low, high. Buffers are padded to 16 bytes, so the last vector may hang over. */
export function clamp(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const out = pointer(row, 1);
  const size = word(row, 2);
  const low = f32x4.splat(real(row, 3));
  const high = f32x4.splat(real(row, 4));
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    v128.store(out + byte, f32x4.pmin(f32x4.pmax(v128.load(x + byte), low), high));
  }
}

/** Row: dout, dx, size, low, high, value, accumulate. */
export function mask(row: usize, tid: i32, threads: i32): void {
  const dout = pointer(row, 0);
  const dx = pointer(row, 1);
  const size = word(row, 2);
  const low = f32x4.splat(real(row, 3));
  const high = f32x4.splat(real(row, 4));
  const value = pointer(row, 5);
  const accumulate = word(row, 6);
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    const v = v128.load(value + byte);
    let y = v128.and(v128.load(dout + byte), v128.and(f32x4.gt(v, low), f32x4.lt(v, high)));
    if (accumulate) y = f32x4.add(y, v128.load(dx + byte));
    v128.store(dx + byte, y);
  }
}

/** Row: a, b, out, size, clamped, low, high. */
export function add(row: usize, tid: i32, threads: i32): void {
  const a = pointer(row, 0);
  const b = pointer(row, 1);
  const out = pointer(row, 2);
  const size = word(row, 3);
  const clamped = word(row, 4);
  const low = f32x4.splat(real(row, 5));
  const high = f32x4.splat(real(row, 6));
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    let y = f32x4.add(v128.load(a + byte), v128.load(b + byte));
    if (clamped) y = f32x4.pmin(f32x4.pmax(y, low), high);
    v128.store(out + byte, y);
  }
}

/** Row: out, size, value. */
export function fill(row: usize, tid: i32, threads: i32): void {
  const out = pointer(row, 0);
  const value = f32x4.splat(real(row, 2));
  const size = word(row, 1);
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) v128.store(out + (<usize>i << 2), value);
}

/** Row: x, out, extents[4], from offset, from strides[4], to offset, to strides[4], accumulate. */
export function copy(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const out = pointer(row, 1);
  const lines = word(row, 2) * word(row, 3);
  const e2 = word(row, 4);
  const e3 = word(row, 5);
  const fromStep = <usize>word(row, 10) << 2;
  const toStep = <usize>word(row, 15) << 2;
  const accumulate = word(row, 16);
  const contiguous = fromStep == 4 && toStep == 4 && !accumulate;
  // A copy of one long line is cut along its last axis instead.
  const single = lines == 1 && e2 == 1;
  const firstItem = single ? share(e3, tid, threads) : 0;
  const lastItem = single ? share(e3, tid + 1, threads) : e3;
  const firstLine = single ? 0 : share(lines, tid, threads);
  const lastLine = single ? 1 : share(lines, tid + 1, threads);
  for (let line = firstLine; line < lastLine; line++) {
    const i0 = line / word(row, 3);
    const i1 = line - i0 * word(row, 3);
    for (let i2 = 0; i2 < e2; i2++) {
      const fromAt = word(row, 6) + i0 * word(row, 7) + i1 * word(row, 8) + i2 * word(row, 9);
      const toAt = word(row, 11) + i0 * word(row, 12) + i1 * word(row, 13) + i2 * word(row, 14);
      let from = x + (<usize>fromAt << 2) + <usize>firstItem * fromStep;
      let to = out + (<usize>toAt << 2) + <usize>firstItem * toStep;
      if (contiguous) {
        memory.copy(to, from, <usize>(lastItem - firstItem) << 2);
        continue;
      }
      for (let i3 = firstItem; i3 < lastItem; i3++, from += fromStep, to += toStep) {
        if (accumulate) store<f32>(to, load<f32>(to) + load<f32>(from));
        else store<f32>(to, load<f32>(from));
      }
    }
  }
}
