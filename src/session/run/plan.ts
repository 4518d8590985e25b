/** What a run will take, told before it starts: memory, and work for the progress bar. */
import type { Program } from "../../engine/program";
import { totalMacs } from "../../graph/macs";
import { shapeOf } from "../../graph/queries";
import { type Graph, sizeOf } from "../../graph/types";
import { partition } from "../../passes/partition";
import { ACTIVATION_IMAGES, quantizedPoints } from "../../quantize/activations";
import { FIDELITY_IMAGES } from "../../quantize/diagnosis";
import { estimateMemory, type MemoryEstimate } from "../../quantize/memory";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { Phase } from "../../quantize/unit-change";
import { unitsOf, untrainedLayers } from "../../quantize/units";
import { type Recipe, workingUnit } from "../recipe/recipe";
import type { Kind } from "./progress";
import { planWatch, type WatchPlan } from "./watch-plan";

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
  /** Of one evaluation. */
  readonly evaluation: number;
  readonly units: Readonly<Record<Phase, readonly UnitWork[]>>;
  /** Of one search for the scales of activations. */
  readonly scales: number;
  readonly fidelity: number;
  readonly watch: WatchPlan;
  readonly total: Readonly<Record<Kind, number>>;
}

export interface UnitWork {
  /** All of it, and the share of it that precedes training: Fisher weights. */
  readonly work: number;
  readonly before: number;
}

/** What a search for scales takes of a number, in multiply-accumulates: eighty roundings and errors to a broken power. */
const SCALE_MACS = 18_000;
/** A forward and backward pass takes about as long as three forward ones. */
const PASSES = 3;

/**
 * Multiply-accumulates of a run's phases.
 * @param images of the calibration, and of the set that results are judged on
 */
export function plannedWork(graph: Graph, recipe: Recipe, images: { readonly calibration: number; readonly judged: number }): PlannedWork {
  const macs = totalMacs(graph);
  const evaluation = macs * images.judged;
  const { method, activations, weights, batch, iterations, diagnose, loss } = recipe;
  const { optimizes, trains } = METHOD_CATALOG[method];
  const segments = partition(graph, workingUnit(recipe));
  const units = optimizes === "none" ? [] : unitsOf(segments, untrainedLayers(graph, weights));
  const weighted = loss !== "mse" && optimizes === "unit";
  let reached = 0;
  const tails = segments.map(({ layers }) => {
    reached += totalMacs(graph, layers);
    return macs - reached;
  });
  const workOf = (steps: number, fisher: boolean): UnitWork[] =>
    units.map((unit) => {
      const own = totalMacs(graph, unit.layers);
      const gradients = fisher ? PASSES * (tails[segments.indexOf(unit)] as number) : 0;
      const before = images.calibration * gradients;
      const work = before + PASSES * own * batch * steps;
      return { work, before: work === 0 ? 0 : before / work };
    });
  // Solving without iterations takes about as long as a few of them would.
  const weightWork = workOf(trains ? iterations : 30, weighted);
  const scaleWork = activations?.learn && trains && method !== "qdrop" ? workOf(activations.iterations, false) : [];
  const evaluations = 3 + (diagnose ? 2 * partition(graph, workingUnit(recipe)).length : 0);
  const points = activations ? quantizedPoints(graph, weights.overrides) : [];
  const numbers = points.reduce((sum, { value }) => sum + sizeOf(shapeOf(graph, value)), 0);
  const scales = activations?.scale === "mse" ? SCALE_MACS * numbers * Math.min(ACTIVATION_IMAGES, images.calibration) : 0;
  const fidelity = 3 * macs * Math.min(FIDELITY_IMAGES, images.judged);
  const sum = (list: readonly UnitWork[]) => list.reduce((all, { work }) => all + work, 0);
  const total = {
    evaluation: evaluations * evaluation + fidelity,
    weights: sum(weightWork),
    activations: sum(scaleWork),
    // Rounding to nearest has scales of its own.
    scales: (method === "nearest" ? 1 : 2) * scales,
  };
  const run = Object.values(total).reduce((all, work) => all + work, 0);
  const watch = planWatch(graph, recipe, images.judged, run, scaleWork.length > 0);
  const watching = watch.curve * watch.curves;
  return { evaluation, units: { weights: weightWork, activations: scaleWork }, scales, fidelity, watch, total: { ...total, watching } };
}
