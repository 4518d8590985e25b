/**
 * Numbers that a network takes as pictures for a screen: one linear mapping for a whole set, so that pictures can be
 * compared, which whoever shows them states.
 */

/** The least and the greatest of some numbers. */
export function rangeOf(values: ArrayLike<number>): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i] as number);
    high = Math.max(high, values[i] as number);
  }
  return [low, high];
}

/** Bytes of values, of which `low` becomes 0 and `high` 255; what lies beyond is cut off. */
export function toBytes(values: ArrayLike<number>, [low, high]: readonly [number, number]): Uint8Array {
  // Rounds, and cuts off at both ends.
  return Uint8Array.from(Uint8ClampedArray.from(values, (value) => (255 * (value - low)) / (high - low || 1)));
}
