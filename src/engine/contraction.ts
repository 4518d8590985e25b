/**
 * A contraction's indices in the order in which devices want them: those that the output has, then those that are summed
 * over; without indices of one value, and with neighbours that lie one after the other in every buffer made one.
 */
import type { ContractAxis } from "./steps";

export interface Contraction {
  /** At least one; the last is the one along which the output's numbers lie closest. */
  readonly kept: readonly ContractAxis[];
  readonly summed: readonly ContractAxis[];
}

/** Most indices of each kind that devices take. */
const MOST_KEPT = 6;
const MOST_SUMMED = 4;

export function contraction(axes: readonly ContractAxis[]): Contraction {
  const long = axes.filter(({ extent }) => extent > 1);
  const kept = merged(long.filter(({ out }) => out !== 0).sort((p, q) => q.out - p.out));
  const summed = merged(long.filter(({ out }) => out === 0).sort((p, q) => q.a - p.a || q.b - p.b));
  if (kept.length > MOST_KEPT || summed.length > MOST_SUMMED) throw new Error(`A contraction over ${kept.length} and ${summed.length} indices`);
  return { kept: kept.length > 0 ? kept : [{ extent: 1, a: 0, b: 0, out: 1 }], summed };
}

function merged(axes: readonly ContractAxis[]): ContractAxis[] {
  const result: ContractAxis[] = [];
  for (const axis of axes) {
    const before = result.at(-1);
    const follows = before && (["a", "b", "out"] as const).every((key) => before[key] === axis[key] * axis.extent);
    if (before && follows) result[result.length - 1] = { ...axis, extent: axis.extent * before.extent };
    else result.push(axis);
  }
  return result;
}
