/**
 * Sums of products over any indices: out (+)= factor * sum(a * b). The host gives the indices in order (kept ones, then
 * summed ones; adjacent ones merged), each with its extent and steps in a, b and out. A line is the last kept index; lines
 * are shared among threads, and within one the order of additions follows from the shape alone.
 */
import { sum4 } from "./math";
import { pointer, real, share, word } from "./memory";

/** Words of an index in the row: extent, and steps in a, b and out. */
const AXIS: i32 = 4;
const FIRST: i32 = 7;

@inline
function extentOf(row: usize, axis: i32): i32 {
  return word(row, FIRST + axis * AXIS);
}

@inline
function stepOf(row: usize, axis: i32, which: i32): i32 {
  return word(row, FIRST + axis * AXIS + 1 + which);
}

/** Row: 0 a, 1 b (0: none), 2 out, 3 factor, 4 accumulate, 5 kept indices, 6 summed indices (at most 4), then the indices. */
export function contract(row: usize, tid: i32, threads: i32): void {
  const kept = word(row, 5);
  const last = kept - 1;
  const length = extentOf(row, last);
  const aStep = stepOf(row, last, 0);
  const bStep = stepOf(row, last, 1);
  const outStep = stepOf(row, last, 2);
  let lines = 1;
  for (let axis = 0; axis < last; axis++) lines *= extentOf(row, axis);
  // Where there are few lines, the threads share the last index instead.
  const few = lines < threads;
  const firstLine = few ? 0 : share(lines, tid, threads);
  const lastLine = few ? lines : share(lines, tid + 1, threads);
  const quarters = (length + 3) >> 2;
  const from = few ? share(quarters, tid, threads) << 2 : 0;
  const end = few ? min(length, share(quarters, tid + 1, threads) << 2) : length;
  const vectors = outStep == 1 && (aStep == 0 || aStep == 1) && (bStep == 0 || bStep == 1);
  for (let line = firstLine; line < lastLine; line++) {
    let rest = line;
    let a = pointer(row, 0);
    let b = pointer(row, 1);
    let out = pointer(row, 2);
    for (let axis = last - 1; axis >= 0; axis--) {
      const extent = extentOf(row, axis);
      const index = rest % extent;
      rest /= extent;
      a += <usize>(index * stepOf(row, axis, 0)) << 2;
      b += <usize>(index * stepOf(row, axis, 1)) << 2;
      out += <usize>(index * stepOf(row, axis, 2)) << 2;
    }
    let i = from;
    if (vectors) for (; i + 4 <= end; i += 4) lane4(row, a + (<usize>(i * aStep) << 2), b + (<usize>(i * bStep) << 2), out + (<usize>i << 2), aStep, bStep);
    for (; i < end; i++) lane1(row, a + (<usize>(i * aStep) << 2), b + (<usize>(i * bStep) << 2), out + (<usize>(i * outStep) << 2));
  }
}

@inline
function summedExtent(row: usize, axis: i32): i32 {
  return axis < word(row, 6) ? extentOf(row, word(row, 5) + axis) : 1;
}

@inline
function summedStep(row: usize, axis: i32, which: i32): usize {
  return axis < word(row, 6) ? <usize>stepOf(row, word(row, 5) + axis, which) << 2 : 0;
}

@inline
function load4(at: usize, step: i32): v128 {
  return step ? v128.load(at) : v128.load32_splat(at);
}

/** Four neighbouring outputs. */
function lane4(row: usize, a: usize, b: usize, out: usize, aStep: i32, bStep: i32): void {
  const both = word(row, 1) != 0;
  let sum = f32x4.splat(0);
  if (word(row, 6) == 0) sum = both ? f32x4.mul(load4(a, aStep), load4(b, bStep)) : load4(a, aStep);
  else {
    const e0 = summedExtent(row, 0);
    const e1 = summedExtent(row, 1);
    const e2 = summedExtent(row, 2);
    const e3 = summedExtent(row, 3);
    const a0 = summedStep(row, 0, 0);
    const a1 = summedStep(row, 1, 0);
    const a2 = summedStep(row, 2, 0);
    const a3 = summedStep(row, 3, 0);
    const b0 = summedStep(row, 0, 1);
    const b1 = summedStep(row, 1, 1);
    const b2 = summedStep(row, 2, 1);
    const b3 = summedStep(row, 3, 1);
    for (let i0 = 0; i0 < e0; i0++)
      for (let i1 = 0; i1 < e1; i1++)
        for (let i2 = 0; i2 < e2; i2++) {
          let pa = a + <usize>i0 * a0 + <usize>i1 * a1 + <usize>i2 * a2;
          let pb = b + <usize>i0 * b0 + <usize>i1 * b1 + <usize>i2 * b2;
          for (let i3 = 0; i3 < e3; i3++, pa += a3, pb += b3) {
            const value = load4(pa, aStep);
            sum = f32x4.add(sum, both ? f32x4.mul(value, load4(pb, bStep)) : value);
          }
        }
  }
  sum = f32x4.mul(sum, f32x4.splat(real(row, 3)));
  if (word(row, 4)) sum = f32x4.add(sum, v128.load(out));
  v128.store(out, sum);
}

/** One output; a last summed index that lies side by side in both factors is summed four at a time. */
function lane1(row: usize, a: usize, b: usize, out: usize): void {
  const both = word(row, 1) != 0;
  let sum: f32 = 0;
  if (word(row, 6) == 0) sum = both ? load<f32>(a) * load<f32>(b) : load<f32>(a);
  else {
    const last = word(row, 6) - 1;
    const length = summedExtent(row, last);
    const aLast = summedStep(row, last, 0);
    const bLast = summedStep(row, last, 1);
    const fours = aLast == 4 && (!both || bLast == 4) ? length & ~3 : 0;
    let runs = 1;
    for (let axis = 0; axis < last; axis++) runs *= summedExtent(row, axis);
    for (let run = 0; run < runs; run++) {
      let rest = run;
      let pa = a;
      let pb = b;
      for (let axis = last - 1; axis >= 0; axis--) {
        const extent = summedExtent(row, axis);
        const index = <usize>(rest % extent);
        rest /= extent;
        pa += index * summedStep(row, axis, 0);
        pb += index * summedStep(row, axis, 1);
      }
      let part = f32x4.splat(0);
      let i = 0;
      for (; i < fours; i += 4, pa += 16, pb += 16) {
        const value = v128.load(pa);
        part = f32x4.add(part, both ? f32x4.mul(value, v128.load(pb)) : value);
      }
      sum += <f32>sum4(part);
      for (; i < length; i++, pa += aLast, pb += bLast) {
        const value = load<f32>(pa);
        sum += both ? value * load<f32>(pb) : value;
      }
    }
  }
  sum *= real(row, 3);
  store<f32>(out, word(row, 4) ? load<f32>(out) + sum : sum);
}
