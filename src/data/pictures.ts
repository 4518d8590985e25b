/** PNG and JPEG files, in a folder or a zip: the first so many in order of paths, decoded and brought to one size. */
import { hasPngSignature } from "fast-png";
import { BadInput } from "../base/errors";
import { type InputFile, isHidden, type ReadProgress } from "./files";
import type { ImageSet, Picture } from "./images";
import { findLabelFiles, readLabelFile } from "./label-file";
import { type Labels, labelPictures } from "./labels";
import { decodePng } from "./png";
import { fitSize, type Preprocessing } from "./preprocess";
import { type ReadImages, type ReadOptions, someOf } from "./read";
import type { FileTree } from "./tree";

const PICTURE = /\.(png|jpe?g)$/i;

export function isPicture(path: string): boolean {
  return PICTURE.test(path) && !isHidden(path);
}

/** @param preprocessing resizing and cropping, so that pictures of many sizes become one */
export async function readPictures(
  tree: FileTree,
  preprocessing: Preprocessing,
  source: string,
  { count, classes, labels: use = "needed", onProgress = () => {} }: ReadOptions,
): Promise<ReadImages> {
  const all = tree.paths.filter(isPicture);
  if (all.length === 0) throw new BadInput(`${source} holds no PNG or JPEG image; expected images, or a folder of images for each class.`);
  const labelFiles = findLabelFiles(tree.paths, all);
  const passedOver = tree.paths.filter((path) => !PICTURE.test(path) && !isHidden(path) && !labelFiles.includes(path));
  const taken = count == null ? all : all.slice(0, count);
  const label = (): Labels | null => {
    if (labelFiles.length > 1) throw new BadInput(`${source} holds more than one label file (${someOf(labelFiles)}); keep one of them.`);
    const [file] = tree.fetch(labelFiles);
    return labelPictures(taken, all, file ? readLabelFile(file, all, classes ?? null) : null, classes ?? null, source);
  };
  // Before the pictures are decoded, which takes long.
  const labelled = use === "none" ? null : use === "needed" ? label() : orNone(label);
  const images = await decodeAll(tree.fetch(taken), preprocessing, onProgress);
  const set = { ...images, labels: labelled?.labels ?? null, classNames: labelled?.classNames ?? null };
  return { set, passedOver, kind: "PNG or JPEG" };
}

function orNone(label: () => Labels | null): Labels | null {
  try {
    return label();
  } catch (error) {
    if (error instanceof BadInput) return null;
    throw error;
  }
}

/** One grey channel if all pictures are grey, else three. */
async function decodeAll(
  files: readonly InputFile[],
  preprocessing: Preprocessing,
  onProgress: ReadProgress,
): Promise<Omit<ImageSet, "labels" | "classNames">> {
  let first: Picture | null = null as Picture | null;
  let pixels = new Uint8Array(0);
  for (const [i, file] of files.entries()) {
    let picture = fitSize(await decode(file), preprocessing, file.path);
    first ??= picture;
    if (picture.height !== first.height || picture.width !== first.width)
      throw new BadInput(
        `${file.path} is ${picture.height}x${picture.width} where ${files[0]?.path} is ${first.height}x${first.width}; set a resize and crop that make all images one size.`,
      );
    if (i === 0) pixels = new Uint8Array(files.length * picture.pixels.length);
    if (picture.channels > first.channels) {
      pixels = toColour(pixels);
      first = { ...first, channels: 3 };
    } else if (picture.channels < first.channels) picture = { ...picture, channels: 3, pixels: toColour(picture.pixels) };
    pixels.set(picture.pixels, i * picture.pixels.length);
    if (i % 8 === 0) await onProgress(i / files.length);
  }
  const { height, width, channels } = first as Picture;
  return { count: files.length, height, width, channels, pixels };
}

/**
 * Decodes with the same code everywhere: browsers' own decoders differ in their last bits. What a file is, its first
 * bytes say; published data sets hold files whose extension is wrong.
 */
async function decode(file: InputFile): Promise<Picture> {
  const { path, bytes } = file;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    const { decodeJpeg } = await import("./jpeg/decode");
    return decodeJpeg(file);
  }
  if (!hasPngSignature(bytes)) throw new BadInput(`${path} is neither a PNG nor a JPEG by its content; replace or remove it.`);
  try {
    return decodePng(bytes);
  } catch (error) {
    throw new BadInput(`${path} cannot be decoded (${error instanceof Error ? error.message : error}); replace or remove it.`);
  }
}

function toColour(grey: Uint8Array): Uint8Array<ArrayBuffer> {
  const colour = new Uint8Array(grey.length * 3);
  for (let i = 0; i < colour.length; i++) colour[i] = grey[Math.floor(i / 3)] as number;
  return colour;
}
