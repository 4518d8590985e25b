/**
 * The genetic search (BRECQ, section 3.4 and appendix B.4): a population of assignments; the best are parents; half of
 * the children mix two parents width by width, half are a parent with some widths redrawn; a child over the limit is
 * drawn again. The parents themselves stay in the population, so the best is never lost.
 *
 * Two things are added to the paper's search, since the best assignments lie close below the limit, where a step up needs
 * several steps down: a child that stays over the limit is lowered at random until it keeps it, and room that a child
 * leaves is filled at random. A population that finds nothing better for a while is resembling itself: its best are set
 * aside and a new one is founded. At the end all that were set aside are improved by single changes and pairs of changes.
 *
 * Seeded; asking the table takes microseconds, so a search takes milliseconds.
 */
import { Random } from "../base/random";
import { cheapest, costOf, type Problem, type Solution, solutionOf } from "./problem";

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
const REDRAWS = 4;
/** Generations without a better assignment after which the population is one family, and a new one is founded. */
const PATIENCE = 12;
/** How many of each family are improved at the end. */
const IMPROVED = 4;

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

  /** Drawn until one fits, or lowered at random until it does; then widened at random as far as there is room. */
  const within = (draw: () => number[]): Member => {
    let child = draw();
    for (let i = 0; i < REDRAWS && !fits(child); i++) child = draw();
    if (!fits(child)) repair(problem, child, random);
    fill(problem, child, random);
    return member(child);
  };

  const anywhere = () => problem.choices.map(pick);
  const crossed = (a: Member, b: Member) => a.assignment.map((bits, i) => (random.uniform() < 0.5 ? bits : (b.assignment[i] as number)));
  const mutated = ({ assignment }: Member) =>
    assignment.map((bits, i) => (random.uniform() < mutation ? pick(problem.choices[i] as readonly number[]) : bits));

  const founded = () => Array.from({ length: population }, () => within(anywhere));
  const history: Generation[] = [];
  /** The best few of each family. */
  const champions: Member[] = [member(cheapest(problem))];
  let members = founded();
  let [lowest, still] = [Number.POSITIVE_INFINITY, 0];
  for (let generation = 0; ; generation++) {
    members.sort((p, q) => p.loss - q.loss);
    const best = (members[0] as Member).loss;
    still = best < lowest ? 0 : still + 1;
    lowest = Math.min(lowest, best);
    history.push({
      best: Math.min(best, history.at(-1)?.best ?? best),
      mean: members.reduce((sum, { loss }) => sum + loss, 0) / members.length,
      members: members.map(({ assignment, loss }) => [costOf(problem, assignment), loss]),
    });
    const last = generation === generations;
    if (last || still >= PATIENCE) champions.push(...distinct(members).slice(0, IMPROVED));
    if (last) break;
    if (still >= PATIENCE) {
      members = founded();
      [lowest, still] = [Number.POSITIVE_INFINITY, 0];
      continue;
    }
    const parents = distinct(members).slice(0, Math.max(2, Math.floor(ELITE * population)));
    const children: Member[] = [...parents];
    while (children.length < population)
      children.push(within(children.length % 2 === 0 ? () => crossed(pick(parents), pick(parents)) : () => mutated(pick(parents))));
    members = children;
  }
  const found = champions.map(({ assignment }) => member(improved(problem, assignment)));
  const least = found.reduce((one, other) => (other.loss < one.loss ? other : one));
  return { ...solutionOf(problem, least.assignment), history };
}

function distinct(members: readonly Member[]): Member[] {
  const seen = new Set<string>();
  return members.filter(({ assignment }) => {
    const key = assignment.join();
    return !seen.has(key) && seen.add(key);
  });
}

/** Lowers what is drawn at random to its cheapest width until the limit holds. */
function repair(problem: Problem, assignment: number[], random: Random): void {
  const goal = cheapest(problem);
  for (const i of shuffled(assignment.length, random)) {
    if (costOf(problem, assignment) <= problem.limit) return;
    assignment[i] = goal[i] as number;
  }
}

/** Widens what is drawn at random as far as the limit lets it, once through all variables. */
function fill(problem: Problem, assignment: number[], random: Random): void {
  for (const i of shuffled(assignment.length, random)) {
    const before = assignment[i] as number;
    const wider = (problem.choices[i] as readonly number[]).filter((bits) => bits > before);
    for (const bits of wider) {
      const kept = assignment[i] as number;
      assignment[i] = bits;
      if (costOf(problem, assignment) > problem.limit) {
        assignment[i] = kept;
        break;
      }
    }
  }
}

function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** The last step: the best single change, or pair of changes, within the limit, as long as there is one. */
function improved(problem: Problem, start: readonly number[]): number[] {
  const { choices, limit, predictor } = problem;
  let best = [...start];
  let loss = predictor.loss(best);
  for (;;) {
    let found: number[] | null = null;
    const moves = best.flatMap((now, i) => (choices[i] as readonly number[]).filter((bits) => bits !== now).map((bits) => ({ i, bits })));
    const next = [...best];
    const consider = () => {
      const value = predictor.loss(next);
      if (value >= loss - 1e-15 * Math.abs(loss) || costOf(problem, next) > limit) return;
      loss = value;
      found = [...next];
    };
    for (const a of moves) {
      next[a.i] = a.bits;
      consider();
      next[a.i] = best[a.i] as number;
    }
    if (!found)
      for (const a of moves) {
        next[a.i] = a.bits;
        for (const b of moves)
          if (a.i < b.i) {
            next[b.i] = b.bits;
            consider();
            next[b.i] = best[b.i] as number;
          }
        next[a.i] = best[a.i] as number;
      }
    if (!found) return best;
    best = found;
  }
}
