/**
 * What was read and decoded, kept while the files stay the same: an experiment decodes its images once, a check after a
 * changed mean neither reads nor hashes nor parses the model again. One entry a role, so that memory holds no more than
 * one run needs.
 */
import { OpenInputSize } from "../../base/errors";
import { type LabelUse, passedOverText, readImages } from "../../data";
import { Album } from "../../data/album";
import type { InputFile, ReadProgress } from "../../data/files";
import { firstImages, type ImageSet } from "../../data/images";
import type { Preprocessing } from "../../data/preprocess";
import { drawShapesAt, type ShapeSplit } from "../../data/procedural";
import type { Graph } from "../../graph/types";
import type { ImagesRecipe, ModelRecipe, Recipe } from "../recipe/recipe";
import { hashFiles, modelFiles } from "./hash";
import { missing } from "./missing";
import { readNetwork } from "./network";
import { type FileRole, type GivenFiles, type Sources, treeOf } from "./sources";

export interface LoadedModel {
  readonly graph: Graph;
  /** Before batch normalization was folded. */
  readonly unfolded: Graph;
  readonly sha256: string;
}

export interface LoadedImages {
  readonly set: ImageSet;
  /** Null for built-in images. */
  readonly sha256: string | null;
  readonly name: string;
  /** Sentences on what reading left out or took for granted. */
  readonly notes: readonly string[];
  /** Whether resize and crop had a say in the images. */
  readonly resized: boolean;
}

export interface ImagesWanted {
  readonly role: "calibration" | "evaluation";
  readonly recipe: ImagesRecipe;
  readonly preprocessing: Pick<Preprocessing, "resize" | "crop">;
  /** Of the network, with [height, width, channels] of its input; null where they are not known yet. */
  readonly classes: number | null;
  readonly input: readonly number[] | null;
  /** Height and width of its output where it has scores at every position. */
  readonly positions: readonly [height: number, width: number] | null;
  readonly labels: LabelUse;
  readonly onProgress: ReadProgress;
}

/** What reading does not look at: images are read as they are before normalization. */
const BYTES = { mean: [0], std: [1], channelOrder: "rgb" } as const;

/** One thing that was made, for a file (or a name) and settings. */
interface Entry<T> {
  readonly from: unknown;
  readonly settings: string;
  readonly value: T;
}

export class InputCache {
  private model: Entry<LoadedModel> | null = null;
  private files: Entry<{ readonly files: readonly InputFile[]; readonly sha256: string }> | null = null;
  private readonly images = new Map<string, Entry<LoadedImages & { readonly whole: boolean }>>();
  private readonly hashes = new WeakMap<GivenFiles, string>();
  private readonly albums = new Map<string, Entry<Album>>();

  /** @param inputSize height and width for a network whose file leaves them open. @throws OpenInputSize where it is needed and null */
  async loadModel(recipe: ModelRecipe, sources: Sources, inputSize: readonly [number, number] | null): Promise<LoadedModel> {
    const from = recipe.kind === "builtin" ? recipe.name : sources.model;
    if (!from) throw missing("model", recipe);
    const settings = JSON.stringify(inputSize);
    if (this.model?.from === from && this.model.settings === settings) return this.model.value;
    const { files, sha256 } = await this.filesOf(recipe, sources);
    const value = { ...(await readNetwork(files, inputSize ? { inputSize } : {})), sha256 };
    this.model = { from, settings, value };
    this.files = null;
    return value;
  }

  /** The recipe with the content hashes of the files that were given for it; nothing is decoded. */
  async withHashes(recipe: Recipe, sources: Sources): Promise<Recipe> {
    const hash = async (role: FileRole) => {
      const given = sources[role];
      if (!given) return null;
      const found = this.hashes.get(given) ?? (await hashFiles(role === "model" ? modelFiles(await given.read()) : await given.read()));
      this.hashes.set(given, found);
      return found;
    };
    const images = async <T extends ImagesRecipe | null>(role: FileRole, own: T): Promise<T> =>
      own?.kind === "files" ? { ...own, sha256: await hash(role) } : own;
    return {
      ...recipe,
      model: recipe.model.kind === "file" ? { ...recipe.model, sha256: await hash("model") } : recipe.model,
      calibration: await images("calibration", recipe.calibration),
      evaluation: await images("evaluation", recipe.evaluation),
    };
  }

  private async filesOf(recipe: ModelRecipe, sources: Sources) {
    const from = recipe.kind === "builtin" ? recipe.name : sources.model;
    if (this.files?.from === from) return this.files.value;
    const files =
      recipe.kind === "builtin"
        ? [{ path: `${recipe.name}.onnx`, bytes: await sources.builtinModel(recipe.name) }]
        : modelFiles((await sources.model?.read()) ?? []);
    if (files.length === 0) throw missing("model", recipe);
    const value = { files, sha256: await hashFiles(files) };
    this.files = { from, settings: "", value };
    return value;
  }

  async loadImages(wanted: ImagesWanted, sources: Sources): Promise<LoadedImages> {
    const { role, recipe, preprocessing, classes, input, positions, labels, onProgress } = wanted;
    await onProgress(0);
    const { resize, crop } = preprocessing;
    if (recipe.kind === "builtin") {
      const { name, split, count, seed } = recipe;
      return this.remembered(role, name, JSON.stringify([split, seed]), count, async () => ({
        set: await this.albumOf(role, split, seed).first(count, onProgress),
        ...{ sha256: null, name: `${name}, ${split}`, notes: [], resized: false, whole: false },
      }));
    }
    const given = sources[role];
    if (!given) throw missing(role, recipe);
    const { count } = recipe;
    return this.remembered(role, given, JSON.stringify([resize, crop, classes, input, positions, labels]), count, async () => {
      const files = await given.read();
      const breathe = () => onProgress(0);
      const sha256 = this.hashes.get(given) ?? (await hashFiles(files, breathe));
      this.hashes.set(given, sha256);
      const read = await readImages(files, { ...preprocessing, ...BYTES }, given.name, { onProgress, count, classes, input, positions, labels });
      const passedOver = passedOverText(read);
      const notes = passedOver ? [...read.notes, passedOver] : read.notes;
      return { set: read.set, sha256, name: given.name, notes, resized: read.resized, whole: count === null || read.set.count < count };
    });
  }

  /** Draws the built-in images of a recipe, so that a run finds them. @param onProgress may stop it by throwing; what is drawn stays */
  async drawAhead({ calibration, evaluation }: Pick<Recipe, "calibration" | "evaluation">, onProgress: ReadProgress): Promise<void> {
    for (const [role, images] of Object.entries({ calibration, evaluation }))
      if (images?.kind === "builtin") await this.albumOf(role, images.split, images.seed).first(images.count, onProgress);
  }

  private albumOf(role: string, split: ShapeSplit, seed: number): Album {
    const old = this.albums.get(role);
    if (old?.from === split && old.settings === String(seed)) return old.value;
    const value = new Album(split, seed);
    this.albums.set(role, { from: split, settings: String(seed), value });
    return value;
  }

  /** Some of the images, at the places that `select` names: nothing is kept, and of the files no more is read than they need. */
  async someImages(wanted: ImagesWanted, sources: Sources, select: (count: number) => readonly number[]): Promise<ImageSet> {
    const { role, recipe, preprocessing } = wanted;
    if (recipe.kind === "builtin") return drawShapesAt(recipe.split, select(recipe.count), recipe.seed);
    const given = sources[role];
    if (!given) throw missing(role, recipe);
    const { count } = recipe;
    return (await readImages(await treeOf(given), { ...preprocessing, ...BYTES }, given.name, { ...wanted, count, select })).set;
  }

  /** From memory where there are at least as many images as are wanted. */
  private async remembered(
    role: string,
    from: unknown,
    settings: string,
    count: number | null,
    make: () => Promise<LoadedImages & { readonly whole: boolean }>,
  ): Promise<LoadedImages> {
    const old = this.images.get(role);
    const enough = old && (old.value.whole || (count !== null && old.value.set.count >= count));
    const entry: Entry<LoadedImages & { readonly whole: boolean }> =
      old && enough && old.from === from && old.settings === settings ? old : { from, settings, value: await make() };
    this.images.set(role, entry);
    const { whole: _whole, ...loaded } = entry.value;
    return count === null ? loaded : { ...loaded, set: firstImages(loaded.set, count) };
  }
}

/** Whether a model could not be read only because its file leaves height and width open. */
export function leavesSizeOpen(error: unknown): error is OpenInputSize {
  return error instanceof OpenInputSize;
}
