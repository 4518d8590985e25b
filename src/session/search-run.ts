/**
 * The search for mixed precision as a run: measure the sensitivity table, search it under each limit, hand back
 * assignments that a recipe can carry. Everything streams: the table as it fills, the population as it moves.
 */
import { yieldToEvents } from "../engine/yield";
import type { Graph } from "../graph/types";
import { layersOf } from "../graph/walk";
import { END_BITS } from "../quantize/grids";
import { costTable, layerShapes } from "../search/costs/cost";
import { optimum, paretoFront } from "../search/exact";
import { genetic } from "../search/genetic";
import { greedy } from "../search/greedy";
import { measureSensitivity } from "../search/measure";
import { problemOf, type Solution } from "../search/problem";
import { choicesOf, Predictor, type SensitivityTable } from "../search/table";
import { costModel, type Limit, limitValue } from "./limit";
import { load, type RunOptions, stopIfAsked, upload } from "./run";
import type { SearchResult } from "./search-result";
import type { SearchSettings } from "./search-settings";

export interface SearchOutcome {
  readonly table: SensitivityTable;
  readonly results: readonly SearchResult[];
}

export async function runSearch(options: RunOptions & { readonly settings: SearchSettings }): Promise<SearchOutcome> {
  const { settings, emit, signal } = options;
  emit({ type: "state", state: "loading" });
  const { recipe, graph, calibration } = await load(options);
  const table = settings.table ?? (await measure(options, recipe, graph, calibration.set));
  emit({ type: "sensitivity", table, done: 1, total: 1 });
  stopIfAsked(signal);
  const ends = recipe.weights.ends ? END_BITS : null;
  const activations = recipe.activations?.bits ?? 32;
  const results = settings.limits.map((limit) => searchUnder(graph, table, settings, limit, activations, ends, recipe.seed));
  for (const result of results) emit({ type: "searched", result });
  return { table, results };
}

async function measure(
  { settings, openDevice, emit, signal }: RunOptions & { readonly settings: SearchSettings },
  recipe: RunOptions["recipe"],
  graph: Graph,
  set: Parameters<typeof upload>[1],
): Promise<SensitivityTable> {
  const { device, reason } = await openDevice();
  emit({ type: "device", kind: device.info.kind, description: device.info.description, reason });
  emit({ type: "state", state: "calibrating" });
  const images = await upload(device, set, recipe, { streamed: 0 }, []);
  const { iterations, learningRate, regularizer, annealing, batch, weights, seed } = recipe;
  const { bits: _bits, assignment: _assignment, ...grids } = weights;
  try {
    return await measureSensitivity({
      ...{ device, graph, images, seed },
      bits: [...settings.bits].sort((a, b) => a - b),
      weights: grids,
      training: settings.measure === "nearest" ? null : { iterations, learningRate, regularizer, annealing, batch },
      known: new Map(),
      async onEntry(table, done, total) {
        emit({ type: "sensitivity", table, done, total });
        emit({ type: "progress", text: `Measuring sensitivity, ${done} of ${total}`, fraction: done / total, secondsLeft: null });
        await yieldToEvents();
        stopIfAsked(signal);
      },
    });
  } finally {
    images.dispose();
    device.dispose();
  }
}

function searchUnder(
  graph: Graph,
  table: SensitivityTable,
  settings: SearchSettings,
  limit: Limit,
  activations: number,
  ends: number | null,
  seed: number,
): SearchResult {
  const model = costModel(limit.cost, settings.costs);
  const value = limitValue(graph, model, limit, activations, ends);
  const costs = costTable(model, layerShapes(graph), choicesOf(table), activations);
  const problem = problemOf(table, costs, value, model.unit);
  const start = performance.now();
  const found = genetic(problem, { ...settings.genetic, seed });
  const milliseconds = performance.now() - start;
  const brief = (solution: Solution) => ({ cost: solution.cost, predictedLoss: solution.loss });
  const best = optimum(problem);
  const widest = paretoFront({ ...problem, limit: Number.POSITIVE_INFINITY });
  const predictor = new Predictor(table);
  return {
    limit: { cost: model.name, value, unit: model.unit, origin: model.origin },
    assignment: layersOf(graph).map(({ name }, i) => ({ layer: name, bits: found.assignment[i] as number })),
    cost: found.cost,
    predictedLoss: found.loss,
    optimum: best && brief(best),
    greedy: brief(greedy(problem)),
    history: found.history,
    front: widest?.map(({ cost, loss }) => [cost, loss] as const) ?? null,
    uniform: table.bits.map((bits) => {
      const assignment = table.layers.map(({ fixed }) => fixed ?? bits);
      const cost = assignment.reduce((sum, own, i) => sum + (costs[i]?.get(own) ?? 0), 0);
      return { bits, cost, predictedLoss: predictor.loss(assignment) };
    }),
    milliseconds,
  };
}
