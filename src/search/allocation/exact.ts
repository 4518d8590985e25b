/**
 * The optimum, for comparison: dynamic programming over groups of variables that no interaction and no cost ties to
 * another group. Within a group all combinations are tried, so that interactions are exact; of them, and after each group
 * of what has been put together so far, only those are kept that no other beats in both cost and loss. Exact for any cost
 * that adds up over layers. What is kept has no bound but the product of all choices, so a search that would take more
 * than its memory or too many steps is given up, and says so.
 *
 * The front is made once for a cost, without a limit; the optimum under each limit is a point of it.
 */
import { type CostTerm, mostWithin, type Problem, type Solution, settledCost, termAt } from "./problem";

/** Combinations of one group, and sums in one step, above which the search gives up. */
const MOST_COMBINATIONS = 65536;
const MOST_SUMS = 5e7;
/** Bytes that all kept states may take, and what one takes: cost, loss, option and the state before it. */
const MOST_BYTES = 256 * 2 ** 20;
const STATE_BYTES = 24;
/** Sums between two looks at the event loop. */
const PART = 2 ** 19;

interface Option {
  readonly cost: number;
  readonly loss: number;
  readonly bits: readonly number[];
}

/** What is kept after one group: sums that no other beats, cheapest first. */
interface Stage {
  readonly cost: Float64Array;
  readonly loss: Float64Array;
  readonly option: Int32Array;
  readonly before: Int32Array;
}

/** Every assignment that no other beats in both cost and loss, cheapest first. */
export class ParetoFront {
  constructor(
    private readonly problem: Omit<Problem, "limit">,
    private readonly groups: readonly Group[],
    private readonly options: readonly Option[][],
    private readonly stages: readonly Stage[],
  ) {}

  /** Cost and predicted loss of each. */
  get points(): (readonly [cost: number, loss: number])[] {
    const { cost, loss } = this.stages.at(-1) as Stage;
    return Array.from(cost, (value, i) => [value, loss[i] as number] as const);
  }

  /** The assignment of least loss within a limit; null where none keeps it. */
  within(limit: number): Solution | null {
    const { cost } = this.stages.at(-1) as Stage;
    const most = mostWithin(limit);
    let at = cost.length - 1;
    while (at >= 0 && (cost[at] as number) > most) at--;
    if (at < 0) return null;
    const assignment: number[] = new Array(this.problem.choices.length);
    const total = cost[at] as number;
    for (let g = this.groups.length - 1; g >= 0; g--) {
      const stage = this.stages[g] as Stage;
      const { bits } = (this.options[g] as Option[])[stage.option[at] as number] as Option;
      for (const [i, variable] of (this.groups[g] as Group).variables.entries()) assignment[variable] = bits[i] as number;
      at = stage.before[at] as number;
    }
    return { assignment, cost: settledCost(total, limit), loss: this.problem.predictor.loss(assignment) };
  }
}

/** The assignment of least loss within the problem's limit; null where the space is too large. */
export async function optimum(problem: Problem, breathe?: () => void | Promise<void>): Promise<Solution | null> {
  const front = await paretoFront(problem, breathe);
  return front instanceof ParetoFront ? front.within(problem.limit) : null;
}

/** The front, or in words why it is not made. @param breathe called now and then; may stop the search by throwing */
export async function paretoFront(
  problem: Omit<Problem, "limit">,
  breathe: () => void | Promise<void> = () => {},
): Promise<ParetoFront | { readonly tooLarge: string }> {
  const groups = groupsOf(problem);
  const options: Option[][] = [];
  for (const group of groups) {
    const own = optionsOf(problem, group);
    if (!own) return { tooLarge: `${group.variables.length} bit widths depend on each other, in more than ${MOST_COMBINATIONS} combinations` };
    options.push(own);
    await breathe();
  }
  const stages: Stage[] = [];
  let bytes = 0;
  let last: Pick<Stage, "cost" | "loss"> = { cost: Float64Array.of(0), loss: Float64Array.of(0) };
  for (const list of options) {
    if (last.cost.length * list.length > MOST_SUMS) return { tooLarge: `more than ${MOST_SUMS.toExponential(0)} sums in one step` };
    const stage = await merged(last, list, (MOST_BYTES - bytes) / STATE_BYTES, breathe);
    if (!stage) return { tooLarge: `it would take more than ${MOST_BYTES / 2 ** 20} MiB` };
    bytes += stage.cost.length * STATE_BYTES;
    stages.push(stage);
    last = stage;
  }
  return new ParetoFront(problem, groups, options, stages);
}

/**
 * All sums of a state and an option that no other beats, cheapest first, without holding the others: for each option the
 * sums ascend with the states, so that a heap of one sum an option hands them out in order. Null where more than `most`
 * would be kept.
 */
async function merged(
  states: Pick<Stage, "cost" | "loss">,
  list: readonly Option[],
  most: number,
  breathe: () => void | Promise<void>,
): Promise<Stage | null> {
  const heap = new Int32Array(list.length).map((_, option) => option);
  const next = new Int32Array(list.length);
  const costs = Float64Array.from(list, ({ cost }) => (states.cost[0] as number) + cost);
  const losses = Float64Array.from(list, ({ loss }) => (states.loss[0] as number) + loss);
  /** Cheaper first, of equals the one of less loss, of those the earlier state and option. */
  const precedes = (a: number, b: number) => {
    const difference = (costs[a] as number) - (costs[b] as number) || (losses[a] as number) - (losses[b] as number);
    if (difference !== 0) return difference < 0;
    return next[a] === next[b] ? a < b : (next[a] as number) < (next[b] as number);
  };
  let size = list.length;
  const sink = (from: number) => {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < size && precedes(heap[child] as number, heap[least] as number)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as number, heap[at] as number];
      at = least;
    }
  };
  for (let i = (size >> 1) - 1; i >= 0; i--) sink(i);
  const kept: { cost: number[]; loss: number[]; option: number[]; before: number[] } = { cost: [], loss: [], option: [], before: [] };
  let lowest = Number.POSITIVE_INFINITY;
  for (let sums = 1; size > 0; sums++) {
    const option = heap[0] as number;
    const state = next[option] as number;
    const loss = losses[option] as number;
    if (loss < lowest) {
      if (kept.cost.length >= most) return null;
      lowest = loss;
      kept.cost.push(costs[option] as number);
      kept.loss.push(loss);
      kept.option.push(option);
      kept.before.push(state);
    }
    if (state + 1 < states.cost.length) {
      next[option] = state + 1;
      costs[option] = (states.cost[state + 1] as number) + (list[option] as Option).cost;
      losses[option] = (states.loss[state + 1] as number) + (list[option] as Option).loss;
    } else heap[0] = heap[--size] as number;
    sink(0);
    if (sums % PART === 0) await breathe();
  }
  return {
    cost: Float64Array.from(kept.cost),
    loss: Float64Array.from(kept.loss),
    option: Int32Array.from(kept.option),
    before: Int32Array.from(kept.before),
  };
}

interface Group {
  readonly variables: number[];
  readonly terms: CostTerm[];
}

/** Variables by what ties them: a pair that interacts, or a layer's cost. */
function groupsOf({ choices, terms, predictor }: Omit<Problem, "limit">): Group[] {
  const parent = choices.map((_, i) => i);
  const rootOf = (i: number): number => (parent[i] === i ? i : rootOf(parent[i] as number));
  const tie = (a: number, b: number) => {
    parent[Math.max(rootOf(a), rootOf(b))] = Math.min(rootOf(a), rootOf(b));
  };
  for (const [first, ...others] of predictor.groups) for (const other of others) tie(first as number, other);
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
function optionsOf({ choices, predictor }: Omit<Problem, "limit">, { variables, terms }: Group): Option[] | null {
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
