/**
 * A look at a person's own images before anything runs: the first few as the network will see them, or what is wrong. Two
 * kinds of wrong are told apart. Images that the network cannot take as they are preprocessed are images all the same, and
 * the preprocessing is to be changed; files that hold no readable images under any preprocessing, cut off or of another
 * kind, are to be given back.
 */
import { BadInput } from "../../base/errors";
import { checkImages } from "../../data";
import { shapeOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import type { Recipe } from "../recipe/recipe";
import type { ImagesWanted, InputCache } from "./cache";
import { classesOf, loadSome } from "./load";
import { PREVIEWED, type Preview, type PreviewError, previewOf } from "./preview";
import type { Sources } from "./sources";

interface Place {
  readonly graph: Graph;
  readonly inputs: InputCache;
  readonly sources: Sources;
}

const first = (count: number) => Array.from({ length: Math.min(PREVIEWED, count) }, (_, i) => i);

/** What is wrong with the images is part of what is seen: of errors only those that are not about the files are thrown. */
export async function lookAtImages(
  recipe: Recipe,
  role: ImagesWanted["role"],
  place: Place,
  onProgress: ImagesWanted["onProgress"],
): Promise<Preview | PreviewError> {
  const { graph } = place;
  try {
    const set = await loadSome(recipe, role, place, first, onProgress);
    checkImages(set, shapeOf(graph, graph.input), classesOf(graph), recipe[role]?.name ?? "");
    return previewOf(set, recipe.preprocessing);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { error: error.message, unreadable: await isUnreadable(recipe, role, place, onProgress) };
  }
}

/** Reads the same files without labels, and brought to the network's size whatever the recipe says. */
async function isUnreadable(recipe: Recipe, role: ImagesWanted["role"], place: Place, onProgress: ImagesWanted["onProgress"]): Promise<boolean> {
  const images = recipe[role];
  if (!images) return false;
  const [height = 1, width = 1] = shapeOf(place.graph, place.graph.input);
  const plain: Recipe = {
    ...recipe,
    calibration: images,
    evaluation: images,
    preprocessing: { ...recipe.preprocessing, resize: [height, width], crop: null },
  };
  try {
    await loadSome(plain, "calibration", { ...place, sources: { ...place.sources, calibration: place.sources[role] } }, first, onProgress);
    return false;
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return true;
  }
}
