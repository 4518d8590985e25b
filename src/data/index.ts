/** Reads images from whatever a person chose, and checks that a network can take them. */
import { unzipSync } from "fflate";
import { BadInput } from "../base/errors";
import { readCifar } from "./cifar";
import type { InputFile, ReadProgress } from "./files";
import type { ImageSet } from "./images";
import { readNumpy } from "./numpy";
import { isPicture, readPictures } from "./pictures";
import type { Preprocessing } from "./preprocess";

/** @param source what to call the files in an error: a folder's or a file's name */
export async function readImages(
  files: readonly InputFile[],
  preprocessing: Preprocessing,
  source: string,
  onProgress: ReadProgress = () => {},
): Promise<ImageSet> {
  const [only] = files;
  if (!only) throw new BadInput(`${source} is empty; expected images, a zip, .npz, .npy or CIFAR-10 .bin files.`);
  if (files.every(({ path }) => /\.bin$/i.test(path))) return readCifar(files);
  if (files.length === 1 && /\.np[yz]$/i.test(only.path)) return readNumpy(only);
  if (files.length === 1 && /\.zip$/i.test(only.path)) return readPictures(unzip(only), preprocessing, source, onProgress);
  if (files.some(({ path }) => isPicture(path))) return readPictures(files, preprocessing, source, onProgress);
  throw new BadInput(
    `${source} holds ${only.path}${files.length > 1 ? ` and ${files.length - 1} more files` : ""}, none of which is an image; expected PNG or JPEG images, a zip of them, .npz, .npy or CIFAR-10 .bin files.`,
  );
}

function unzip({ path, bytes }: InputFile): InputFile[] {
  try {
    return Object.entries(unzipSync(bytes, { filter: ({ name }) => isPicture(name) })).map(([name, content]) => ({
      path: `${path}/${name}`,
      bytes: content,
    }));
  } catch {
    throw new BadInput(`${path} is not a readable zip archive; it is damaged or truncated.`);
  }
}

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
    throw new BadInput(
      `Image ${wrong} of ${source} has label ${set.labels?.[wrong]}, but the network tells ${classes} classes (0 to ${classes - 1}) apart.`,
    );
}
