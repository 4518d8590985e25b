/** Reads images from whatever a person chose, and checks that a network can take them. */
import { BadInput } from "../base/errors";
import { readCifar } from "./cifar";
import { byPath, type InputFile, isHidden } from "./files";
import type { ImageSet } from "./images";
import { readNumpy } from "./numpy";
import { isPicture, readPictures } from "./pictures";
import type { Preprocessing } from "./preprocess";
import type { ReadImages, ReadOptions } from "./read";
import { folderTree, zipTree } from "./tree";

export { type LabelUse, passedOverText, type ReadImages, type ReadOptions } from "./read";

/**
 * Pictures go before arrays, and arrays before records, where files of several kinds were chosen; the others are
 * passed over.
 * @param source what to call the files in an error: a folder's or a file's name
 */
export async function readImages(
  files: readonly InputFile[],
  preprocessing: Preprocessing,
  source: string,
  options: ReadOptions = {},
): Promise<ReadImages> {
  const [only] = files;
  if (!only) throw new BadInput(`${source} is empty; expected images, a zip, .npz, .npy or CIFAR-10 .bin files.`);
  if (files.length === 1 && /\.zip$/i.test(only.path)) return readPictures(zipTree(only), preprocessing, source, options);
  if (files.some(({ path }) => isPicture(path))) return readPictures(folderTree(files), preprocessing, source, options);
  const most = options.count ?? Number.POSITIVE_INFINITY;
  const seen = files.filter(({ path }) => !isHidden(path)).sort((a, b) => byPath(a.path, b.path));
  const split = (kind: string, pattern: RegExp, read: (chosen: readonly InputFile[]) => ImageSet): ReadImages => {
    const set = read(seen.filter(({ path }) => pattern.test(path)));
    const passedOver = seen.filter(({ path }) => !pattern.test(path)).map(({ path }) => path);
    return { set: options.labels === "none" ? { ...set, labels: null } : set, passedOver, kind };
  };
  const arrays = seen.filter(({ path }) => ARRAY.test(path));
  if (arrays.length === 1) return split("NumPy array", ARRAY, () => readNumpy(arrays[0] as InputFile, most));
  if (arrays.length > 1)
    throw new BadInput(`${source} holds ${arrays.length} NumPy files (${arrays[0]?.path}, ${arrays[1]?.path}…); choose one of them.`);
  if (seen.some(({ path }) => RECORDS.test(path))) return split("CIFAR-10 .bin file", RECORDS, (chosen) => readCifar(chosen, most));
  throw new BadInput(
    `${source} holds ${only.path}${files.length > 1 ? ` and ${files.length - 1} more files` : ""}, none of which is an image; expected PNG or JPEG images, a zip of them, .npz, .npy or CIFAR-10 .bin files.`,
  );
}

const ARRAY = /\.np[yz]$/i;
const RECORDS = /\.bin$/i;

/** Throws BadInput if the images do not fit a network's input and classes. */
export function checkImages(set: ImageSet, input: readonly number[], classes: number, source: string): void {
  const [height, width, channels] = input as [number, number, number];
  if (set.channels !== channels)
    throw new BadInput(`Images of ${source} have ${set.channels} channel${set.channels === 1 ? "" : "s"}, but the network takes ${channels}.`);
  if (set.height !== height || set.width !== width)
    throw new BadInput(
      `Images of ${source} are ${set.height}x${set.width}, but the network takes ${height}x${width}; set a resize or crop in the preprocessing.`,
    );
  const wrong = set.labels?.findIndex((label) => label < 0 || label >= classes) ?? -1;
  if (wrong >= 0)
    throw new BadInput(`Image ${wrong} of ${source} has label ${set.labels?.[wrong]}, but the network has ${classes} classes (0 to ${classes - 1}).`);
}
