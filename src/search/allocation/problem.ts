/**
 * What is searched: an assignment of least predicted loss whose cost keeps a limit. Each layer is a term of the cost,
 * which depends on its weights' width and, where activations are searched, on the widths of what it reads.
 */
import { BadInput } from "../../base/errors";
import { type Assignment, choicesOf, Predictor, type SensitivityTable } from "../sensitivity/table";

export interface CostTerm {
  /** The variable of the layer's weights. */
  readonly weights: number;
  /** The variables of what it reads; the widest counts. Empty where activations are not searched. */
  readonly inputs: readonly number[];
  /** Cost at a width of weights and one of activations; 0 stands for activations that are not searched. */
  cost(weights: number, activations: number): number;
}

export interface Problem {
  readonly predictor: Predictor;
  /** Widths of each variable, ascending. */
  readonly choices: readonly (readonly number[])[];
  readonly terms: readonly CostTerm[];
  readonly limit: number;
}

export interface Solution {
  readonly assignment: Assignment;
  readonly cost: number;
  readonly loss: number;
}

/** Sums of the same costs in another order differ by less than this share. */
export const ROUNDING = 1e-12;

/** The most that a sum of costs may come to and keep the limit. */
export function mostWithin(limit: number): number {
  return limit * (1 + ROUNDING);
}

/** A sum that is above the limit by rounding alone is the limit. */
export function settledCost(cost: number, limit: number): number {
  return cost > limit && cost <= mostWithin(limit) ? limit : cost;
}

/** @throws BadInput where even the cheapest assignment breaks the limit */
export function problemOf(table: SensitivityTable, terms: readonly CostTerm[], limit: number, unit: string, interactions = true): Problem {
  const problem = { predictor: new Predictor(table, interactions), choices: choicesOf(table), terms: terms.map(remembered), limit };
  const least = costOf(problem, cheapest(problem));
  if (least > mostWithin(limit))
    throw new BadInput(
      `No assignment costs at most ${Number(limit.toPrecision(6))} ${unit}: the cheapest, everything at its narrowest, costs ${Number(least.toPrecision(6))} ${unit}. Raise the limit to at least that.`,
    );
  return problem;
}

/** A term that asks its cost model once for each pair of widths. */
function remembered(term: CostTerm): CostTerm {
  const known = new Map<number, number>();
  return {
    ...term,
    cost(weights, activations) {
      const key = weights * 1024 + activations;
      let cost = known.get(key);
      if (cost === undefined) {
        cost = term.cost(weights, activations);
        known.set(key, cost);
      }
      return cost;
    },
  };
}

/** The cheapest assignment: activations at their narrowest, and each layer's weights at whatever costs least then. */
export function cheapest({ choices, terms }: Pick<Problem, "choices" | "terms">): number[] {
  const least = choices.map((widths) => Math.min(...widths));
  for (const term of terms) {
    const costWith = (bits: number) => termAt(term, (variable) => (variable === term.weights ? bits : (least[variable] as number)));
    const widths = choices[term.weights] as readonly number[];
    least[term.weights] = widths.reduce((best, bits) => (costWith(bits) < costWith(best) ? bits : best));
  }
  return least;
}

/** What one term costs, with widths looked up by variable. */
export function termAt({ weights, inputs, cost }: CostTerm, bitsOf: (variable: number) => number): number {
  let widest = 0;
  for (const input of inputs) widest = Math.max(widest, bitsOf(input));
  return cost(bitsOf(weights), widest);
}

export function costOf({ terms }: Pick<Problem, "terms">, assignment: Assignment): number {
  const bitsOf = (variable: number) => assignment[variable] as number;
  let sum = 0;
  for (const term of terms) sum += termAt(term, bitsOf);
  return sum;
}

export function solutionOf(problem: Problem, assignment: Assignment): Solution {
  return { assignment, cost: settledCost(costOf(problem, assignment), problem.limit), loss: problem.predictor.loss(assignment) };
}
