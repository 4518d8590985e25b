/**
 * The genetic search (BRECQ, section 3.4 and appendix B.4): a population of assignments; the best are parents; half of
 * the children mix two parents width by width, half are a parent with some widths redrawn; a child over the limit is
 * drawn again. The parents themselves stay in the population, so the best is never lost.
 *
 * Added to the paper's search, since the best assignments lie close below the limit, where a step up needs several steps
 * down: a child that stays over the limit is lowered until it keeps it, and the room that a child leaves is filled, at
 * random or by price (moves.ts). A population that finds nothing better for a while resembles itself: its best are set
 * aside and a new one is founded; in the second half the families meet. What was set aside is improved by single changes
 * and pairs of changes.
 *
 * Seeded; asking the table takes microseconds, so a search takes milliseconds.
 */
import { BadInput } from "../../base/errors";
import { Random } from "../../base/random";
import { Draft, fill, improve, indexed, repair } from "./moves";
import { cheapest, costOf, type Problem, type Solution, settledCost, solutionOf } from "./problem";

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
/** Share of the children that are repaired and filled by price instead of at random. */
const GUIDED = 0.5;
/** Generations without a better assignment after which the population is one family, and a new one is founded. */
const PATIENCE = 10;
/** How many of each family are set aside. */
const IMPROVED = 4;
/** Share of the generations after which families meet. */
const MEETING = 0.5;

interface Member {
  readonly assignment: number[];
  readonly loss: number;
}

/** @throws BadInput where the options make no population */
export function checkGenetic({ population, generations, mutation }: Omit<GeneticOptions, "seed">): void {
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!whole(population, 4)) throw new BadInput(`Invalid population ${population}: it must be an integer of at least 4.`);
  if (!whole(generations, 1)) throw new BadInput(`Invalid number of generations ${generations}: it must be an integer of at least 1.`);
  if (!(mutation >= 0 && mutation <= 1)) throw new BadInput(`A mutation of ${mutation} is no probability; give a number from 0 to 1.`);
}

export function genetic(problem: Problem, options: GeneticOptions = GENETIC_DEFAULTS): GeneticResult {
  checkGenetic(options);
  const { population, generations, mutation, seed } = options;
  const random = new Random(seed, "search");
  const pick = <T>(list: readonly T[]) => list[random.below(list.length)] as T;
  const own = indexed(problem);
  const member = (assignment: number[]): Member => ({ assignment, loss: problem.predictor.loss(assignment) });

  /** Drawn until one fits, or lowered until it does; then widened as far as there is room. */
  const within = (draw: () => number[]): Member => {
    let child = new Draft(own, draw());
    for (let i = 0; i < REDRAWS && !child.fits; i++) child = new Draft(own, draw());
    const guided = random.uniform() < GUIDED;
    repair(child, random, guided);
    fill(child, random, guided);
    child.settle();
    return member(child.assignment);
  };

  const anywhere = () => problem.choices.map(pick);
  const crossed = (a: Member, b: Member) => a.assignment.map((bits, i) => (random.uniform() < 0.5 ? bits : (b.assignment[i] as number)));
  const mutated = ({ assignment }: Member) =>
    assignment.map((bits, i) => (random.uniform() < mutation ? pick(problem.choices[i] as readonly number[]) : bits));

  const better = ({ assignment }: Member) => {
    const draft = new Draft(own, [...assignment]);
    improve(draft);
    draft.settle();
    return member(draft.assignment);
  };
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
      members: members.map(({ assignment, loss }) => [settledCost(costOf(problem, assignment), problem.limit), loss]),
    });
    const last = generation === generations;
    if (last || still >= PATIENCE) champions.push(...distinct(members).slice(0, IMPROVED));
    if (last) break;
    if (still >= PATIENCE) {
      // Near the end families do not start over but meet: the best of all, improved, among newcomers.
      if (generation >= MEETING * generations) champions.splice(0, champions.length, ...distinct(champions.map(better)));
      members = generation >= MEETING * generations ? [...champions, ...founded()].slice(0, population) : founded();
      [lowest, still] = [Number.POSITIVE_INFINITY, 0];
      continue;
    }
    const parents = distinct(members).slice(0, Math.max(2, Math.floor(ELITE * population)));
    const children: Member[] = [...parents];
    while (children.length < population)
      children.push(within(children.length % 2 === 0 ? () => crossed(pick(parents), pick(parents)) : () => mutated(pick(parents))));
    members = children;
  }
  const least = champions.map(better).reduce((one, other) => (other.loss < one.loss ? other : one));
  return { ...solutionOf(problem, least.assignment), history };
}

function distinct(members: readonly Member[]): Member[] {
  const seen = new Set<string>();
  return members.filter(({ assignment }) => {
    const key = assignment.join();
    return !seen.has(key) && seen.add(key);
  });
}
