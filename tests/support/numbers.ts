import { Random } from "../../src/base/random";

/** Seeded normal-like values. */
export function randoms(count: number, seed: number, scale = 1): Float32Array {
  const random = new Random(seed, "test");
  return Float32Array.from({ length: count }, () => scale * 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5));
}

/** The largest difference, relative to the largest magnitude of `expected`. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`lengths ${actual.length} and ${expected.length}`);
  let peak = 1e-12;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number;
    const e = expected[i] as number;
    if (!Number.isFinite(a)) return Number.POSITIVE_INFINITY;
    peak = Math.max(peak, Math.abs(e));
    worst = Math.max(worst, Math.abs(a - e));
  }
  return worst / peak;
}
