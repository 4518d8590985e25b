/** What a recipe says of files that were fetched. */
import type { Recipe } from "../recipe/recipe";
import type { GivenFiles, Sources } from "./sources";

/** The recipe with names and addresses of what was fetched for it. */
export function withOrigins<R extends Pick<Recipe, "model" | "calibration" | "evaluation">>(recipe: R, sources: Sources): R {
  const named = <T extends Recipe["model"] | Recipe["calibration"] | null>(own: T, given: GivenFiles | null): T =>
    own && own.kind !== "builtin" && given && given.from !== undefined
      ? { ...own, name: given.name, ...(given.from === null ? {} : { from: given.from }) }
      : own;
  return {
    ...recipe,
    model: named(recipe.model, sources.model),
    calibration: named(recipe.calibration, sources.calibration),
    evaluation: named(recipe.evaluation, sources.evaluation),
  };
}
