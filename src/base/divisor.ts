/** The largest divisor of `value` that is at most `limit`. */
export function largestDivisor(value: number, limit: number): number {
  for (let d = Math.min(limit, value); d > 1; d--) if (value % d === 0) return d;
  return 1;
}
