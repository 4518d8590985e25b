/**
 * Greedy descent for comparison: from the widest, the step down that costs the least loss for what it saves, until the limit
 * holds. Null where no single step saves anything above it, as where a layer reads the wider of two activations.
 */
import { costOf, mostWithin, type Problem, type Solution, solutionOf } from "./problem";

export function greedy(problem: Problem): Solution | null {
  const { choices, predictor, limit } = problem;
  let assignment = choices.map((widths) => Math.max(...widths));
  for (let cost = costOf(problem, assignment); cost > mostWithin(limit); cost = costOf(problem, assignment)) {
    let best: { next: number[]; price: number } | null = null;
    const now = predictor.loss(assignment);
    for (let i = 0; i < assignment.length; i++)
      for (const bits of choices[i] as readonly number[]) {
        if (bits >= (assignment[i] as number)) continue;
        const next = assignment.with(i, bits);
        const saved = cost - costOf(problem, next);
        if (saved <= 0) continue;
        const price = (predictor.loss(next) - now) / saved;
        if (!best || price < best.price) best = { next, price };
      }
    if (!best) return null;
    assignment = best.next;
  }
  return solutionOf(problem, assignment);
}
