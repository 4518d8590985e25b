/** The first phase of a run or a search: reads model and images, checks that they fit, completes the recipe with their hashes. */
import { BadInput } from "../../base/errors";
import { checkImages } from "../../data";
import type { Preprocessing } from "../../data/preprocess";
import { yieldToEvents } from "../../engine/yield";
import { layersOf, shapeOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { ImagesRecipe, Recipe } from "../recipe/recipe";
import { stopIfAsked } from "../run/stop";
import type { LabEvent } from "../worker/events";
import { type ImagesWanted, type InputCache, type LoadedImages, type LoadedModel, leavesSizeOpen } from "./cache";
import { checkHash } from "./hash";
import type { Sources } from "./sources";

export interface LoadOptions {
  readonly recipe: Recipe;
  readonly sources: Sources;
  readonly inputs: InputCache;
  readonly signal: AbortSignal;
  emit(event: LabEvent): void;
}

export interface Loaded extends Pick<LoadedModel, "graph" | "unfolded"> {
  /** With the hashes of its files. */
  readonly recipe: Recipe;
  readonly calibration: LoadedImages;
  readonly evaluation: LoadedImages | null;
  /** What a person should know of what was read. */
  readonly notes: readonly string[];
}

export async function load(options: LoadOptions): Promise<Loaded> {
  const { recipe, sources } = options;
  const model = await fittingModel(options);
  const { graph, unfolded } = model;
  checkHash(recipe.model.kind === "file" ? recipe.model.sha256 : null, model.sha256, sources.model?.name ?? graph.name);
  const input = shapeOf(graph, graph.input);
  const classes = classesOf(graph);
  const read = async (role: ImagesWanted["role"], images: ImagesRecipe) => {
    const loaded = await loadRole(options, role, images, classes);
    checkHash(images.kind === "files" ? images.sha256 : null, loaded.sha256 ?? "", loaded.name);
    checkImages(loaded.set, input, classes, loaded.name);
    return loaded;
  };
  const calibration = await read("calibration", recipe.calibration);
  const evaluation = recipe.evaluation ? await read("evaluation", recipe.evaluation) : null;
  checkCount(recipe, calibration);
  if (layersOf(graph).length < 2) throw new BadInput(`${graph.name} has fewer than two layers; there is nothing to reconstruct.`);
  checkAssignment(graph, recipe);
  const hashed: Recipe = {
    ...recipe,
    model: recipe.model.kind === "file" ? { ...recipe.model, sha256: model.sha256 } : recipe.model,
    calibration: recipe.calibration.kind === "files" ? { ...recipe.calibration, sha256: calibration.sha256 } : recipe.calibration,
    evaluation: recipe.evaluation?.kind === "files" && evaluation ? { ...recipe.evaluation, sha256: evaluation.sha256 } : recipe.evaluation,
  };
  const notes = [calibration, evaluation].flatMap((images) => images?.passedOver ?? []);
  return { recipe: hashed, graph, unfolded, calibration, evaluation, notes: [...notes, ...selfAgreement(recipe, calibration)] };
}

/** How many classes a network tells apart, in each image or at each position. */
export function classesOf(graph: Graph): number {
  return shapeOf(graph, graph.output).at(-1) as number;
}

/** Height and width that the preprocessing alone makes of every image; null where they depend on the images. */
export function sizeAfter({ resize, crop }: Pick<Preprocessing, "resize" | "crop">): readonly [number, number] | null {
  return crop ?? (typeof resize === "number" ? null : resize);
}

/** The model; one whose file leaves height and width open takes those of the images as they are preprocessed. */
async function fittingModel(options: LoadOptions): Promise<LoadedModel> {
  const { recipe, sources, inputs } = options;
  try {
    return await inputs.loadModel(recipe.model, sources, sizeAfter(recipe.preprocessing));
  } catch (error) {
    if (!leavesSizeOpen(error) || (recipe.calibration.kind === "files" && !sources.calibration)) throw error;
    const { set } = await loadRole(options, "calibration", recipe.calibration, null);
    return inputs.loadModel(recipe.model, sources, [set.height, set.width]);
  }
}

function loadRole({ recipe, sources, inputs, signal, emit }: LoadOptions, role: ImagesWanted["role"], images: ImagesRecipe, classes: number | null) {
  const onProgress = async (share: number) => {
    emit({
      type: "progress",
      text: `Reading ${role === "calibration" ? "calibration" : "test"} images, ${Math.round(100 * share)} %`,
      ...{ fraction: 0, secondsLeft: null },
    });
    await yieldToEvents();
    stopIfAsked(signal);
  };
  // Calibration needs no labels; where there are no other images, those that it has judge the result.
  const labels = role === "evaluation" ? "needed" : recipe.evaluation ? "none" : "optional";
  return inputs.loadImages({ role, recipe: images, preprocessing: recipe.preprocessing, classes, labels, onProgress }, sources);
}

/** A method that trains needs a batch; others take what there is. */
function checkCount({ method, batch }: Recipe, { set, name }: LoadedImages): void {
  if (METHOD_CATALOG[method].trains && set.count < batch)
    throw new BadInput(
      `${name} holds ${set.count} calibration images, fewer than a batch of ${batch}; add images${batch > 1 ? " or use a smaller batch" : ""}.`,
    );
}

function checkAssignment(graph: Graph, { weights, activations }: Recipe): void {
  const names = new Set(layersOf(graph).map(({ name }) => name));
  const unknown = Object.keys({ ...weights.assignment, ...activations?.assignment }).find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new BadInput(
      `The recipe gives a bit width to a layer "${unknown}", which ${graph.name} does not have; its layers are ${[...names].slice(0, 4).join(", ")}…`,
    );
}

/** Agreement on the very images that were calibrated on, without labels, flatters. */
function selfAgreement(recipe: Recipe, { set }: LoadedImages): string[] {
  const same =
    recipe.evaluation === null ||
    (recipe.evaluation.kind === "files" && recipe.calibration.kind === "files" && recipe.evaluation.name === recipe.calibration.name);
  if (!same || set.labels) return [];
  return [
    "Results are judged on the calibration images, which have no labels: agreement with the full-precision network on images that it was calibrated on is no accuracy. Give labelled test images to measure one.",
  ];
}
