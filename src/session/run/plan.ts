/** What a run will take, told before it starts: memory, and work for the progress bar. */
import type { Program } from "../../engine/program";
import { totalMacs } from "../../graph/macs";
import type { Graph } from "../../graph/types";
import { partition } from "../../passes/partition";
import { estimateMemory, type MemoryEstimate } from "../../quantize/memory";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { unitsOf, untrainedLayers } from "../../quantize/units";
import { type Recipe, workingUnit } from "../recipe/recipe";

/** The memory that a recipe's run over so many images will need. */
export function estimateRun(
  graph: Graph,
  recipe: Recipe,
  sizes: { images: number; evaluation: number },
  footprint: (program: Program) => number,
): MemoryEstimate {
  const { weights, loss, method, activations, ...rest } = recipe;
  const { optimizes, trains } = METHOD_CATALOG[method];
  return estimateMemory({
    ...rest,
    ...sizes,
    graph,
    unit: workingUnit(recipe),
    bits: weights.bits,
    parameters: trains ? (method === "adaquant" ? "straightThrough" : "rounding") : null,
    weighted: loss !== "mse" && optimizes === "unit",
    both: method === "qdrop",
    untrained: untrainedLayers(graph, weights),
    overrides: weights.overrides,
    activations: activations?.bits ?? null,
    footprint,
  });
}

export interface PlannedWork {
  readonly evaluation: number;
  readonly units: Readonly<Record<"weights" | "activations", readonly number[]>>;
  readonly total: number;
}

/** Multiply-accumulates of a run's phases; a training iteration counts as three forward passes of its batch. */
export function plannedWork(graph: Graph, recipe: Recipe, images: number): PlannedWork {
  const evaluation = totalMacs(graph) * images;
  const { method, activations, weights, batch, iterations, diagnose } = recipe;
  const { optimizes, trains } = METHOD_CATALOG[method];
  const units = optimizes === "none" ? [] : unitsOf(partition(graph, workingUnit(recipe)), untrainedLayers(graph, weights));
  const workOf = (steps: number) => units.map(({ layers }) => 3 * totalMacs(graph, layers) * batch * steps);
  // Solving without iterations takes about as long as a few of them would.
  const weightWork = workOf(trains ? iterations : 30);
  const scaleWork = activations?.learn && trains && method !== "qdrop" ? workOf(activations.iterations) : [];
  const evaluations = 3 + (diagnose ? 2 * partition(graph, workingUnit(recipe)).length : 0);
  const total = [...weightWork, ...scaleWork].reduce((sum, work) => sum + work, evaluations * evaluation);
  return { evaluation, units: { weights: weightWork, activations: scaleWork }, total };
}
