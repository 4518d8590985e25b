/** Images: read from files, held in arrays, or built in. They are decoded for the network that they are used with, when they are. */
import { BadInput } from "../base/errors";
import { type NumpyArray, writeNpz } from "../data/numpy-write";
import { filesInMemory, type GivenFiles } from "../session/inputs/sources";
import type { ImagesRecipe } from "../session/recipe/recipe";
import { type Files, Handles, inMemory } from "./given";
import { never, platform } from "./platform";

/** Images that were given; decoded when they are used. */
export interface Images {
  readonly name: string;
}

/** Images in memory. */
export interface ImageArray {
  /** [images, height, width, channels] for bytes; for floats the network's own layout, as its file has it. */
  readonly shape: readonly number[];
  /** Pixels 0..255, to be preprocessed; or floats that are preprocessed already. */
  readonly data: Uint8Array | Float32Array;
  /** One class index an image. */
  readonly labels?: ArrayLike<number>;
  /** What reports call them. */
  readonly name?: string;
}

export interface ReadImagesOptions {
  /** Use that many, from the first. */
  readonly count?: number;
  /** Stops what is fetched. */
  readonly signal?: AbortSignal;
}

export interface ImagesParts {
  readonly recipe: ImagesRecipe;
  readonly given: GivenFiles | null;
}

export const IMAGES: Handles<Images, ImagesParts> = new Handles("readImages or builtinImages");

/**
 * Images with their labels, where there are any: a folder, zip or tar of PNG, JPEG or WebP pictures, `.npy`, `.npz`, IDX (MNIST's)
 * or CIFAR `.bin` files, Parquet files of the Hugging Face Hub by address, or arrays. Labels are the names of folders, or stand in
 * `labels.json`, `labels.txt` or `val.txt` beside the pictures.
 *
 * @throws {@link BadInput} where they cannot be used; what is wrong in the files themselves is told when they are decoded
 */
export async function readImages(files: Files | ImageArray, options: ReadImagesOptions = {}): Promise<Images> {
  const { count = null, signal = never() } = options;
  const given =
    typeof files === "string" ? await platform().readImages(files, signal, options.count) : "data" in files ? fromArray(files) : inMemory(files);
  return IMAGES.make({ name: given.name }, { recipe: { kind: "files", name: given.name, sha256: null, count }, given });
}

/** The lab's procedural images, 32x32 in ten classes, drawn from a seed: pixels, for mean 0.5 and std 0.25. */
export function builtinImages(split: "calibration" | "test", count: number, seed = 0): Images {
  return IMAGES.make({ name: `shapes, ${split}` }, { recipe: { kind: "builtin", name: "shapes", split, count, seed }, given: null });
}

function fromArray({ shape, data, labels, name = "array" }: ImageArray): GivenFiles {
  const wanted = shape.reduce((product, extent) => product * extent, 1);
  if (!(data instanceof Uint8Array || data instanceof Float32Array) || data.length !== wanted)
    throw new BadInput(
      `Images ${name} of shape [${shape.join(", ")}] need ${wanted} numbers as a Uint8Array (pixels) or Float32Array (preprocessed); found ${data.length}.`,
    );
  const arrays = new Map<string, NumpyArray>([["images", { shape, data }]]);
  if (labels) arrays.set("labels", { shape: [labels.length], data: Int32Array.from(labels) });
  return filesInMemory(name, [{ path: `${name}.npz`, bytes: writeNpz(arrays) }]);
}
