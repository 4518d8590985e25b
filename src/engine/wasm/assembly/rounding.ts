/** One Adam step on AdaRound's rounding variable with the regularizer, and the relaxed weights that follow. */
import { exp4, log4, sum4 } from "./math";
import { pointer, real, share, word } from "./memory";

const ZETA: f32 = 1.1;
const GAMMA: f32 = -0.1;
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
const PARTS: i32 = 32;

@inline
function sigmoid4(v: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(v))));
}

@inline
function unit(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(1));
}

/**
 * Row: 0 v, 1 grid: floor, scale, zero point, 2 state: first moment, second moment, sigmoid(v), 3 words of each
 * of these, 4 dw, 5 soft, 6 schedule, 7 losses, 8 size, 9 levels.
 */
export function roundAdam(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const schedule = pointer(row, 6) + (<usize>iteration << 4);
  const b = load<f32>(schedule);
  const weight = load<f32>(schedule, 4);
  const rate = f32x4.splat(load<f32>(schedule, 8));
  const correction = f32x4.splat(load<f32>(schedule, 12));
  const v = pointer(row, 0);
  const plane = <usize>word(row, 3) << 2;
  const grid = pointer(row, 1);
  const first = pointer(row, 2);
  const second = first + plane;
  const third = second + plane;
  const soft = pointer(row, 5);
  const size = word(row, 8);
  const vectors = (size + 3) >> 2;
  const zeroes = f32x4.splat(0);
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const top = f32x4.splat(<f32>(word(row, 9) - 1));
  for (let part = share(PARTS, tid, threads); part < share(PARTS, tid + 1, threads); part++) {
    let regularizer: f64 = 0;
    for (let i = share(vectors, part, PARTS); i < share(vectors, part + 1, PARTS); i++) {
      const byte = <usize>i << 4;
      const dw = v128.load(pointer(row, 4) + byte);

      const sigmoid = v128.load(third + byte);
      const raw = f32x4.add(f32x4.mul(sigmoid, f32x4.splat(ZETA - GAMMA)), f32x4.splat(GAMMA));
      const h = unit(raw);
      const slope = v128.and(
        f32x4.mul(f32x4.mul(sigmoid, f32x4.sub(one, sigmoid)), f32x4.splat(ZETA - GAMMA)),
        v128.and(f32x4.ge(raw, zeroes), f32x4.le(raw, one)),
      );
      const z = v128.load(grid + 2 * plane + byte);
      const down = f32x4.add(v128.load(grid + byte), z);
      const q = f32x4.add(down, h);
      const scale = v128.load(grid + plane + byte);
      const inRange = v128.and(f32x4.ge(q, zeroes), f32x4.le(q, top));
      let g = v128.and(f32x4.mul(dw, scale), inRange);

      if (weight > 0) {
        const u = f32x4.sub(f32x4.mul(h, two), one);
        const size4 = f32x4.abs(u);
        const positive = f32x4.gt(size4, f32x4.splat(1e-30));
        // |u|^(b-1) with the sign of u is the derivative's power; times |u| it is the term's.
        const below = v128.and(exp4(f32x4.mul(f32x4.splat(b - 1), log4(size4))), positive);
        const signed = v128.or(below, v128.and(u, i32x4.splat(0x80000000)));
        g = f32x4.add(g, f32x4.mul(f32x4.splat(-2 * weight * b), signed));
        const terms = f32x4.sub(one, f32x4.mul(below, size4));
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
      const next = f32x4.sub(v128.load(v + byte), f32x4.div(f32x4.mul(rate, m), denominator));
      v128.store(v + byte, next);
      const opened = sigmoid4(next);
      v128.store(third + byte, opened);
      const level = f32x4.add(down, unit(f32x4.add(f32x4.mul(opened, f32x4.splat(ZETA - GAMMA)), f32x4.splat(GAMMA))));
      v128.store(soft + byte, f32x4.mul(f32x4.sub(f32x4.pmin(f32x4.pmax(level, zeroes), top), z), scale));
    }
    store<f32>(pointer(row, 7) + (<usize>part << 2), <f32>(regularizer * <f64>weight));
  }
}
