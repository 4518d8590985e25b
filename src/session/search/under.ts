/** One sensitivity table under limits and costs: what each search finds, beside what it is compared with. */

import { workTime } from "../../engine/yield";
import type { Graph } from "../../graph/types";
import { readBits } from "../../quantize/activation-bits";
import { FLOAT_BITS } from "../../quantize/layer-widths";
import { readsByLayer } from "../../quantize/reads";
import { type CostModel, costTerms, layerShapes } from "../../search/allocation/costs/cost";
import { ParetoFront, paretoFront } from "../../search/allocation/exact";
import { checkGenetic, genetic } from "../../search/allocation/genetic";
import { greedy } from "../../search/allocation/greedy";
import { type CostTerm, cheapest, costOf, type Problem, problemOf, type Solution } from "../../search/allocation/problem";
import { TRADEOFF_DEFAULTS, tradeoff } from "../../search/allocation/tradeoff";
import { type Assignment, choicesOf, hawqTable, namedBits, Predictor, type SensitivityTable } from "../../search/sensitivity/table";
import type { Recipe } from "../recipe/recipe";
import { type CostName, costModel, type Limit, limitText, limitValue } from "./limit";
import type { LayerBits, SearchResult, TradeoffResult } from "./result";
import type { SearchSettings } from "./settings";

export interface SearchContext {
  readonly graph: Graph;
  readonly table: SensitivityTable;
  readonly settings: SearchSettings;
  /** Whose overrides say which layers stay in float. */
  readonly weights: Pick<Recipe["weights"], "overrides">;
  /** How activations are quantized where they are not searched; null for full precision. */
  readonly activations: Recipe["activations"];
  readonly seed: number;
  /** Called often in long searches: may stop them by throwing. */
  breathe?(): void | Promise<void>;
}

/** The exact fronts of one table, each made once, whatever the number of limits. */
export class Fronts {
  private readonly found = new Map<string, ReturnType<typeof paretoFront>>();

  of(name: string, problem: Omit<Problem, "limit">, breathe?: () => void | Promise<void>): ReturnType<typeof paretoFront> {
    const front = this.found.get(name) ?? paretoFront(problem, breathe);
    this.found.set(name, front);
    return front;
  }
}

/** @throws BadInput where nothing keeps one of the limits; needs no losses, so that it can be asked before they are measured */
export function checkLimits(context: SearchContext): void {
  checkGenetic(context.settings.genetic);
  for (const limit of context.settings.limits) {
    const { model, terms } = costsOf(context, limit.cost);
    problemOf(context.table, terms, limitValue(context.table, terms, limit), model.unit);
  }
  // An own table may lack a layer or a width: looking for the cheapest assignment asks for all of them.
  for (const cost of context.settings.tradeoff ?? []) cheapest({ choices: choicesOf(context.table), terms: costsOf(context, cost).terms });
}

/** @throws BadInput where nothing keeps the limit */
export async function searchUnder(context: SearchContext, limit: Limit, fronts: Fronts = new Fronts()): Promise<SearchResult> {
  const { table, settings, seed } = context;
  const { model, terms } = costsOf(context, limit.cost);
  const value = limitValue(table, terms, limit);
  const problem = problemOf(table, terms, value, model.unit);
  const start = workTime();
  const found = genetic(problem, { ...settings.genetic, seed });
  const milliseconds = workTime() - start;
  const descent = greedy(problem);
  const brief = (solution: Solution) => ({ cost: solution.cost, predictedLoss: solution.loss });
  const front = await fronts.of(`${limit.cost}`, problem, context.breathe);
  const best = front instanceof ParetoFront ? front.within(value) : null;
  const predictor = new Predictor(table);
  const predicted = (assignment: Assignment) => ({ cost: costOf({ terms }, assignment), predictedLoss: predictor.loss(assignment) });
  const rival = hawqTable(table);
  const theirs = rival && problemOf(rival, terms, value, model.unit);
  const theirFront = theirs && (await fronts.of(`HAWQ-V2 ${limit.cost}`, theirs, context.breathe));
  const hawq =
    theirs && ((theirFront instanceof ParetoFront && theirFront.within(value)) || genetic(theirs, { ...settings.genetic, seed })).assignment;
  return {
    limit: { text: limitText(limit), cost: model.name, value, unit: model.unit, origin: model.origin },
    assignment: layerBits(table, found.assignment),
    cost: found.cost,
    predictedLoss: found.loss,
    optimum: best && { ...brief(best), assignment: layerBits(table, best.assignment) },
    greedy: descent && brief(descent),
    hawq: hawq && { ...predicted(hawq), assignment: layerBits(table, hawq) },
    history: found.history,
    tooLarge: front instanceof ParetoFront ? null : front.tooLarge,
    front: front instanceof ParetoFront ? front.points : null,
    uniform: table.bits.map((bits) => ({ bits, ...predicted(uniformAt(table, bits)) })),
    binding:
      costOf(
        problem,
        problem.choices.map((widths) => Math.max(...widths)),
      ) > value,
    milliseconds,
  };
}

/** Size against latency against predicted loss, or whichever two costs are asked for. */
export function searchTradeoff(context: SearchContext, costs: readonly CostName[]): TradeoffResult {
  const models = costs.map((name) => costsOf(context, name));
  const start = workTime();
  const points = tradeoff(
    context.table,
    models.map(({ terms }) => terms),
    { ...TRADEOFF_DEFAULTS, seed: context.seed },
  );
  return {
    costs: models.map(({ model: { name, unit, origin } }) => ({ cost: name, unit, origin })),
    points: points.map(({ assignment, costs: own, loss }) => ({ costs: own, predictedLoss: loss, assignment: layerBits(context.table, assignment) })),
    milliseconds: workTime() - start,
  };
}

/** Every variable at one width: activations too, at the nearest of theirs where they are searched. */
export function uniformAt({ layers, activations, activationBits }: SensitivityTable, bits: number): Assignment {
  const near = activationBits.reduce((best, one) => (Math.abs(one - bits) < Math.abs(best - bits) ? one : best), activationBits[0] ?? 0);
  return [...layers.map(({ fixed }) => fixed ?? bits), ...activations.map(({ fixed }) => fixed ?? near)];
}

export function layerBits(table: SensitivityTable, assignment: Assignment): LayerBits[] {
  const { weights, activations } = namedBits(table, assignment);
  return table.layers.map(({ name }) => ({ layer: name, bits: weights[name] as number, activation: activations[name] ?? null }));
}

function costsOf({ graph, table, settings, weights, activations }: SearchContext, name: CostName) {
  const model = costModel(name, settings.costs);
  return { model, terms: termsOf(graph, table, model, { weights, activations }) };
}

/** A model's cost of every layer of a table. */
export function termsOf(
  graph: Graph,
  table: SensitivityTable,
  model: CostModel,
  { weights, activations }: Pick<SearchContext, "weights" | "activations">,
): CostTerm[] {
  const { layers } = table;
  const searched = table.activations.length > 0;
  const reads = readsByLayer(graph);
  const inputs = layers.map(({ name }) => {
    const bits = readBits(reads.get(name) ?? [], activations, weights.overrides);
    // What stays in float is no variable.
    if (!searched || bits === FLOAT_BITS) return bits;
    return table.activations.flatMap(({ readers }, i) => (readers.includes(name) ? [layers.length + i] : []));
  });
  return costTerms(model, layerShapes(graph), inputs);
}
