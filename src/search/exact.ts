/**
 * The optimum, for comparison: dynamic programming over blocks. After each block only assignments that no other beats
 * in both cost and loss are kept; within a block all combinations are tried, so that interactions are exact. It is
 * exact for any cost that adds up, but the number of kept assignments has no bound but the product of all choices.
 */
import { costAt, type Problem, type Solution } from "./problem";

/** Combinations of one block, and kept states, above which the search gives up. */
const MOST_COMBINATIONS = 4096;
const MOST_STATES = 200000;

interface State {
  readonly cost: number;
  readonly loss: number;
  readonly bits: readonly number[];
  readonly before: State | null;
}

/** The assignment of least loss within the limit; null where the space is too large. */
export function optimum(problem: Problem): Solution | null {
  const front = paretoFront(problem);
  const best = front?.reduce<Solution | null>((found, one) => (!found || one.loss < found.loss ? one : found), null);
  return best ?? null;
}

/** Every assignment within the limit that no other beats in both cost and loss, cheapest first. */
export function paretoFront(problem: Problem): Solution[] | null {
  const { predictor, choices, costs, limit } = problem;
  const groups = groupsOf(problem);
  // What the layers still to come cost at least: a state that leaves less is lost.
  const least = choices.map((widths, i) => Math.min(...widths.map((bits) => costAt(costs, i, bits))));
  let rest = least.reduce((sum, cost) => sum + cost, 0);
  let states: State[] = [{ cost: 0, loss: 0, bits: [], before: null }];
  for (const layers of groups) {
    const combinations = product(layers.map((i) => choices[i] as readonly number[]));
    if (!combinations) return null;
    rest -= layers.reduce((sum, i) => sum + (least[i] as number), 0);
    const options = combinations.map((bits) => ({
      bits,
      cost: layers.reduce((sum, i, at) => sum + costAt(costs, i, bits[at] as number), 0),
      loss: predictor.part(layers, bits),
    }));
    const next = states.flatMap((before) =>
      options
        .filter(({ cost }) => before.cost + cost + rest <= limit + 1e-12)
        .map(({ bits, cost, loss }) => ({ bits, cost: before.cost + cost, loss: before.loss + loss, before })),
    );
    states = undominated(next);
    if (states.length > MOST_STATES) return null;
  }
  return states.map((state) => {
    const assignment: number[] = new Array(choices.length);
    let at: State | null = state;
    for (let g = groups.length - 1; g >= 0 && at; g--, at = at.before)
      for (const [i, layer] of (groups[g] as number[]).entries()) assignment[layer] = at.bits[i] as number;
    return { assignment, cost: state.cost, loss: predictor.loss(assignment) };
  });
}

/** Layers by block, each block's together; a block without interactions falls apart into its layers. */
function groupsOf({ predictor: { table } }: Problem): number[][] {
  const groups = new Map<string, number[]>();
  const paired = new Set(table.pairs.flatMap(({ a, b }) => [a, b]));
  table.layers.forEach(({ name, block }, i) => {
    const key = paired.has(name) ? `block ${block}` : `layer ${name}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  return [...groups.values()];
}

function product(lists: readonly (readonly number[])[]): number[][] | null {
  if (lists.reduce((count, list) => count * list.length, 1) > MOST_COMBINATIONS) return null;
  return lists.reduce<number[][]>((all, list) => all.flatMap((one) => list.map((value) => [...one, value])), [[]]);
}

function undominated(states: State[]): State[] {
  states.sort((a, b) => a.cost - b.cost || a.loss - b.loss);
  const kept: State[] = [];
  let lowest = Number.POSITIVE_INFINITY;
  for (const state of states)
    if (state.loss < lowest) {
      lowest = state.loss;
      kept.push(state);
    }
  return kept;
}
