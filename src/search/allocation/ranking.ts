/** How well predicted losses rank what was measured: Spearman's correlation, ties at their mean rank. */
import { Random } from "../../base/random";
import { type Assignment, choicesOf, type SensitivityTable } from "../sensitivity/table";

export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((rank, i) => {
    const [p, q] = [rank - mean, (y[i] as number) - mean];
    xy += p * q;
    xx += p * p;
    yy += q * q;
  });
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((p, q) => p.value - q.value);
  const out: number[] = new Array(values.length);
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last + 1 < order.length && order[last + 1]?.value === order[first]?.value) last++;
    for (let at = first; at <= last; at++) out[order[at]?.i as number] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return out;
}

/** Assignments drawn layer by layer, each width as likely as another. */
export function randomAssignments(table: SensitivityTable, count: number, seed: number): Assignment[] {
  const random = new Random(seed, "random assignments");
  return Array.from({ length: count }, () => choicesOf(table).map((widths) => widths[random.below(widths.length)] as number));
}
