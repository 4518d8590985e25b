/** What a recipe names and nobody has given yet. */
import { BadInput } from "../../base/errors";
import type { ImagesRecipe, ModelRecipe } from "../recipe/recipe";
import type { FileRole } from "./sources";

const WHAT: Readonly<Record<FileRole, string>> = {
  model: "the model file",
  calibration: "the calibration images",
  evaluation: "the evaluation images",
};

export function missing(role: FileRole, recipe: ModelRecipe | ImagesRecipe): BadInput {
  const hash = recipe.kind !== "builtin" && recipe.sha256 ? ` (sha256 ${recipe.sha256.slice(0, 12)}…)` : "";
  const them = role === "model" ? "it" : "them";
  const fetch = recipe.kind !== "builtin" && recipe.from ? `, or fetch ${them} from ${recipe.from}` : "";
  return new BadInput(`The recipe needs ${WHAT[role]} ${recipe.name}${hash}; choose ${them} first${fetch}.`);
}
