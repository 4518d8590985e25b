/**
 * The genetic search (BRECQ, section 3.4 and appendix B.4): a population of assignments; the best are parents; half of
 * the children mix two parents layer by layer, half are a parent with some layers redrawn; a child over the limit is
 * drawn again. The parents themselves stay in the population, so the best is never lost.
 *
 * Seeded; asking the table takes microseconds, so a search takes milliseconds. Mutation also moves one layer up and
 * another down, since near the limit nearly every step that raises a width alone is over it.
 */
import { Random } from "../base/random";
import { cheapest, costAt, costOf, type Problem, type Solution, solutionOf } from "./problem";

export interface GeneticOptions {
  readonly population: number;
  readonly generations: number;
  /** Probability that a mutation redraws a layer. */
  readonly mutation: number;
  readonly seed: number;
}

export const GENETIC_DEFAULTS: GeneticOptions = { population: 50, generations: 100, mutation: 0.1, seed: 0 };

export interface Generation {
  readonly best: number;
  readonly mean: number;
  /** Cost and loss of every member. */
  readonly members: readonly (readonly [cost: number, loss: number])[];
}

export interface GeneticResult extends Solution {
  readonly history: readonly Generation[];
}

/** Share of a population that are parents of the next. */
const ELITE = 0.3;
/** How often a child over the limit is drawn again before it is repaired. */
const REDRAWS = 20;

interface Member {
  readonly assignment: number[];
  readonly loss: number;
}

export function genetic(problem: Problem, options: GeneticOptions = GENETIC_DEFAULTS): GeneticResult {
  const { population, generations, mutation, seed } = options;
  const random = new Random(seed, "search");
  const pick = <T>(list: readonly T[]) => list[random.below(list.length)] as T;
  const fits = (assignment: number[]) => costOf(problem, assignment) <= problem.limit;
  const member = (assignment: number[]): Member => ({ assignment, loss: problem.predictor.loss(assignment) });

  /** Drawn until one fits; then lowered at random until it does. */
  const within = (draw: () => number[]): Member => {
    for (let i = 0; i < REDRAWS; i++) {
      const child = draw();
      if (fits(child)) return member(child);
    }
    return member(repaired(problem, draw(), random));
  };

  const anywhere = () => problem.choices.map(pick);
  const crossed = (a: Member, b: Member) => a.assignment.map((bits, i) => (random.uniform() < 0.5 ? bits : (b.assignment[i] as number)));
  const mutated = ({ assignment }: Member) => {
    if (random.uniform() < 0.5)
      return assignment.map((bits, i) => (random.uniform() < mutation ? pick(problem.choices[i] as readonly number[]) : bits));
    const child = [...assignment];
    for (const step of [1, -1]) shift(problem, child, random.below(child.length), step);
    return child;
  };

  let members = Array.from({ length: population }, () => within(anywhere));
  members[0] = member(cheapest(problem));
  const history: Generation[] = [];
  for (let generation = 0; ; generation++) {
    members.sort((p, q) => p.loss - q.loss);
    history.push({
      best: (members[0] as Member).loss,
      mean: members.reduce((sum, { loss }) => sum + loss, 0) / members.length,
      members: members.map(({ assignment, loss }) => [costOf(problem, assignment), loss]),
    });
    if (generation === generations) break;
    const parents = distinct(members).slice(0, Math.max(2, Math.floor(ELITE * population)));
    const children: Member[] = [...parents];
    while (children.length < population)
      children.push(within(children.length % 2 === 0 ? () => crossed(pick(parents), pick(parents)) : () => mutated(pick(parents))));
    members = children;
  }
  return { ...solutionOf(problem, improved(problem, (members[0] as Member).assignment)), history };
}

function distinct(members: readonly Member[]): Member[] {
  const seen = new Set<string>();
  return members.filter(({ assignment }) => {
    const key = assignment.join();
    return !seen.has(key) && seen.add(key);
  });
}

/** Moves a layer one width up or down, if it has one. */
function shift({ choices }: Problem, assignment: number[], layer: number, step: number): void {
  const widths = choices[layer] as readonly number[];
  const next = widths[widths.indexOf(assignment[layer] as number) + step];
  if (next !== undefined) assignment[layer] = next;
}

/** Lowers layers at random to cheaper widths until the limit holds. */
function repaired(problem: Problem, assignment: number[], random: Random): number[] {
  const goal = cheapest(problem);
  const order = assignment.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  for (const i of order) {
    if (costOf(problem, assignment) <= problem.limit) break;
    assignment[i] = goal[i] as number;
  }
  return assignment;
}

/** The last step: the best single change, or pair of changes, within the limit, as long as there is one. */
function improved(problem: Problem, start: readonly number[]): number[] {
  const { choices, costs, limit, predictor } = problem;
  let best = [...start];
  let loss = predictor.loss(best);
  for (;;) {
    let found: number[] | null = null;
    const room = limit - costOf(problem, best);
    const moves = best.flatMap((now, i) =>
      (choices[i] as readonly number[])
        .filter((bits) => bits !== now)
        .map((bits) => ({ i, bits, cost: costAt(costs, i, bits) - costAt(costs, i, now) })),
    );
    const consider = (changes: readonly { i: number; bits: number; cost: number }[]) => {
      if (changes.reduce((sum, { cost }) => sum + cost, 0) > room + 1e-12) return;
      const next = [...best];
      for (const { i, bits } of changes) next[i] = bits;
      const value = predictor.loss(next);
      if (value >= loss - 1e-15 * Math.abs(loss) || costOf(problem, next) > limit) return;
      loss = value;
      found = next;
    };
    for (const move of moves) consider([move]);
    if (!found) for (const a of moves) for (const b of moves) if (a.i < b.i) consider([a, b]);
    if (!found) return best;
    best = found;
  }
}
