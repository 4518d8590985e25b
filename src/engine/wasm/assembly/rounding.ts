/** AdaRound's soft weights, and one Adam step on the rounding variable with the regularizer. */
import { exp4, log4, sum4 } from "./math";
import { pointer, real, share, word } from "./memory";

const ZETA: f32 = 1.1;
const GAMMA: f32 = -0.1;
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
const PARTS: i32 = 8;

@inline
function sigmoid4(v: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(v))));
}

@inline
function unit(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(1));
}

/** Row: v, floor, scale, zero, out, size, levels. */
export function softRound(row: usize, tid: i32, threads: i32): void {
  const v = pointer(row, 0);
  const floor = pointer(row, 1);
  const scale = pointer(row, 2);
  const zero = pointer(row, 3);
  const out = pointer(row, 4);
  const vectors = (word(row, 5) + 3) >> 2;
  const top = f32x4.splat(<f32>(word(row, 6) - 1));
  for (let i = share(vectors, tid, threads); i < share(vectors, tid + 1, threads); i++) {
    const byte = <usize>i << 4;
    const h = unit(f32x4.add(f32x4.mul(sigmoid4(v128.load(v + byte)), f32x4.splat(ZETA - GAMMA)), f32x4.splat(GAMMA)));
    const z = v128.load(zero + byte);
    const q = f32x4.add(f32x4.add(v128.load(floor + byte), h), z);
    const clamped = f32x4.pmin(f32x4.pmax(q, f32x4.splat(0)), top);
    v128.store(out + byte, f32x4.mul(f32x4.sub(clamped, z), v128.load(scale + byte)));
  }
}

/**
 * Row: 0 v, 1 floor, 2 scale, 3 zero, 4 first moment, 5 second moment, 6 dw, 7 parts, 8 schedule,
 * 9 losses, 10 size, 11 levels, 12 words between two partial sums of dw.
 */
export function roundAdam(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const schedule = pointer(row, 8) + (<usize>iteration << 4);
  const b = load<f32>(schedule);
  const weight = load<f32>(schedule, 4);
  const rate = f32x4.splat(load<f32>(schedule, 8));
  const correction = f32x4.splat(load<f32>(schedule, 12));
  const v = pointer(row, 0);
  const first = pointer(row, 4);
  const second = pointer(row, 5);
  const parts = word(row, 7);
  const size = word(row, 10);
  const vectors = (size + 3) >> 2;
  const stride = <usize>word(row, 12) << 2;
  const zeroes = f32x4.splat(0);
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const top = f32x4.splat(<f32>(word(row, 11) - 1));
  for (let part = share(PARTS, tid, threads); part < share(PARTS, tid + 1, threads); part++) {
    let regularizer: f64 = 0;
    for (let i = share(vectors, part, PARTS); i < share(vectors, part + 1, PARTS); i++) {
      const byte = <usize>i << 4;
      let dw = v128.load(pointer(row, 6) + byte);
      for (let p = 1; p < parts; p++) dw = f32x4.add(dw, v128.load(pointer(row, 6) + <usize>p * stride + byte));

      const vi = v128.load(v + byte);
      const sigmoid = sigmoid4(vi);
      const raw = f32x4.add(f32x4.mul(sigmoid, f32x4.splat(ZETA - GAMMA)), f32x4.splat(GAMMA));
      const h = unit(raw);
      const slope = v128.and(
        f32x4.mul(f32x4.mul(sigmoid, f32x4.sub(one, sigmoid)), f32x4.splat(ZETA - GAMMA)),
        v128.and(f32x4.ge(raw, zeroes), f32x4.le(raw, one)),
      );
      const z = v128.load(pointer(row, 3) + byte);
      const q = f32x4.add(f32x4.add(v128.load(pointer(row, 1) + byte), h), z);
      const inRange = v128.and(f32x4.ge(q, zeroes), f32x4.le(q, top));
      let g = v128.and(f32x4.mul(dw, v128.load(pointer(row, 2) + byte)), inRange);

      if (weight > 0) {
        const u = f32x4.sub(f32x4.mul(h, two), one);
        const size4 = f32x4.abs(u);
        const positive = f32x4.gt(size4, f32x4.splat(1e-30));
        const power = v128.and(exp4(f32x4.mul(f32x4.splat(b), log4(size4))), positive);
        const derivative = v128.and(f32x4.mul(f32x4.splat(-2 * weight * b), f32x4.div(power, u)), positive);
        g = f32x4.add(g, derivative);
        const terms = f32x4.sub(one, power);
        if ((i << 2) + 4 <= size) regularizer += sum4(terms);
        else {
          regularizer += <f64>f32x4.extract_lane(terms, 0);
          if ((i << 2) + 1 < size) regularizer += <f64>f32x4.extract_lane(terms, 1);
          if ((i << 2) + 2 < size) regularizer += <f64>f32x4.extract_lane(terms, 2);
        }
      }
      g = f32x4.mul(g, slope);
      const m = f32x4.add(f32x4.mul(v128.load(first + byte), f32x4.splat(BETA1)), f32x4.mul(g, f32x4.splat(1 - BETA1)));
      const s = f32x4.add(
        f32x4.mul(v128.load(second + byte), f32x4.splat(BETA2)),
        f32x4.mul(f32x4.mul(g, g), f32x4.splat(1 - BETA2)),
      );
      v128.store(first + byte, m);
      v128.store(second + byte, s);
      const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(s), correction), f32x4.splat(EPSILON));
      v128.store(v + byte, f32x4.sub(vi, f32x4.div(f32x4.mul(rate, m), denominator)));
    }
    store<f32>(pointer(row, 9) + (<usize>part << 2), <f32>(regularizer * <f64>weight));
  }
}
