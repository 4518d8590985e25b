/** From the boxes that are ticked to an experiment. */

import { METHOD_CATALOG, type MethodName } from "../../quantize/methods/catalog";
import { type Experiment, parseExperiment, rowsOf } from "../../session/experiments/experiment";
import type { Recipe, UnitKind } from "../../session/recipe/recipe";

export interface GridChoice {
  readonly methods: readonly MethodName[];
  readonly weights: readonly number[];
  /** 32 for full precision. */
  readonly activations: readonly number[];
  readonly units: readonly UnitKind[];
  readonly seeds: number;
}

/** One case a method and, where the method has units, a unit; bits are the grid. */
export function gridExperiment(choice: GridChoice, recipe: Recipe): object {
  const cases = choice.methods.flatMap((method) =>
    METHOD_CATALOG[method].optimizes === "unit"
      ? choice.units.map((unit) => ({ label: `${METHOD_CATALOG[method].title}, ${unit}`, set: { method, unit } }))
      : [{ label: METHOD_CATALOG[method].title, set: { method } }],
  );
  const own = recipe.activations;
  const activations = choice.activations.map((bits) => (bits === 32 ? null : { ...own, bits }));
  return {
    version: 2,
    title: "A grid of your own",
    cases,
    grid: { "weights.bits": choice.weights, activations },
    seeds: Array.from({ length: choice.seeds }, (_, i) => recipe.seed + i),
    recipe: {},
  };
}

export type Plan = { readonly experiment: Experiment; readonly rows: number; readonly runs: number } | { readonly error: string };

/** The experiment over the page's recipe, or why there is none yet. */
export function parsed(make: () => object, recipe: Recipe): Plan {
  try {
    const experiment = parseExperiment(make(), "Experiment", recipe as unknown as Record<string, unknown>);
    const rows = rowsOf(experiment);
    return { experiment, rows: rows.length, runs: rows.length * experiment.seeds.length };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
