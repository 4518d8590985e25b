/**
 * The `mse` search for scales (quantize/scale.ts): 80 quantization ranges of falling width are tried for each channel, and the first with
 * the least sum of |x - q(x)|^2.4 is kept. Scales are single precision, the error is summed in double precision, value
 * after value: what it says depends on neither threads nor browsers. A sum is given up once it is no longer the least.
 *
 * |x|^2.4 = a * a^(1/5) with a = x^2. The root is a guess from the exponent's bits (3 % off at most) and three Newton
 * steps (2e-10 off): `pow` is not the same everywhere, + - * / are. Two values are raised at once; they are added in order.
 */
import { pointer, share, word } from "./memory";

const STEPS: i32 = 80;

/** Scale of range `step` of [low, high]. */
@inline
function scaleAt(low: f32, high: f32, step: i32, top: f32): f32 {
  const part = <f32>(1.0 - <f64>step * 0.01);
  return (high * part - low * part) / top;
}

@inline
function zeroAt(low: f32, step: i32, scale: f32): f32 {
  const part = <f32>(1.0 - <f64>step * 0.01);
  return nearest<f32>(-(low * part) / scale);
}

/** |d|^2.4 of both lanes. */
@inline
function power24(d: v128): v128 {
  const a = f64x2.mul(d, d);
  // The high words, divided by 5 (multiplied by its reciprocal), as exponents of a guess.
  const words = i64x2.shr_u(i64x2.mul(i64x2.shr_u(a, 32), i64x2.splat(0xcccccccd)), 34);
  let r = i64x2.shl(i64x2.add(words, i64x2.splat(858117000)), 32);
  for (let i = 0; i < 3; i++) {
    const r2 = f64x2.mul(r, r);
    const r4 = f64x2.mul(r2, r2);
    r = f64x2.sub(r, f64x2.div(f64x2.sub(f64x2.mul(r, r4), a), f64x2.mul(f64x2.splat(5), r4)));
  }
  return v128.andnot(f64x2.mul(a, r), f64x2.lt(a, f64x2.splat(1e-60)));
}

/** The sum over `count` values (with room for one more behind them), or part of it that is not below `limit`. */
function errorOf(values: usize, count: i32, scale: f32, zero: f32, top: f32, limit: f64): f64 {
  const scales = f32x4.splat(scale);
  const zeros = f32x4.splat(zero);
  const tops = f32x4.splat(top);
  const none = f32x4.splat(0);
  let error: f64 = 0;
  for (let i = 0; i < count; i += 2) {
    const x = v128.load64_zero(values + (<usize>i << 2));
    const level = f32x4.add(f32x4.nearest(f32x4.div(x, scales)), zeros);
    const clamped = f32x4.pmin(tops, f32x4.pmax(none, level));
    const q = f32x4.mul(f32x4.sub(clamped, zeros), scales);
    const powers = power24(f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(q)));
    error += f64x2.extract_lane(powers, 0);
    if (i + 1 < count) error += f64x2.extract_lane(powers, 1);
    if (error >= limit) break;
  }
  return error;
}

/**
 * Row: values [channels, count + 1], ranges [channels, 2], out [channels, parts] of (error f64, step i32, -), channels,
 * count, parts, levels - 1. Part p of a channel tries the steps p, p + parts, and so on.
 */
export function scaleErrors(row: usize, tid: i32, threads: i32): void {
  const channels = word(row, 3);
  const count = word(row, 4);
  const parts = word(row, 5);
  const top = <f32>word(row, 6);
  const items = channels * parts;
  const last = share(items, tid + 1, threads);
  for (let item = share(items, tid, threads); item < last; item++) {
    const channel = item / parts;
    const range = pointer(row, 1) + (<usize>channel << 3);
    const low = load<f32>(range);
    const high = load<f32>(range, 4);
    const values = pointer(row, 0) + (<usize>(channel * (count + 1)) << 2);
    let lowest: f64 = Infinity;
    let best: i32 = -1;
    for (let step = item % parts; step < STEPS; step += parts) {
      const scale = scaleAt(low, high, step, top);
      const error = errorOf(values, count, scale, zeroAt(low, step, scale), top, lowest);
      if (error < lowest) {
        lowest = error;
        best = step;
      }
    }
    const out = pointer(row, 2) + (<usize>item << 4);
    store<f64>(out, lowest);
    store<i32>(out, best, 8);
  }
}
