/**
 * Functions of each number and their derivatives, four at a time. A function's number is its place in
 * base/unary.ts.
 */
import { erf4, exp4, log4, sigmoid4, tanh4 } from "./math";
import { pointer, real, share, word } from "./memory";

const SQRT_HALF: f32 = 0.70710678118654752;
/** sqrt(2 / pi) and the cubic's factor of GELU's approximation by tanh. */
const GELU_SLOPE: f32 = 0.79788456080286536;
const GELU_CUBIC: f32 = 0.044715;
const TWO_BY_ROOT_PI: f32 = 1.1283791670955126;
const ROOT_TWO_PI_INVERSE: f32 = 0.3989422804014327;

@inline
function scaled(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

@inline
function plus(x: v128, term: f32): v128 {
  return f32x4.add(x, f32x4.splat(term));
}

@inline
function between(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(low)), f32x4.splat(high));
}

@inline
function negative(x: v128): v128 {
  return f32x4.lt(x, f32x4.splat(0));
}

/** max(x, 0) + log(1 + exp(-|x|)) */
@inline
function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log4(plus(exp4(f32x4.neg(f32x4.abs(x))), 1)));
}

@inline
function geluInner(x: v128): v128 {
  return scaled(f32x4.add(x, scaled(f32x4.mul(x, f32x4.mul(x, x)), GELU_CUBIC)), GELU_SLOPE);
}

/** x^exponent: exact roots and reciprocals where the exponent names one, of positive numbers otherwise. */
function power4(x: v128, exponent: f32): v128 {
  if (exponent == 1) return x;
  if (exponent == 2) return f32x4.mul(x, x);
  if (exponent == 0.5) return f32x4.sqrt(x);
  if (exponent == -0.5) return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  if (exponent == -1) return f32x4.div(f32x4.splat(1), x);
  if (exponent == -2) return f32x4.div(f32x4.splat(1), f32x4.mul(x, x));
  if (exponent == -1.5) return f32x4.div(f32x4.splat(1), f32x4.mul(x, f32x4.sqrt(x)));
  return exp4(scaled(log4(x), exponent));
}

function value4(fn: i32, x: v128, alpha: f32, beta: f32): v128 {
  switch (fn) {
    case 0:
      return sigmoid4(x);
    case 1:
      return between(plus(scaled(x, alpha), beta), 0, 1);
    case 2:
      return f32x4.mul(x, between(plus(scaled(x, <f32>1 / <f32>6), 0.5), 0, 1));
    case 3:
      return f32x4.mul(x, sigmoid4(x));
    case 4:
      return f32x4.mul(scaled(x, 0.5), plus(erf4(scaled(x, SQRT_HALF)), 1));
    case 5:
      return f32x4.mul(scaled(x, 0.5), plus(tanh4(geluInner(x)), 1));
    case 6:
      return tanh4(x);
    case 7:
      return v128.bitselect(scaled(x, alpha), x, negative(x));
    case 8:
      return v128.bitselect(scaled(plus(exp4(x), -1), alpha), x, negative(x));
    case 9:
      return softplus4(x);
    case 10:
      return f32x4.mul(x, tanh4(softplus4(x)));
    case 11:
      return erf4(x);
    case 12:
      return exp4(x);
    case 13:
      return log4(x);
    case 14:
      return power4(plus(x, beta), alpha);
    case 15:
      return f32x4.abs(x);
    default:
      return f32x4.nearest(x);
  }
}

function slope4(fn: i32, x: v128, alpha: f32, beta: f32): v128 {
  const one = f32x4.splat(1);
  switch (fn) {
    case 0: {
      const s = sigmoid4(x);
      return f32x4.mul(s, f32x4.sub(one, s));
    }
    case 1: {
      const y = plus(scaled(x, alpha), beta);
      return v128.and(f32x4.splat(alpha), v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, one)));
    }
    case 2: {
      const inner = scaled(plus(scaled(x, 2), 3), <f32>1 / <f32>6);
      const middle = v128.and(inner, f32x4.gt(x, f32x4.splat(-3)));
      return v128.bitselect(one, middle, f32x4.gt(x, f32x4.splat(3)));
    }
    case 3: {
      const s = sigmoid4(x);
      return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
    }
    case 4: {
      const cdf = scaled(plus(erf4(scaled(x, SQRT_HALF)), 1), 0.5);
      const density = scaled(exp4(scaled(f32x4.mul(x, x), -0.5)), ROOT_TWO_PI_INVERSE);
      return f32x4.add(cdf, f32x4.mul(x, density));
    }
    case 5: {
      const t = tanh4(geluInner(x));
      const inner = scaled(plus(scaled(f32x4.mul(x, x), <f32>3 * GELU_CUBIC), 1), GELU_SLOPE);
      const curve = f32x4.mul(f32x4.mul(scaled(x, 0.5), f32x4.sub(one, f32x4.mul(t, t))), inner);
      return f32x4.add(scaled(plus(t, 1), 0.5), curve);
    }
    case 6: {
      const t = tanh4(x);
      return f32x4.sub(one, f32x4.mul(t, t));
    }
    case 7:
      return v128.bitselect(f32x4.splat(alpha), one, negative(x));
    case 8:
      return v128.bitselect(scaled(exp4(x), alpha), one, negative(x));
    case 9:
      return sigmoid4(x);
    case 10: {
      const t = tanh4(softplus4(x));
      return f32x4.add(t, f32x4.mul(f32x4.mul(x, f32x4.sub(one, f32x4.mul(t, t))), sigmoid4(x)));
    }
    case 11:
      return scaled(exp4(f32x4.neg(f32x4.mul(x, x))), TWO_BY_ROOT_PI);
    case 12:
      return exp4(x);
    case 13:
      return f32x4.div(one, x);
    case 14:
      return scaled(power4(plus(x, beta), alpha - 1), alpha);
    case 15:
      return v128.bitselect(f32x4.splat(-1), one, negative(x));
    default:
      return one;
  }
}

@inline
function begin(size: i32, tid: i32, threads: i32): i32 {
  return share((size + 3) >> 2, tid, threads) << 2;
}

/** Row: 0 x, 1 out, 2 size, 3 function, 4 alpha, 5 beta. */
export function unary(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const out = pointer(row, 1);
  const size = word(row, 2);
  const fn = word(row, 3);
  const alpha = real(row, 4);
  const beta = real(row, 5);
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    v128.store(out + byte, value4(fn, v128.load(x + byte), alpha, beta));
  }
}

/** Row: 0 x, 1 dx, 2 size, 3 function, 4 alpha, 5 beta, 6 dout, 7 accumulate. */
export function unaryGrad(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const dx = pointer(row, 1);
  const size = word(row, 2);
  const fn = word(row, 3);
  const alpha = real(row, 4);
  const beta = real(row, 5);
  const dout = pointer(row, 6);
  const accumulate = word(row, 7);
  for (let i = begin(size, tid, threads); i < begin(size, tid + 1, threads); i += 4) {
    const byte = <usize>i << 2;
    let y = f32x4.mul(v128.load(dout + byte), slope4(fn, v128.load(x + byte), alpha, beta));
    if (accumulate) y = f32x4.add(y, v128.load(dx + byte));
    v128.store(dx + byte, y);
  }
}
