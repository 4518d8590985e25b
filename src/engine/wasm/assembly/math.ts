/**
 * exp and log of four floats, from additions and multiplications alone.
 *
 * The engine promises the same bits on every machine, so it may not call a platform's libm. Both follow
 * the usual scheme (Cody and Waite's reduction, then a minimax polynomial as in Cephes, evaluated in pairs, so
 * that the processor finds parallel work); the error is about one unit in the last place over the range that
 * training uses.
 */

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/** a x + b */
@inline
function line(x: v128, a: f32, b: f32): v128 {
  return f32x4.add(f32x4.mul(x, f32x4.splat(a)), f32x4.splat(b));
}

@inline
export function exp4(value: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, f32x4.splat(-87.3)), f32x4.splat(88.3));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2E)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  const r2 = f32x4.mul(r, r);
  const top = line(r, 1.9875691500e-4, 1.3981999507e-3);
  const middle = line(r, 8.3334519073e-3, 4.1665795894e-2);
  const bottom = line(r, 1.6666665459e-1, 5.0000001201e-1);
  let y = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(top, r2), middle), r2), bottom);
  y = f32x4.add(f32x4.mul(y, r2), f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, power);
}

/** log(x) for normal x > 0; a zero gives about -87. */
@inline
export function log4(value: v128): v128 {
  const x = f32x4.pmax(value, f32x4.splat(1.17549435e-38));
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2))
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(bits, 23);
  const m = i32x4.sub(x, i32x4.shl(exponent, 23));
  const e = f32x4.convert_i32x4_s(exponent);
  const f = f32x4.sub(m, f32x4.splat(1));
  const z = f32x4.mul(f, f);
  const top = line(f, -1.1514610310e-1, 1.1676998740e-1);
  const high = line(f, -1.2420140846e-1, 1.4249322787e-1);
  const low = line(f, -1.6668057665e-1, 2.0000714765e-1);
  const bottom = line(f, -2.4999993993e-1, 3.3333331174e-1);
  const z2 = f32x4.mul(z, z);
  const upper = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(z, f32x4.splat(7.0376836292e-2)), top), z), high);
  let y = f32x4.add(f32x4.mul(upper, z2), f32x4.add(f32x4.mul(low, z), bottom));
  y = f32x4.mul(f32x4.mul(y, f), z);
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(LN2_LOW)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(f, y), f32x4.mul(e, f32x4.splat(LN2_HIGH)));
}

@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/** From exp(-2|x|), which cannot overflow. */
@inline
export function tanh4(x: v128): v128 {
  const t = exp4(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
  const size = f32x4.div(f32x4.sub(f32x4.splat(1), t), f32x4.add(f32x4.splat(1), t));
  return v128.or(size, v128.and(x, i32x4.splat(0x80000000)));
}

/** The error function (Abramowitz and Stegun, 7.1.26; within 1.5e-7). */
@inline
export function erf4(x: v128): v128 {
  const size = f32x4.abs(x);
  const t = f32x4.div(f32x4.splat(1), line(size, 0.3275911, 1));
  let series = line(t, 1.061405429, -1.453152027);
  series = f32x4.add(f32x4.mul(series, t), f32x4.splat(1.421413741));
  series = f32x4.add(f32x4.mul(series, t), f32x4.splat(-0.284496736));
  series = f32x4.mul(f32x4.add(f32x4.mul(series, t), f32x4.splat(0.254829592)), t);
  const value = f32x4.sub(f32x4.splat(1), f32x4.mul(series, exp4(f32x4.neg(f32x4.mul(x, x)))));
  return v128.or(f32x4.abs(value), v128.and(x, i32x4.splat(0x80000000)));
}

export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** The sum of four lanes, in a fixed order. */
@inline
export function sum4(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) +
    <f64>f32x4.extract_lane(x, 1) +
    (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3))
  );
}
