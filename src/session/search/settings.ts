/** What a search is asked. */

import { GENETIC_DEFAULTS, type GeneticOptions } from "../../search/allocation/genetic";
import type { SensitivityTable } from "../../search/sensitivity/table";
import { activationDefaults } from "../recipe/defaults";
import type { Recipe } from "../recipe/recipe";
import type { CostName, CostOptions, Limit } from "./limit";

export interface SearchSettings {
  readonly limits: readonly Limit[];
  /** Widths of weights to choose from. */
  readonly bits: readonly number[];
  /** Widths of activations to choose from; null leaves them as the recipe has them. */
  readonly activationBits: readonly number[] | null;
  /** Layers rounded to nearest for a quick look, or reconstructed at each width with the recipe's training. */
  readonly measure: "nearest" | "reconstructed";
  readonly genetic: Omit<GeneticOptions, "seed">;
  readonly costs: CostOptions;
  /** Two costs that are set against each other and against predicted loss. */
  readonly tradeoff: readonly [CostName, CostName] | null;
  /** A table measured before. */
  readonly table: SensitivityTable | null;
}

export const SEARCH_DEFAULTS: Omit<SearchSettings, "limits"> = {
  bits: [2, 4, 8],
  activationBits: null,
  measure: "nearest",
  genetic: GENETIC_DEFAULTS,
  costs: {},
  tradeoff: ["size", "latency:fpga"],
  table: null,
};

/** The recipe that a search's assignments go into: where activations are searched it has them quantized. */
export function searchedRecipe(recipe: Recipe, { activationBits }: Pick<SearchSettings, "activationBits">): Recipe {
  return activationBits && !recipe.activations ? { ...recipe, activations: activationDefaults() } : recipe;
}

/** The settings with the widths of the table that they bring, if they do. */
export function settledSettings(settings: SearchSettings): SearchSettings {
  const { table } = settings;
  if (!table) return settings;
  return { ...settings, bits: table.bits, activationBits: table.activations.length > 0 ? table.activationBits : null };
}
