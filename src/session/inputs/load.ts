/** The first phase of a run or a search: reads model and images, checks that they fit, completes the recipe with their hashes. */
import { BadInput } from "../../base/errors";
import { checkImages } from "../../data";
import type { ImageSet } from "../../data/images";
import type { Preprocessing } from "../../data/preprocess";
import { drawShapesAt } from "../../data/procedural";
import { yieldToEvents } from "../../engine/yield";
import { layersOf, shapeOf } from "../../graph/queries";
import { type Graph, sizeOf } from "../../graph/types";
import { checkOverrides } from "../../quantize/layer-widths";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { ImagesRecipe, Recipe } from "../recipe/recipe";
import { stopIfAsked } from "../run/stop";
import type { LabEvent } from "../worker/events";
import { type ImagesWanted, type InputCache, type LoadedImages, type LoadedModel, leavesSizeOpen } from "./cache";
import { checkHash } from "./hash";
import type { Sources } from "./sources";

/** What of a recipe says what is read. */
type InputsRecipe = Pick<Recipe, "model" | "calibration" | "evaluation" | "preprocessing">;

export interface ReadInputsOptions {
  readonly recipe: InputsRecipe;
  readonly sources: Sources;
  readonly inputs: InputCache;
  readonly signal: AbortSignal;
  emit(event: LabEvent): void;
}

export interface LoadOptions extends ReadInputsOptions {
  readonly recipe: Recipe;
}

export interface Loaded extends Pick<LoadedModel, "graph" | "unfolded"> {
  /** With the hashes of its files. */
  readonly recipe: Recipe;
  readonly calibration: LoadedImages;
  readonly judged: Judged;
  /** What a person should know of what was read. */
  readonly notes: readonly string[];
}

/** The images that results are judged on. Built-in ones are drawn when they are asked for: no method needs them. */
export interface Judged {
  readonly on: "test" | "calibration";
  readonly count: number;
  /** @param told of the share that is read, instead of whoever watches the loading */
  images(told?: (share: number) => void): Promise<LoadedImages>;
}

export async function load(options: LoadOptions): Promise<Loaded> {
  const { recipe } = options;
  const model = await checkedModel(options);
  const { graph, unfolded } = model;
  const calibration = await fittingImages(options, graph, "calibration", recipe.calibration);
  const judged = recipe.evaluation ? await judgedOn(options, graph, recipe.evaluation) : calibrationJudges(calibration);
  checkCount(recipe, calibration);
  if (layersOf(graph).length < 2) throw new BadInput(`${graph.name} has fewer than two layers; there is nothing to reconstruct.`);
  checkWidths(graph, recipe);
  const hashed: Recipe = {
    ...recipe,
    model: recipe.model.kind === "file" ? { ...recipe.model, sha256: model.sha256 } : recipe.model,
    calibration: recipe.calibration.kind === "files" ? { ...recipe.calibration, sha256: calibration.sha256 } : recipe.calibration,
    evaluation: recipe.evaluation?.kind === "files" ? { ...recipe.evaluation, sha256: (await judged.images()).sha256 } : recipe.evaluation,
  };
  const notes = [...calibration.notes, ...(recipe.evaluation?.kind === "files" ? (await judged.images()).notes : [])];
  const flatters = mayFlatter(recipe) ? selfAgreement(await judged.images()) : [];
  return { recipe: hashed, graph, unfolded, calibration, judged, notes: [...notes, ...flatters] };
}

function calibrationJudges(calibration: LoadedImages): Judged {
  return { on: "calibration", count: calibration.set.count, images: () => Promise.resolve(calibration) };
}

/** Images of their own; whether they fit is known at once. */
async function judgedOn(options: ReadInputsOptions, graph: Graph, images: ImagesRecipe): Promise<Judged> {
  const read = (told?: (share: number) => void) => fittingImages(options, graph, "evaluation", images, told);
  if (images.kind === "files") {
    const loaded = await read();
    return { on: "test", count: loaded.set.count, images: () => Promise.resolve(loaded) };
  }
  const [input, classes] = [shapeOf(graph, graph.input), classesOf(graph)];
  checkImages(drawShapesAt(images.split, [0], images.seed), input, classes, images.name);
  return { on: "test", count: images.count, images: read };
}

/** A network and images for it, for a forward pass: they are read as calibration images are, and any number of layers will do. */
export async function loadForward(options: ReadInputsOptions): Promise<{ readonly graph: Graph; readonly images: LoadedImages }> {
  const { graph } = await checkedModel(options);
  return { graph, images: await fittingImages(options, graph, "calibration", options.recipe.calibration) };
}

async function checkedModel(options: ReadInputsOptions): Promise<LoadedModel> {
  const { recipe, sources } = options;
  const model = await fittingModel(options);
  checkHash(recipe.model.kind === "file" ? recipe.model.sha256 : null, model.sha256, sources.model?.name ?? model.graph.name);
  return model;
}

/** A role's images, seen to fit the network. */
async function fittingImages(
  options: ReadInputsOptions,
  graph: Graph,
  role: ImagesWanted["role"],
  images: ImagesRecipe,
  told?: (share: number) => void,
): Promise<LoadedImages> {
  const [input, classes] = [shapeOf(graph, graph.input), classesOf(graph)];
  const loaded = withoutImageClasses(await loadRole(options, role, images, { classes, input, positions: positionsOf(graph) }, told), graph);
  checkHash(images.kind === "files" ? images.sha256 : null, loaded.sha256 ?? "", loaded.name);
  checkImages(loaded.set, input, classes, loaded.name);
  return loaded;
}

/** How many classes a network tells apart, in each image or at each position. */
export function classesOf(graph: Graph): number {
  return shapeOf(graph, graph.output).at(-1) as number;
}

/** Height and width of the output of a network that has scores at every position; null for one that tells one class an image. */
export function positionsOf(graph: Graph): readonly [height: number, width: number] | null {
  const shape = shapeOf(graph, graph.output);
  return shape.length === 3 && sizeOf(shape) > classesOf(graph) ? [shape[0] as number, shape[1] as number] : null;
}

/** Images for a network with scores at every position lose labels of one class an image, which say nothing of positions. */
function withoutImageClasses(images: LoadedImages, graph: Graph): LoadedImages {
  const { set, name, notes } = images;
  const dense = sizeOf(shapeOf(graph, graph.output)) > classesOf(graph);
  if (!dense || set.labels === null || set.labelSize) return images;
  const { labelSize: _size, ...unlabelled } = set;
  const note = `${name} gives each image one class, but ${graph.name} has scores at every position: the labels are not used, and agreement with full precision is measured.`;
  return { ...images, set: { ...unlabelled, labels: null }, notes: [...notes, note] };
}

/** Height and width that the preprocessing alone makes of every image; null where they depend on the images. */
export function sizeAfter({ resize, crop }: Pick<Preprocessing, "resize" | "crop">): readonly [number, number] | null {
  return crop ?? (typeof resize === "number" ? null : resize);
}

/** The model; one whose file leaves height and width open takes those of the images as they are preprocessed. */
async function fittingModel(options: ReadInputsOptions): Promise<LoadedModel> {
  const { recipe, sources, inputs } = options;
  try {
    return await inputs.loadModel(recipe.model, sources, sizeAfter(recipe.preprocessing));
  } catch (error) {
    if (!leavesSizeOpen(error) || (recipe.calibration.kind === "files" && !sources.calibration)) throw error;
    const { set } = await loadRole(options, "calibration", recipe.calibration, { classes: null, input: null, positions: null });
    return inputs.loadModel(recipe.model, sources, [set.height, set.width]);
  }
}

function loadRole(
  { recipe, sources, inputs, signal, emit }: ReadInputsOptions,
  role: ImagesWanted["role"],
  images: ImagesRecipe,
  network: Pick<ImagesWanted, "classes" | "input" | "positions">,
  told?: (share: number) => void,
) {
  const tell = (share: number) =>
    emit({
      type: "progress",
      text: `Reading ${role === "calibration" ? "" : "test "}images, ${Math.round(100 * share)} %`,
      ...{ fraction: 0, secondsLeft: null, doing: { what: "loading" } },
    });
  const onProgress = async (share: number) => {
    (told ?? tell)(share);
    await yieldToEvents();
    stopIfAsked(signal);
  };
  return inputs.loadImages({ ...imagesWanted(recipe, role, images), ...network, onProgress }, sources);
}

/** What a role's images are read for. Calibration needs no labels; where there are no other images, those that it has judge the result. */
function imagesWanted(
  recipe: InputsRecipe,
  role: ImagesWanted["role"],
  images: ImagesRecipe,
): Pick<ImagesWanted, "role" | "recipe" | "preprocessing" | "labels"> {
  const labels = role === "evaluation" ? "needed" : recipe.evaluation ? "none" : "optional";
  return { role, recipe: images, preprocessing: recipe.preprocessing, labels };
}

/** Some images of a recipe, under its preprocessing or another one, as `select` names their places; files that are not needed for them are not read. */
export function loadSome(
  recipe: Recipe,
  role: ImagesWanted["role"],
  { graph, inputs, sources }: { readonly graph: Graph; readonly inputs: InputCache; readonly sources: Sources },
  select: (count: number) => readonly number[],
  onProgress: ImagesWanted["onProgress"],
): Promise<ImageSet> {
  const images = recipe[role];
  if (!images) throw new Error(`A recipe without ${role} images was asked for some`);
  const wanted = {
    ...imagesWanted(recipe, role, images),
    classes: classesOf(graph),
    input: shapeOf(graph, graph.input),
    positions: positionsOf(graph),
    onProgress,
  };
  return inputs.someImages(wanted, sources, select);
}

/** A method that trains needs a batch; others take what there is. */
function checkCount({ method, batch }: Recipe, { set, name }: LoadedImages): void {
  if (METHOD_CATALOG[method].trains && set.count < batch)
    throw new BadInput(
      `${name} holds ${set.count} calibration images, fewer than a batch of ${batch}; add images${batch > 1 ? " or use a smaller batch" : ""}.`,
    );
}

/** @throws BadInput where a recipe gives widths to layers that the network does not have */
export function checkWidths(graph: Graph, { weights, activations }: Pick<Recipe, "weights" | "activations">): void {
  const names = new Set(layersOf(graph).map(({ name }) => name));
  checkOverrides(graph.name, [...names], weights.overrides);
  const unknown = Object.keys({ ...weights.assignment, ...activations?.assignment }).find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new BadInput(
      `The recipe gives a bit width to a layer "${unknown}", which ${graph.name} does not have; its layers are ${[...names].slice(0, 4).join(", ")}…`,
    );
}

/** Whether results are judged on the very images that were calibrated on. */
function mayFlatter({ calibration, evaluation }: Recipe): boolean {
  return evaluation === null || (evaluation.kind === "files" && calibration.kind === "files" && evaluation.name === calibration.name);
}

/** Agreement on images that were calibrated on, without labels, flatters. */
function selfAgreement({ set }: LoadedImages): string[] {
  if (set.labels) return [];
  return [
    "Results are judged on the calibration images, which have no labels: agreement with the full-precision network on images that it was calibrated on is no accuracy. Give labelled test images to measure one.",
  ];
}
