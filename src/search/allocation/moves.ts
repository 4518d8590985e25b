/**
 * An assignment that changes one variable at a time. What a change adds to cost and loss comes from the terms and pairs
 * that the variable takes part in, not from all; so the genetic search can afford to repair, fill and improve what it
 * draws.
 */
import type { Random } from "../../base/random";
import { type CostTerm, cheapest, costOf, mostWithin, type Problem, ROUNDING, termAt } from "./problem";

/** A problem with each variable's terms at hand. */
export interface Indexed {
  readonly problem: Problem;
  readonly touching: readonly (readonly CostTerm[])[];
}

export function indexed(problem: Problem): Indexed {
  const touching = problem.choices.map((): CostTerm[] => []);
  for (const term of problem.terms) for (const variable of new Set([term.weights, ...term.inputs])) touching[variable]?.push(term);
  return { problem, touching };
}

export interface Change {
  readonly i: number;
  readonly bits: number;
  readonly cost: number;
  readonly loss: number;
}

export class Draft {
  /** Kept by adding changes up. */
  cost: number;
  private readonly most: number;

  constructor(
    readonly of: Indexed,
    readonly assignment: number[],
  ) {
    this.cost = costOf(of.problem, assignment);
    this.most = mostWithin(of.problem.limit);
  }

  get fits(): boolean {
    return this.cost <= this.most;
  }

  /** Whether a change would fit. */
  allows({ cost }: Pick<Change, "cost">): boolean {
    return this.cost + cost <= this.most;
  }

  /** What giving a variable other bits would add. */
  change(i: number, bits: number): Change {
    const { assignment, of } = this;
    const loss = of.problem.predictor.change(assignment, i, bits);
    const now = assignment[i] as number;
    const at = (variable: number) => assignment[variable] as number;
    let cost = 0;
    const terms = of.touching[i] as readonly CostTerm[];
    for (const term of terms) cost -= termAt(term, at);
    assignment[i] = bits;
    for (const term of terms) cost += termAt(term, at);
    assignment[i] = now;
    return { i, bits, cost, loss };
  }

  apply({ i, bits, cost }: Pick<Change, "i" | "bits" | "cost">): void {
    this.assignment[i] = bits;
    this.cost += cost;
  }

  /** Sums the cost anew, and lowers it where changes that were added up let it through the limit. */
  settle(): void {
    const { problem } = this.of;
    this.cost = costOf(problem, this.assignment);
    while (!this.fits) {
      const saving = this.changes().filter(({ cost }) => cost < -ROUNDING * problem.limit);
      if (saving.length === 0) break;
      this.apply(least(saving, ({ loss, cost }) => loss / -cost));
      this.cost = costOf(problem, this.assignment);
    }
  }

  /** All changes of one variable. */
  changes(): Change[] {
    return this.of.problem.choices.flatMap((widths, i) => widths.filter((bits) => bits !== this.assignment[i]).map((bits) => this.change(i, bits)));
  }
}

/** Lowers the cost until the limit holds: a width at a time at random, or by what costs the least loss for what it saves. */
export function repair(draft: Draft, random: Random, guided: boolean): void {
  const { choices } = draft.of.problem;
  if (!guided)
    for (const i of shuffled(choices.length, random)) {
      if (draft.fits) return;
      const narrower = (choices[i] as readonly number[]).filter((bits) => bits < (draft.assignment[i] as number));
      if (narrower.length > 0) draft.apply(draft.change(i, narrower[random.below(narrower.length)] as number));
    }
  while (!draft.fits) {
    const saving = draft.changes().filter(({ cost }) => cost < 0);
    if (saving.length === 0) break;
    draft.apply(least(saving, ({ loss, cost }) => loss / -cost));
  }
  if (!draft.fits) for (const [i, bits] of cheapest(draft.of.problem).entries()) draft.apply(draft.change(i, bits));
}

/** Uses the room that is left: a width at a time at random, or by what gains the most for what it costs. */
export function fill(draft: Draft, random: Random, guided: boolean): void {
  const { choices } = draft.of.problem;
  if (!guided) {
    for (const i of shuffled(choices.length, random))
      for (const bits of choices[i] as readonly number[]) {
        if (bits <= (draft.assignment[i] as number)) continue;
        const change = draft.change(i, bits);
        if (!draft.allows(change)) break;
        draft.apply(change);
      }
    return;
  }
  for (;;) {
    const gaining = draft.changes().filter((change) => change.loss < 0 && draft.allows(change));
    if (gaining.length === 0) return;
    draft.apply(least(gaining, ({ loss, cost }) => loss / Math.max(cost, ROUNDING)));
  }
}

/** The best single change, or pair of changes, within the limit, as long as there is one. */
export function improve(draft: Draft): void {
  for (;;) {
    const singles = draft.changes();
    let best: { readonly changes: readonly Change[]; readonly loss: number } | null = null;
    const consider = (changes: readonly Change[], cost: number, loss: number) => {
      if (loss < (best?.loss ?? -1e-12) && draft.allows({ cost })) best = { changes, loss };
    };
    for (const one of singles) consider([one], one.cost, one.loss);
    if (!best)
      for (const a of singles) {
        const now = draft.assignment[a.i] as number;
        draft.assignment[a.i] = a.bits;
        for (const { i, bits } of singles) {
          if (i <= a.i) continue;
          const b = draft.change(i, bits);
          consider([a, b], a.cost + b.cost, a.loss + b.loss);
        }
        draft.assignment[a.i] = now;
      }
    if (!best) return;
    for (const change of (best as { readonly changes: readonly Change[] }).changes) draft.apply(change);
  }
}

function least<T>(list: readonly T[], of: (one: T) => number): T {
  return list.reduce((best, one) => (of(one) < of(best) ? one : best));
}

function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
