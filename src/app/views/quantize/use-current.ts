/** Whether the result that is held belongs to the settings of the form, files and all that decides a result. */
import type { Recipe } from "../../../session/recipe/recipe";
import { useLab } from "../../state/react";

/** Asked at every event of a run, of recipes that stay the same. */
const known = new WeakMap<Recipe, string>();

function decisive(recipe: Recipe): string {
  const found = known.get(recipe) ?? written(recipe);
  known.set(recipe, found);
  return found;
}

/** A recipe without what changes no result, and without hashes, which a run fills in. */
function written({ memory: _, threads: __, diagnose: ___, ...recipe }: Recipe): string {
  const plain = (source: Recipe["model"] | Recipe["evaluation"]) =>
    source && "sha256" in source ? { ...source, sha256: null, count: null } : source;
  return JSON.stringify(
    { ...recipe, model: plain(recipe.model), calibration: plain(recipe.calibration), evaluation: plain(recipe.evaluation) },
    Object.keys(flatten(recipe)).sort(),
  );
}

/** All keys that occur in a value, so that the order of a recipe's fields does not matter. */
function flatten(value: unknown, keys: Record<string, true> = {}): Record<string, true> {
  if (value === null || typeof value !== "object") return keys;
  for (const [key, part] of Object.entries(value)) {
    keys[key] = true;
    flatten(part, keys);
  }
  return keys;
}

export function isSameSetting(a: Recipe, b: Recipe): boolean {
  return decisive(a) === decisive(b);
}

/** True while there is no result, too: nothing is out of date then. */
export function useIsCurrent(): boolean {
  return useLab(({ recipe, view }) => view.recipe === null || isSameSetting(recipe, view.recipe));
}
