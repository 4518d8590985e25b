/** Reads images from whatever a person chose, and checks that a network can take them. */
import { BadInput } from "../base/errors";
import { VOID_LABEL } from "../base/void-label";
import { type FileTree, folderTree } from "./archives/tree";
import { unpacked } from "./archives/unpack";
import { type InputFile, isHidden } from "./files";
import { type ByteImages, type ImageSet, isPreprocessed, labelsEach, someImages } from "./images";
import { isIdx, isPicture } from "./names";
import type { Preprocessing } from "./preprocess";
import { convertedText, type ReadImages, type ReadOptions, someOf } from "./read";

export { type LabelUse, passedOverText, type ReadImages, type ReadOptions } from "./read";

/** What a person may choose, in a message. */
const EXPECTED =
  "PNG, JPEG or WebP images, a zip, .tar or .tar.gz of them, .npz, .npy, IDX files (MNIST's, .gz too) or CIFAR-10 or CIFAR-100 .bin files";

/**
 * Pictures go before arrays, arrays before IDX files, and those before records, where files of several kinds were
 * chosen; the others are passed over.
 * @param files in memory, or to be fetched by path as they are wanted
 * @param source what to call the files in an error: a folder's or a file's name
 */
export async function readImages(
  files: readonly InputFile[] | FileTree,
  preprocessing: Preprocessing,
  source: string,
  options: ReadOptions = {},
): Promise<ReadImages> {
  const given = "fetch" in files ? files : folderTree(files);
  const [only] = given.paths;
  if (only === undefined) throw new BadInput(`${source} is empty; expected ${EXPECTED}.`);
  const tree = await unpacked(given);
  if (tree.paths.some(isPicture)) {
    const { readPictures } = await import("./pictures");
    return readPictures(tree, preprocessing, source, options);
  }
  const seen = tree.paths.filter((path) => !isHidden(path));
  const kind = ARRAYS.find(({ is }) => seen.some(is));
  if (!kind) {
    if (tree !== given) throw new BadInput(`${source} holds no images; expected ${EXPECTED}.`);
    const more = given.paths.length - 1;
    throw new BadInput(`${source} holds ${only}${more > 0 ? ` and ${more} more files` : ""}, none of which is an image; expected ${EXPECTED}.`);
  }
  const chosen = await tree.fetch(seen.filter(kind.is));
  const { count, select, input = null, labels } = options;
  const read = await kind.read(chosen, count ?? Number.POSITIVE_INFINITY, options, source);
  const some = select ? someImages(read, select(read.count)) : read;
  const { fitSet } = await import("./fit");
  const fitted = isPreprocessed(some) ? some : fitSet(some as ByteImages, preprocessing, input, source);
  const set = some.labelSize && labels !== "none" ? await withFittedLabels(some, fitted, preprocessing, options, source) : fitted;
  const notes = isPreprocessed(some)
    ? [`${source} holds float32 numbers: they are taken as already preprocessed, and nothing is resized, cropped or normalized.`]
    : [...convertedText(source, read.channels, set.channels), ...missingLabelsText(source, kind.title, read.labels === null && labels !== "none")];
  const resized = set.height !== some.height || set.width !== some.width;
  return {
    set: labels === "none" ? withoutLabels(set) : set,
    resized,
    passedOver: seen.filter((path) => !kind.is(path)),
    kind: kind.title,
    notes,
  };
}

function withoutLabels({ labelSize: _size, ...set }: ImageSet): ImageSet {
  return { ...set, labels: null };
}

/** Labels of positions brought to the network's output as the images were brought to its input. */
async function withFittedLabels(
  { labels, labelSize, count, height, width }: ImageSet,
  fitted: ImageSet,
  preprocessing: Preprocessing,
  { positions = null }: ReadOptions,
  source: string,
): Promise<ImageSet> {
  const [rows, columns] = labelSize as readonly [number, number];
  if (!positions) return withoutLabels(fitted);
  const asOutput = rows === positions[0] && columns === positions[1];
  const sameSize = rows === height && columns === width;
  if (!sameSize && !(asOutput && isPreprocessed(fitted)))
    throw new BadInput(`Labels of ${source} are ${rows}x${columns} and its images ${height}x${width}; labels need a number for each pixel.`);
  const { fitLabels } = await import("./label-images");
  const each = positions[0] * positions[1];
  const own = new Int32Array(count * each);
  const resized = fitted.height !== height || fitted.width !== width;
  for (let i = 0; i < count; i++) {
    const one = (labels as Int32Array).subarray(i * rows * columns, (i + 1) * rows * columns);
    own.set(fitLabels(one, [rows, columns], resized ? preprocessing : null, positions), i * each);
  }
  return { ...fitted, labels: own, labelSize: positions };
}

/** IDX images have their labels in a file of their own, which is easily forgotten. */
function missingLabelsText(source: string, kind: string, missing: boolean): string[] {
  if (!missing || kind !== IDX) return [];
  return [
    `${source} holds IDX images without labels; to have them, choose the file of labels too (as t10k-labels-idx1-ubyte to t10k-images-idx3-ubyte).`,
  ];
}

const IDX = "IDX file";

interface Arrays {
  readonly title: string;
  is(path: string): boolean;
  read(files: readonly InputFile[], most: number, options: ReadOptions, source: string): Promise<ImageSet>;
}

const ARRAYS: readonly Arrays[] = [
  {
    title: "NumPy array",
    is: (path) => /\.np[yz]$/i.test(path),
    async read(files, most, { input = null }, source) {
      if (files.length > 1)
        throw new BadInput(`${source} holds ${files.length} NumPy files (${someOf(files.map(({ path }) => path))}); choose one of them.`);
      const { readNumpy } = await import("./numpy");
      return readNumpy(files[0] as InputFile, most, input);
    },
  },
  {
    title: IDX,
    is: isIdx,
    async read(files, most, { labels = "needed" }, source) {
      const { readIdx } = await import("./idx");
      return readIdx(files, most, labels, source);
    },
  },
  {
    title: "CIFAR .bin file",
    is: (path) => /\.bin$/i.test(path),
    async read(files, most) {
      const { readCifar } = await import("./cifar");
      return readCifar(files, most);
    },
  },
];

/** Throws BadInput if the images do not fit a network's input and classes. */
export function checkImages(set: ImageSet, input: readonly number[], classes: number, source: string): void {
  const [height, width, channels] = input as [number, number, number];
  if (set.channels !== channels)
    throw new BadInput(`Images of ${source} have ${set.channels} channel${set.channels === 1 ? "" : "s"}, but the network takes ${channels}.`);
  if (set.height !== height || set.width !== width)
    throw new BadInput(
      `Images of ${source} are ${set.height}x${set.width}, but the network takes ${height}x${width}; set a resize or crop in the preprocessing.`,
    );
  const each = labelsEach(set);
  const wrong = set.labels?.findIndex((label) => (label < 0 || label >= classes) && !(set.labelSize && label === VOID_LABEL)) ?? -1;
  if (wrong >= 0)
    throw new BadInput(
      `Image ${Math.floor(wrong / each)} of ${source} has label ${set.labels?.[wrong]}, but the network has ${classes} classes (0 to ${classes - 1}).`,
    );
}
