/** From what a recipe names to bytes: built-in things, or files that a person gave, checked by content. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { BadInput } from "../base/errors";
import { readImages } from "../data";
import type { InputFile, ReadProgress } from "../data/files";
import type { ImageSet } from "../data/images";
import { drawShapes } from "../data/procedural";
import { readModel } from "../formats";
import type { Graph } from "../graph/types";
import { prepare } from "../passes/prepare";
import type { ImagesRecipe, Recipe } from "./recipe";

/** Files as a person chose them, with the name they know them by. */
export interface GivenFiles {
  readonly name: string;
  readonly files: readonly InputFile[];
}

export interface Sources {
  /** The bytes of a built-in model. */
  builtinModel(name: string): Promise<Uint8Array>;
  readonly model: GivenFiles | null;
  readonly calibration: GivenFiles | null;
  readonly evaluation: GivenFiles | null;
}

export function hashBytes(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** One hash for a set of files: of their paths (below what was chosen) and contents, in order of path. */
export function hashFiles(files: readonly InputFile[]): string {
  if (files.length === 1) return hashBytes((files[0] as InputFile).bytes);
  const lines = files.map(({ path, bytes }) => `${path} ${hashBytes(bytes)}\n`).sort();
  return hashBytes(new TextEncoder().encode(lines.join("")));
}

function checkHash(expected: string | null, actual: string, what: string): void {
  if (expected && expected !== actual)
    throw new BadInput(
      `${what} is not the file that the recipe was made with (sha256 ${actual.slice(0, 12)}… instead of ${expected.slice(0, 12)}…); choose the original, or start a new recipe.`,
    );
}

export interface LoadedModel {
  readonly graph: Graph;
  /** Before batch normalization was folded. */
  readonly unfolded: Graph;
  readonly sha256: string;
}

export async function loadModel(recipe: Recipe, sources: Sources): Promise<LoadedModel> {
  const { model, preprocessing } = recipe;
  const { resize, crop } = preprocessing;
  const inputSize = crop ?? (typeof resize === "number" ? null : resize);
  const options = inputSize ? { inputSize } : {};
  if (model.kind === "builtin") {
    const bytes = await sources.builtinModel(model.name);
    const unfolded = readModel(bytes, `${model.name}.onnx`, options);
    return { graph: prepare(unfolded), unfolded, sha256: hashBytes(bytes) };
  }
  const file = sources.model?.files[0];
  if (!file)
    throw new BadInput(
      `The recipe needs the model file ${model.name}${model.sha256 ? ` (sha256 ${model.sha256.slice(0, 12)}…)` : ""}; choose it first.`,
    );
  const hash = hashBytes(file.bytes);
  checkHash(model.sha256, hash, file.path);
  const unfolded = readModel(file.bytes, file.path, options);
  return { graph: prepare(unfolded), unfolded, sha256: hash };
}

export interface LoadedImages {
  readonly set: ImageSet;
  readonly sha256: string | null;
  readonly name: string;
}

export async function loadImages(
  what: "calibration" | "evaluation",
  recipe: ImagesRecipe,
  given: GivenFiles | null,
  preprocessing: Recipe["preprocessing"],
  onProgress: ReadProgress,
): Promise<LoadedImages> {
  await onProgress(0);
  if (recipe.kind === "builtin") {
    const set = drawShapes(recipe.split, recipe.count, recipe.seed);
    return { set, sha256: null, name: `${recipe.name}, ${recipe.split}` };
  }
  if (!given)
    throw new BadInput(
      `The recipe needs the ${what} images ${recipe.name}${recipe.sha256 ? ` (sha256 ${recipe.sha256.slice(0, 12)}…)` : ""}; choose them first.`,
    );
  const hash = hashFiles(given.files);
  checkHash(recipe.sha256, hash, given.name);
  const labels = what === "calibration" ? "optional" : "needed";
  const { set } = await readImages(given.files, preprocessing, given.name, { onProgress, count: recipe.count, labels });
  return { set, sha256: hash, name: given.name };
}
