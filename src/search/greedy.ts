/** Greedy descent for comparison: from the widest, the step down that costs the least loss for what it saves, until the limit holds. */
import { costAt, costOf, type Problem, type Solution, solutionOf } from "./problem";

export function greedy(problem: Problem): Solution {
  const { choices, costs, predictor, limit } = problem;
  const assignment = choices.map((widths) => widths.at(-1) as number);
  while (costOf(problem, assignment) > limit) {
    let best: { i: number; bits: number; price: number } | null = null;
    const now = predictor.loss(assignment);
    for (let i = 0; i < assignment.length; i++)
      for (const bits of choices[i] as readonly number[]) {
        const saved = costAt(costs, i, assignment[i] as number) - costAt(costs, i, bits);
        if (saved <= 0) continue;
        const next = assignment.with(i, bits);
        const price = (predictor.loss(next) - now) / saved;
        if (!best || price < best.price) best = { i, bits, price };
      }
    if (!best) break;
    assignment[best.i] = best.bits;
  }
  return solutionOf(problem, assignment);
}
