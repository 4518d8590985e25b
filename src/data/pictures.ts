/** PNG, JPEG and WebP files, in a folder or an archive: the first so many in order of paths, decoded and brought to one size. */
import { hasPngSignature } from "fast-png";
import { BadInput } from "../base/errors";
import type { FileTree } from "./archives/tree";
import { type InputFile, isHidden, type ReadProgress } from "./files";
import { toColour, withChannels } from "./fit";
import type { ImageSet, Picture } from "./images";
import { findLabelFiles, readLabelFile } from "./label-file";
import { findLabelPictures, fitLabels, readLabelPicture, type Size } from "./label-images";
import { cocoNote, groundTruthNote, type Labels, labelPictures } from "./labels";
import { hasPictureName, isPicture } from "./names";
import { decodePng } from "./png";
import { fitSize, type Preprocessing } from "./preprocess";
import { convertedText, type ReadImages, type ReadOptions, someOf } from "./read";
import { isWebp } from "./webp/chunks";

/** @param preprocessing resizing and cropping, so that pictures of many sizes become one */
export async function readPictures(tree: FileTree, preprocessing: Preprocessing, source: string, options: ReadOptions): Promise<ReadImages> {
  const { count, classes = null, input, positions = null, select, labels: use = "needed", onProgress = () => {} } = options;
  const found = tree.paths.filter(isPicture);
  const labelled = findLabelPictures(found);
  const dense = positions && labelled && use !== "none" ? { positions, labels: labelled.of } : null;
  const all = found.filter((path) => !labelled?.paths.has(path) && (!dense || dense.labels.has(path)));
  if (all.length === 0) throw new BadInput(`${source} holds no PNG, JPEG or WebP image; expected images, or a folder of images for each class.`);
  const labelFiles = findLabelFiles(tree.paths, all);
  const passedOver = tree.paths.filter((path) => !hasPictureName(path) && !isHidden(path) && !labelFiles.includes(path));
  const first = count == null ? all : all.slice(0, count);
  const taken = select ? select(first.length).map((place) => first[place] as string) : first;
  const coco = use !== "none" && labelFiles.length === 0 ? cocoNote(tree.paths, source) : null;
  const label = async (): Promise<Labels | null> => {
    if (labelFiles.length > 1) throw new BadInput(`${source} holds more than one label file (${someOf(labelFiles)}); keep one of them.`);
    const [file] = await tree.fetch(labelFiles);
    return labelPictures(taken, all, file ? readLabelFile(file, all, classes) : null, classes, source);
  };
  // Before the pictures are decoded, which takes long.
  const classed = use === "none" || dense || coco ? null : use === "needed" && !positions ? await label() : await orNone(label);
  const note = coco ?? (use !== "none" && !classed && !dense ? groundTruthNote(tree.paths, source) : null);
  const labelFilesOf = dense ? await tree.fetch(taken.map((path) => dense.labels.get(path) as string)) : null;
  const { had, sizes, ...images } = await decodeAll(await tree.fetch(taken), preprocessing, input?.[2] ?? null, onProgress);
  const unlabelled = dense ? found.length - (labelled?.paths.size ?? 0) - all.length : 0;
  const notes = [
    ...(note ? [note] : []),
    ...(unlabelled > 0
      ? [
          `${unlabelled} ${unlabelled === 1 ? "picture" : "pictures"} of ${source} ${unlabelled === 1 ? "has no label picture and is" : "have no label picture and are"} left out.`,
        ]
      : []),
    ...convertedText(source, had, images.channels),
  ];
  const set = { ...images, labels: classed?.labels ?? null, classNames: classed?.classNames ?? null };
  const labels = dense && labelFilesOf ? { labels: allLabels(labelFilesOf, sizes, preprocessing, dense.positions), labelSize: dense.positions } : {};
  return { set: { ...set, ...labels }, resized: true, passedOver, kind: "PNG, JPEG or WebP", notes };
}

/** One picture's labels after the other. */
function allLabels(files: readonly InputFile[], sizes: readonly Size[], preprocessing: Preprocessing, to: Size): Int32Array {
  const each = to[0] * to[1];
  const labels = new Int32Array(files.length * each);
  for (const [i, file] of files.entries()) {
    const size = sizes[i] as Size;
    labels.set(fitLabels(readLabelPicture(file, size), size, preprocessing, to), i * each);
  }
  return labels;
}

async function orNone(label: () => Promise<Labels | null>): Promise<Labels | null> {
  try {
    return await label();
  } catch (error) {
    if (error instanceof BadInput) return null;
    throw error;
  }
}

/**
 * In the network's channels; where they are not known, one grey channel if all pictures are grey, else three.
 * @returns also `had`, the channels of the first picture that was converted for the network, and the sizes that the pictures had
 */
async function decodeAll(
  files: readonly InputFile[],
  preprocessing: Preprocessing,
  channels: number | null,
  onProgress: ReadProgress,
): Promise<Omit<ImageSet, "labels" | "classNames"> & { readonly had: number; readonly sizes: readonly Size[] }> {
  let had = channels;
  let first: Picture | null = null as Picture | null;
  let pixels = new Uint8Array(0);
  const sizes: Size[] = [];
  for (const [i, file] of files.entries()) {
    const decoded = await decode(file);
    sizes.push([decoded.height, decoded.width]);
    if (decoded.channels !== channels && had === channels) had = decoded.channels;
    let picture = fitSize(channels === null ? decoded : withChannels(decoded, channels), preprocessing, file.path);
    first ??= picture;
    if (picture.height !== first.height || picture.width !== first.width)
      throw new BadInput(
        `${file.path} is ${picture.height}x${picture.width} where ${files[0]?.path} is ${first.height}x${first.width}; set a resize and crop that make all images one size.`,
      );
    if (i === 0) pixels = new Uint8Array(files.length * picture.pixels.length);
    if (picture.channels > first.channels) {
      pixels = toColour(pixels);
      first = { ...first, channels: 3 };
    } else if (picture.channels < first.channels) picture = withChannels(picture, 3);
    pixels.set(picture.pixels, i * picture.pixels.length);
    if (i % 8 === 0) await onProgress(i / files.length);
  }
  const { height, width, channels: found } = first as Picture;
  return { count: files.length, height, width, channels: found, pixels, sizes, had: channels === null ? found : (had as number) };
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
  if (isWebp(bytes)) {
    const { decodeWebp } = await import("./webp/decode");
    return decodeWebp(file);
  }
  if (!hasPngSignature(bytes)) throw new BadInput(`${path} is no PNG, JPEG or WebP by its content; replace or remove it.`);
  try {
    return decodePng(file);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(`${path} cannot be decoded (${error instanceof Error ? error.message : error}); replace or remove it.`);
  }
}
