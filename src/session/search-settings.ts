/** What a search is asked. */
import { GENETIC_DEFAULTS, type GeneticOptions } from "../search/genetic";
import type { SensitivityTable } from "../search/table";
import type { CostOptions, Limit } from "./limit";

export interface SearchSettings {
  readonly limits: readonly Limit[];
  /** Widths to choose from. */
  readonly bits: readonly number[];
  /** Layers rounded to nearest for a quick look, or reconstructed at each width with the recipe's training. */
  readonly measure: "nearest" | "reconstructed";
  readonly genetic: Omit<GeneticOptions, "seed">;
  readonly costs: CostOptions;
  /** A table measured before. */
  readonly table: SensitivityTable | null;
}

export const SEARCH_DEFAULTS: Omit<SearchSettings, "limits"> = {
  bits: [2, 4, 8],
  measure: "nearest",
  genetic: GENETIC_DEFAULTS,
  costs: {},
  table: null,
};
