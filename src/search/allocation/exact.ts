/**
 * The optimum, for comparison: dynamic programming over groups of variables that no interaction and no cost ties to
 * another group. Within a group all combinations are tried, so that interactions are exact; of them, and after each group
 * of what has been put together so far, only those are kept that no other beats in both cost and loss. Exact for any cost
 * that adds up over layers; the number of kept assignments has no bound but the product of all choices, so a search that
 * grows too large is given up.
 */
import { type CostTerm, mostWithin, type Problem, type Solution, settledCost, termAt } from "./problem";

/** Combinations of one group, kept states, and their products in one step, above which the search gives up. */
const MOST_COMBINATIONS = 65536;
const MOST_STATES = 200000;
const MOST_PRODUCTS = 2e7;

interface Option {
  readonly cost: number;
  readonly loss: number;
  readonly bits: readonly number[];
}

interface State extends Option {
  readonly before: State | null;
}

/** The assignment of least loss within the limit; null where the space is too large. */
export function optimum(problem: Problem): Solution | null {
  return paretoFront(problem)?.at(-1) ?? null;
}

/** Every assignment within the limit that no other beats in both cost and loss, cheapest first. */
export function paretoFront(problem: Problem): Solution[] | null {
  const { predictor, limit } = problem;
  const groups = groupsOf(problem);
  const options = groups.map((group) => optionsOf(problem, group));
  if (!options.every((list) => list !== null)) return null;
  // What the groups still to come cost at least: a state that leaves less is lost.
  let rest = options.reduce((sum, list) => sum + (list[0] as Option).cost, 0);
  let states: State[] = [{ cost: 0, loss: 0, bits: [], before: null }];
  for (const list of options) {
    rest -= (list[0] as Option).cost;
    if (states.length * list.length > MOST_PRODUCTS) return null;
    const next: State[] = [];
    for (const before of states)
      for (const { bits, cost, loss } of list) {
        if (before.cost + cost + rest > mostWithin(limit)) break;
        next.push({ bits, cost: before.cost + cost, loss: before.loss + loss, before });
      }
    states = undominated(next);
    if (states.length > MOST_STATES) return null;
  }
  return states.map((state) => {
    const assignment: number[] = new Array(problem.choices.length);
    let at: State | null = state;
    for (let g = groups.length - 1; g >= 0 && at; g--, at = at.before)
      for (const [i, variable] of (groups[g] as Group).variables.entries()) assignment[variable] = at.bits[i] as number;
    return { assignment, cost: settledCost(state.cost, limit), loss: predictor.loss(assignment) };
  });
}

interface Group {
  readonly variables: number[];
  readonly terms: CostTerm[];
}

/** Variables by what ties them: a pair that interacts, or a layer's cost. */
function groupsOf({ choices, terms, predictor }: Problem): Group[] {
  const parent = choices.map((_, i) => i);
  const rootOf = (i: number): number => (parent[i] === i ? i : rootOf(parent[i] as number));
  const tie = (a: number, b: number) => {
    parent[Math.max(rootOf(a), rootOf(b))] = Math.min(rootOf(a), rootOf(b));
  };
  for (const [a, b] of predictor.pairs) tie(a, b);
  for (const { weights, inputs } of terms) for (const input of inputs) tie(weights, input);
  const groups = new Map<number, Group>();
  const groupAt = (i: number): Group => {
    const found = groups.get(rootOf(i)) ?? { variables: [], terms: [] };
    groups.set(rootOf(i), found);
    return found;
  };
  for (const i of choices.keys()) groupAt(i).variables.push(i);
  for (const term of terms) groupAt(term.weights).terms.push(term);
  return [...groups.values()];
}

/** A group's combinations that no other beats, cheapest first; null where there are too many. */
function optionsOf({ choices, predictor }: Problem, { variables, terms }: Group): Option[] | null {
  const lists = variables.map((i) => choices[i] as readonly number[]);
  if (lists.reduce((count, list) => count * list.length, 1) > MOST_COMBINATIONS) return null;
  const place = new Map(variables.map((variable, at) => [variable, at]));
  const all = lists.reduce<number[][]>((some, list) => some.flatMap((one) => list.map((bits) => [...one, bits])), [[]]);
  return undominated(
    all.map((bits) => ({
      bits,
      cost: terms.reduce((sum, term) => sum + termAt(term, (variable) => bits[place.get(variable) as number] as number), 0),
      loss: predictor.part(variables, bits),
    })),
  );
}

/** Sorted by cost, and of falling loss. */
function undominated<T extends { readonly cost: number; readonly loss: number }>(states: T[]): T[] {
  states.sort((a, b) => a.cost - b.cost || a.loss - b.loss);
  const kept: T[] = [];
  let lowest = Number.POSITIVE_INFINITY;
  for (const state of states)
    if (state.loss < lowest) {
      lowest = state.loss;
      kept.push(state);
    }
  return kept;
}
