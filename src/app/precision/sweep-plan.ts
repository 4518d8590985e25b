/** The sweep over all that was found, as an experiment: loaded when it is asked for, since experiments bring the recipe's whole schema. */
import { type Sweep, sweepOf } from "../../session/experiments/sweep";
import type { Recipe } from "../../session/recipe/recipe";
import { searchedRecipe } from "../../session/search/settings";
import { type Plan, parsed } from "../compare/grid";
import type { View } from "../state/view";

/** Null where nothing was found yet. */
export function planSweep(
  { sensitivity, search }: Pick<View, "sensitivity" | "search">,
  recipe: Recipe,
  seeds: number,
  hawq: boolean,
): { readonly sweep: Sweep; readonly plan: Plan } | null {
  if (!sensitivity || search.length === 0) return null;
  const { table } = sensitivity;
  const sweep = sweepOf({ table, results: search }, { hawq, random: 0, seed: recipe.seed });
  const base = searchedRecipe(recipe, { activationBits: table.activations.length > 0 ? table.activationBits : null });
  const plan = parsed(() => ({ ...sweep.experiment, recipe: {}, seeds: Array.from({ length: seeds }, (_, i) => recipe.seed + i) }), base);
  return { sweep, plan };
}
