/** Squared-error loss with its gradient, squares for Fisher weights, and the record of losses. */
import { exp4, log4, sum4 } from "./math";
import { pointer, real, share, word } from "./memory";

const PARTS: i32 = 64;

/** |x|^exponent with the sign of x; 0 for x = 0. */
@inline
function signedPower(x: v128, exponent: f32): v128 {
  const size = f32x4.abs(x);
  const value = v128.and(exp4(f32x4.mul(f32x4.splat(exponent), log4(size))), f32x4.gt(size, f32x4.splat(1e-30)));
  return v128.or(value, v128.and(x, i32x4.splat(0x80000000)));
}

/**
 * Row: 0 prediction, 1 target, 2 weight, 3 weight scale, 4 grad, 5 losses, 6 size, 7 positions,
 * 8 mask value, 9 low, 10 high, 11 power. The last vector of a buffer may hang over its end: its surplus lanes are
 * dropped from the sum.
 */
export function squaredError(row: usize, tid: i32, threads: i32): void {
  const prediction = pointer(row, 0);
  const target = pointer(row, 1);
  const weight = pointer(row, 2);
  const grad = pointer(row, 4);
  const size = word(row, 6);
  const maskValue = pointer(row, 8);
  const low = f32x4.splat(real(row, 9));
  const high = f32x4.splat(real(row, 10));
  const positions = <f32>word(row, 7);
  const weightScale = f32x4.splat(weight ? load<f32>(pointer(row, 3)) : 1);
  const power = real(row, 11);
  const factor = f32x4.splat(power / positions);
  const vectors = (size + 3) >> 2;
  for (let part = share(PARTS, tid, threads); part < share(PARTS, tid + 1, threads); part++) {
    let total: f64 = 0;
    const end = share(vectors, part + 1, PARTS);
    for (let i = share(vectors, part, PARTS); i < end; ) {
      const stop = i + 64 < end ? i + 64 : end;
      let sum = f32x4.splat(0);
      for (; i < stop; i++) {
        const byte = <usize>i << 4;
        const difference = f32x4.sub(v128.load(prediction + byte), v128.load(target + byte));
        // |difference|^(power - 1) with its sign: times power it is the gradient, times the difference the term.
        let weighted = power == 2 ? difference : signedPower(difference, power - 1);
        if (weight) weighted = f32x4.mul(f32x4.mul(v128.load(weight + byte), weightScale), weighted);
        let g = f32x4.mul(weighted, factor);
        if (maskValue) {
          const value = v128.load(maskValue + byte);
          g = v128.and(g, v128.and(f32x4.gt(value, low), f32x4.lt(value, high)));
        }
        v128.store(grad + byte, g);
        let term = f32x4.mul(weighted, difference);
        const surplus = (i << 2) + 4 - size;
        if (surplus > 0) {
          term = f32x4.replace_lane(term, 3, 0);
          if (surplus > 1) term = f32x4.replace_lane(term, 2, 0);
          if (surplus > 2) term = f32x4.replace_lane(term, 1, 0);
        }
        sum = f32x4.add(sum, term);
      }
      total += sum4(sum);
    }
    store<f32>(pointer(row, 5) + (<usize>part << 2), <f32>(total / <f64>positions));
  }
}

/** Row: x, out, size, damped, losses (0: none). out = x^2, or (|x| + 1)^damped. */
export function square(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const out = pointer(row, 1);
  const size = word(row, 2);
  const damped = word(row, 3);
  const losses = pointer(row, 4);
  const vectors = (size + 3) >> 2;
  for (let part = share(PARTS, tid, threads); part < share(PARTS, tid + 1, threads); part++) {
    let total: f64 = 0;
    for (let i = share(vectors, part, PARTS); i < share(vectors, part + 1, PARTS); i++) {
      const byte = <usize>i << 4;
      let value = v128.load(x + byte);
      if (damped) value = f32x4.add(f32x4.abs(value), f32x4.splat(1));
      let y = damped == 1 ? value : f32x4.mul(value, value);
      v128.store(out + byte, y);
      const surplus = (i << 2) + 4 - size;
      if (surplus > 0) {
        y = f32x4.replace_lane(y, 3, 0);
        if (surplus > 1) y = f32x4.replace_lane(y, 2, 0);
        if (surplus > 2) y = f32x4.replace_lane(y, 1, 0);
      }
      total += sum4(y);
    }
    if (losses) store<f32>(losses + (<usize>part << 2), <f32>total);
  }
}

/** Row: 0 losses, 1 ring, 2 ranges, then the first word and the words of each. */
export function record(row: usize, tid: i32, iteration: i32): void {
  if (tid != 0) return;
  const ranges = word(row, 2);
  for (let range = 0; range < ranges; range++) {
    const at = word(row, 3 + 2 * range);
    let total: f64 = 0;
    for (let i = 0; i < word(row, 4 + 2 * range); i++) total += <f64>load<f32>(pointer(row, 0) + (<usize>(at + i) << 2));
    store<f32>(pointer(row, 1) + (<usize>(iteration * ranges + range) << 2), <f32>total);
  }
}
