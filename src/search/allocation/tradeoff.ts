/**
 * A front of several costs and loss at once: NSGA-II (Deb et al. 2002). A population is sorted into fronts, none of
 * whose members beats another in every respect; of the last front that has room, those stay whose neighbours are far.
 * Parents win tournaments by front, then by distance; children are crossed and mutated as in the search under a limit.
 */
import { Random } from "../../base/random";
import { type Assignment, choicesOf, Predictor, type SensitivityTable } from "../sensitivity/table";
import { type CostTerm, cheapest, costOf } from "./problem";

export interface TradeoffOptions {
  readonly population: number;
  readonly generations: number;
  readonly mutation: number;
  readonly seed: number;
}

export const TRADEOFF_DEFAULTS: Omit<TradeoffOptions, "seed"> = { population: 120, generations: 150, mutation: 0.1 };

export interface TradeoffPoint {
  readonly assignment: Assignment;
  readonly costs: readonly number[];
  readonly loss: number;
}

interface Member extends TradeoffPoint {
  /** Costs, then loss. */
  readonly values: readonly number[];
  rank: number;
  distance: number;
}

/** Assignments that none found beats in all costs and loss, by the first cost. @param costs the terms of each cost */
export function tradeoff(table: SensitivityTable, costs: readonly (readonly CostTerm[])[], options: TradeoffOptions): TradeoffPoint[] {
  const { population, generations, mutation, seed } = options;
  const random = new Random(seed, "trade-off");
  const choices = choicesOf(table);
  const predictor = new Predictor(table);
  const pick = <T>(list: readonly T[]) => list[random.below(list.length)] as T;
  const member = (assignment: Assignment): Member => {
    const own = costs.map((terms) => costOf({ terms }, assignment));
    const loss = predictor.loss(assignment);
    return { assignment, costs: own, loss, values: [...own, loss], rank: 0, distance: 0 };
  };
  const better = (a: Member, b: Member) => (a.rank !== b.rank ? a.rank < b.rank : a.distance > b.distance);
  let members = distinct([
    ...costs.map((terms) => member(cheapest({ choices, terms }))),
    ...uniform(choices).map(member),
    ...Array.from({ length: population }, () => member(choices.map(pick))),
  ]);
  members = selected(members, population);
  const parent = () => {
    const [a, b] = [pick(members), pick(members)];
    return better(a, b) ? a : b;
  };
  const child = (): Assignment => {
    const [a, b] = [parent(), parent()];
    const crossed = a.assignment.map((bits, i) => (random.uniform() < 0.5 ? bits : (b.assignment[i] as number)));
    return crossed.map((bits, i) => (random.uniform() < mutation ? pick(choices[i] as readonly number[]) : bits));
  };
  for (let generation = 0; generation < generations; generation++) {
    const children = Array.from({ length: population }, () => member(child()));
    members = selected(distinct([...members, ...children]), population);
  }
  return members
    .filter(({ rank }) => rank === 0)
    .sort((a, b) => (a.costs[0] as number) - (b.costs[0] as number))
    .map(({ assignment, costs: own, loss }) => ({ assignment, costs: own, loss }));
}

/** Every variable at one width, or the next narrower that it has. */
function uniform(choices: readonly (readonly number[])[]): number[][] {
  const widths = new Set(choices.flat());
  return [...widths].map((bits) => choices.map((own) => own.findLast((one) => one <= bits) ?? (own[0] as number)));
}

function distinct(members: readonly Member[]): Member[] {
  return [...new Map(members.map((member) => [member.assignment.join(), member])).values()];
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  let less = false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (x > y) return false;
    if (x < y) less = true;
  }
  return less;
}

/** The best `count`, with their rank and distance. */
function selected(members: readonly Member[], count: number): Member[] {
  const kept: Member[] = [];
  let left = [...members];
  for (let rank = 0; kept.length < count && left.length > 0; rank++) {
    const front = left.filter((one) => !left.some((other) => dominates(other.values, one.values)));
    const inFront = new Set(front);
    left = left.filter((one) => !inFront.has(one));
    for (const one of front) one.rank = rank;
    spread(front);
    front.sort((a, b) => b.distance - a.distance);
    kept.push(...front.slice(0, count - kept.length));
  }
  return kept;
}

/** Crowding: for each value the gap between a member's neighbours, as a share of the front's range; ends count as far. */
function spread(front: readonly Member[]): void {
  for (const one of front) one.distance = 0;
  const count = front[0]?.values.length ?? 0;
  for (let k = 0; k < count; k++) {
    const valueAt = (one: Member | undefined) => one?.values[k] as number;
    const sorted = [...front].sort((a, b) => valueAt(a) - valueAt(b));
    const range = valueAt(sorted.at(-1)) - valueAt(sorted[0]);
    sorted.forEach((one, i) => {
      const end = i === 0 || i === sorted.length - 1;
      one.distance += end ? Number.POSITIVE_INFINITY : range === 0 ? 0 : (valueAt(sorted[i + 1]) - valueAt(sorted[i - 1])) / range;
    });
  }
}
