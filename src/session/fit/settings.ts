/** What a fit is asked beside the recipe that it starts from. */
import { BadInput } from "../../base/errors";
import type { SensitivityTable } from "../../search/sensitivity/table";
import { type PresetName, presetFields } from "../recipe/presets";
import type { Recipe } from "../recipe/recipe";
import { withoutBits } from "../search/result";
import type { SearchSettings } from "../search/settings";
import type { Goal } from "./goal";

export interface FitSettings {
  readonly goal: Goal;
  /** Widths of weights to choose from. */
  readonly bits: readonly number[];
  readonly measure: SearchSettings["measure"];
  /** How long units are trained; null for the recipe's own training. */
  readonly preset: PresetName | null;
  /** Candidates that are reconstructed at most. */
  readonly tries: number;
  /** A sensitivity table of this network that was measured before; null measures. */
  readonly table: SensitivityTable | null;
}

export const FIT_DEFAULTS: Omit<FitSettings, "goal"> = {
  bits: [2, 3, 4, 6, 8],
  measure: "nearest",
  preset: "quick",
  tries: 5,
  table: null,
};

/** The most candidates that may be asked for: past that, bisection has closed in on a point of the front long before. */
export const MOST_TRIES = 12;

/** @throws BadInput */
export function checkFitSettings({ bits, tries, table }: FitSettings): void {
  if (!table && (bits.length === 0 || !bits.every((width) => Number.isInteger(width) && width >= 2 && width <= 8)))
    throw new BadInput(`The bit widths to choose from, ${bits.join(", ") || "none"}, must be integers from 2 to 8, for example 2, 4, 8.`);
  if (!Number.isInteger(tries) || tries < 1 || tries > MOST_TRIES)
    throw new BadInput(`${tries} candidates cannot be tried; expected an integer from 1 to ${MOST_TRIES}.`);
}

/** The recipe that candidates are tried with: without an assignment of its own, trained as the settings say. */
export function triedRecipe(recipe: Recipe, { preset }: Pick<FitSettings, "preset">): Recipe {
  const own = withoutBits(recipe);
  if (!preset) return own;
  const { activations, ...training } = presetFields(preset, own.activations);
  return { ...own, ...training, activations: activations ?? null };
}
