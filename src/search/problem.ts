/** What is searched: an assignment of least predicted loss whose cost keeps a limit. */
import { BadInput } from "../base/errors";
import { type Assignment, choicesOf, Predictor, type SensitivityTable } from "./table";

export interface Problem {
  readonly predictor: Predictor;
  /** Widths of each layer, ascending. */
  readonly choices: readonly (readonly number[])[];
  /** Cost of each layer at each width. */
  readonly costs: readonly ReadonlyMap<number, number>[];
  readonly limit: number;
}

export interface Solution {
  readonly assignment: Assignment;
  readonly cost: number;
  readonly loss: number;
}

/** @throws BadInput where even the cheapest assignment breaks the limit */
export function problemOf(
  table: SensitivityTable,
  costs: readonly ReadonlyMap<number, number>[],
  limit: number,
  unit: string,
  interactions = true,
): Problem {
  const choices = choicesOf(table);
  const problem = { predictor: new Predictor(table, interactions), choices, costs, limit };
  const least = costOf(problem, cheapest(problem));
  if (least > limit)
    throw new BadInput(
      `No assignment costs at most ${limit} ${unit}: the cheapest, every layer at its narrowest, costs ${Number(least.toPrecision(6))} ${unit}. Raise the limit to at least that.`,
    );
  return problem;
}

/** The cheapest width of every layer. */
export function cheapest({ choices, costs }: Omit<Problem, "limit" | "predictor">): number[] {
  return choices.map((widths, i) => widths.reduce((best, bits) => (costAt(costs, i, bits) < costAt(costs, i, best) ? bits : best)));
}

export function costAt(costs: Problem["costs"], layer: number, bits: number): number {
  return costs[layer]?.get(bits) ?? Number.POSITIVE_INFINITY;
}

export function costOf({ costs }: Pick<Problem, "costs">, assignment: Assignment): number {
  let sum = 0;
  for (let i = 0; i < assignment.length; i++) sum += costAt(costs, i, assignment[i] as number);
  return sum;
}

export function solutionOf(problem: Problem, assignment: Assignment): Solution {
  return { assignment, cost: costOf(problem, assignment), loss: problem.predictor.loss(assignment) };
}
