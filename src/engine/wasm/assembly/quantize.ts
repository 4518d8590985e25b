/** Fake quantization of activations, its gradients, and random choices between two values. */
import { sum4 } from "./math";
import { pointer, real, share, word } from "./memory";

const PARTS: i32 = 64;

@inline
function begin(size: i32, tid: i32, threads: i32): i32 {
  return share((size + 3) >> 2, tid, threads) << 2;
}

/** The usual finalizer of a 32-bit hash: every bit of the result depends on every bit of h. */
@inline
function mixed(value: u32): u32 {
  let h = value;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

@inline
function mixed4(value: v128): v128 {
  let h = i32x4.mul(v128.xor(value, i32x4.shr_u(value, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

@inline
function keyOf(seed: u32, iteration: i32): u32 {
  return mixed(seed + <u32>iteration * 0x9e3779b9);
}

/** All bits set in the lanes of elements i..i+3 that are drawn. */
@inline
function drawn4(i: i32, key: u32, threshold: u32): v128 {
  const index = i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
  const h = mixed4(v128.xor(i32x4.mul(index, i32x4.splat(0x9e3779b1)), i32x4.splat(key)));
  return i32x4.lt_u(h, i32x4.splat(threshold));
}

/** Row: 0 x, 1 out, 2 quantizers, 3 index, 4 count, 5 size, 6 levels, 7 seed, 8 threshold (0: nothing is dropped). */
export function fakeQuantize(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const x = pointer(row, 0);
  const out = pointer(row, 1);
  const own = pointer(row, 2) + (<usize>word(row, 3) << 2);
  const scale = f32x4.splat(load<f32>(own));
  const zero = f32x4.splat(load<f32>(own + (<usize>word(row, 4) << 2)));
  const size = word(row, 5);
  const low = f32x4.splat(0);
  const top = f32x4.splat(<f32>(word(row, 6) - 1));
  const threshold = <u32>word(row, 8);
  const key = keyOf(word(row, 7), iteration);
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    const value = v128.load(x + byte);
    const level = f32x4.add(f32x4.nearest(f32x4.div(value, scale)), zero);
    let y = f32x4.mul(f32x4.sub(f32x4.pmin(f32x4.pmax(level, low), top), zero), scale);
    if (threshold) y = v128.bitselect(value, y, drawn4(i, key, threshold));
    v128.store(out + byte, y);
  }
}

/**
 * Row: 0 x, 1 dout, 2 quantizers, 3 index, 4 count, 5 size, 6 levels, 7 seed, 8 threshold, 9 dx (0: none), 10 sums (0:
 * none), 11 gradient scale, 12 accumulate, 13 clamped, 14 low, 15 high.
 */
export function fakeQuantizeGrad(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const x = pointer(row, 0);
  const dout = pointer(row, 1);
  const own = pointer(row, 2) + (<usize>word(row, 3) << 2);
  const scale = f32x4.splat(load<f32>(own));
  const zero = f32x4.splat(load<f32>(own + (<usize>word(row, 4) << 2)));
  const size = word(row, 5);
  const bottom = f32x4.splat(0);
  const top = f32x4.splat(<f32>(word(row, 6) - 1));
  const threshold = <u32>word(row, 8);
  const key = keyOf(word(row, 7), iteration);
  const dx = pointer(row, 9);
  const sums = pointer(row, 10);
  const gradientScale = <f64>real(row, 11);
  const accumulate = word(row, 12);
  const clamped = word(row, 13);
  const low = f32x4.splat(real(row, 14));
  const high = f32x4.splat(real(row, 15));
  const vectors = (size + 3) >> 2;
  for (let part = share(PARTS, tid, threads); part < share(PARTS, tid + 1, threads); part++) {
    let total: f64 = 0;
    const end = share(vectors, part + 1, PARTS);
    for (let i = share(vectors, part, PARTS); i < end; ) {
      const stop = i + 64 < end ? i + 64 : end;
      let sum = f32x4.splat(0);
      for (; i < stop; i++) {
        const byte = <usize>i << 4;
        const value = v128.load(x + byte);
        const g = v128.load(dout + byte);
        const ratio = f32x4.div(value, scale);
        const level = f32x4.add(f32x4.nearest(ratio), zero);
        const inside = v128.and(f32x4.ge(level, bottom), f32x4.le(level, top));
        const drawn = threshold ? drawn4(i << 2, key, threshold) : i32x4.splat(0);
        if (sums) {
          const clampedLevel = f32x4.pmin(f32x4.pmax(level, bottom), top);
          let term = f32x4.mul(g, f32x4.sub(f32x4.sub(clampedLevel, zero), v128.and(inside, ratio)));
          term = v128.andnot(term, drawn);
          const surplus = (i << 2) + 4 - size;
          if (surplus > 0) {
            term = f32x4.replace_lane(term, 3, 0);
            if (surplus > 1) term = f32x4.replace_lane(term, 2, 0);
            if (surplus > 2) term = f32x4.replace_lane(term, 1, 0);
          }
          sum = f32x4.add(sum, term);
        }
        if (dx) {
          let y = v128.and(g, v128.or(inside, drawn));
          if (accumulate) y = f32x4.add(y, v128.load(dx + byte));
          if (clamped) y = v128.and(y, v128.and(f32x4.gt(value, low), f32x4.lt(value, high)));
          v128.store(dx + byte, y);
        }
      }
      total += sum4(sum);
    }
    if (sums) store<f32>(sums + (<usize>part << 2), <f32>(total * gradientScale));
  }
}

/** Row: 0 a, 1 b, 2 out, 3 size, 4 seed, 5 threshold. */
export function mix(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const size = word(row, 3);
  const key = keyOf(word(row, 4), iteration);
  const threshold = <u32>word(row, 5);
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    const drawn = drawn4(i, key, threshold);
    v128.store(pointer(row, 2) + byte, v128.bitselect(v128.load(pointer(row, 0) + byte), v128.load(pointer(row, 1) + byte), drawn));
  }
}
