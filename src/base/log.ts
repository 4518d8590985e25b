/**
 * The natural logarithm in additions, multiplications and divisions alone: `Math.log` may differ in its
 * last bit from one browser to another, and a rounding's starting value may not.
 *
 * x = m * 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m-1)/(m+1)), whose series converges fast.
 */
const view = new DataView(new ArrayBuffer(8));

export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  // What is subnormal has too few bits for the split below: it is scaled into the normal range.
  if (x < 2 ** -1022) return log(x * 2 ** 54) - 54 * Math.LN2;
  view.setFloat64(0, x);
  let exponent = ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
  view.setUint32(0, (view.getUint32(0) & 0xfffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  const t = (m - 1) / (m + 1);
  const t2 = t * t;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * t2 + 1 / k;
  return 2 * t * sum + exponent * Math.LN2;
}
