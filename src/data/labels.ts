/**
 * Which class a picture belongs to.
 *
 * A network's outputs are numbered; pictures come in folders with names. What the names mean is certain in four
 * cases: a label file says it; the names are class numbers; there are exactly as many folders as the network has
 * classes, and then sorted names are in the order of the outputs, as every training script numbers them; or the names
 * are ImageNet's synsets, whose order is known, and the network has its 1,000 classes. Otherwise (say, 32 folders of
 * dogs for a network of 100 classes) a folder's place says nothing, and a label made of it would call every right
 * answer wrong. Such folders are refused, unless labels are not needed.
 *
 * Rules look at all pictures' folders, also where only the first few pictures are read.
 */
import { BadInput } from "../base/errors";
import { byPath, folderOf, nameOf } from "./files";
import type { LabelFile } from "./label-file";
import { someOf } from "./read";

export interface Labels {
  /** A class number for each picture that is read. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[] | null;
}

/**
 * @param taken the pictures that are read
 * @param all every picture's path
 * @param classes of the network, or null where unknown: then folders are taken for all classes
 * @returns null where pictures lie in one folder that says nothing
 */
export async function labelPictures(
  taken: readonly string[],
  all: readonly string[],
  file: LabelFile | null,
  classes: number | null,
  source: string,
): Promise<Labels | null> {
  if (file) return { labels: Int32Array.from(taken, (path) => file.classOf(path)), classNames: file.classNames };
  const folders = [...new Set(all.map(folderOf))].sort(byPath);
  if (folders.every((name) => /^\d+$/.test(name))) {
    const beyond = folders.find((name) => classes !== null && Number(name) >= classes);
    if (beyond !== undefined)
      throw new BadInput(
        `Folder ${beyond} of ${source} is no class number of this network, which has ${classes} classes (0 to ${(classes as number) - 1}); rename it, or add a label file labels.json.`,
      );
    return { labels: Int32Array.from(taken, (path) => Number(folderOf(path))), classNames: null };
  }
  const synsets = await synsetsOf(folders, classes);
  if (!synsets && folders.length === 1) return null;
  if (!synsets && classes !== null && folders.length !== classes)
    throw new BadInput(
      `${source} holds pictures in ${folders.length} folders (${someOf(folders)}), but the network has ${classes} classes, so that the folders' order does not tell their classes; add a label file labels.json or labels.txt, or name the folders by class number.`,
    );
  const classNames = synsets ?? folders;
  const places = new Map(classNames.map((name, i) => [name, i]));
  return { labels: Int32Array.from(taken, (path) => places.get(folderOf(path)) as number), classNames };
}

/** ImageNet's classes, where all folders are some of them and the network has as many outputs; else null. */
async function synsetsOf(folders: readonly string[], classes: number | null): Promise<readonly string[] | null> {
  if (classes !== 1000 || !folders.every((name) => /^n\d{8}$/.test(name))) return null;
  const { IMAGENET_SYNSETS } = await import("./imagenet-synsets");
  return folders.every((name) => IMAGENET_SYNSETS.includes(name)) ? IMAGENET_SYNSETS : null;
}

/** A sentence on COCO annotations among the paths, or null: they name any number of objects, and no class for a picture. */
export function cocoNote(paths: readonly string[], source: string): string | null {
  const file = paths.find((path) =>
    /(^|\/)((instances|captions|person_keypoints|stuff|panoptic|image_info)_[^/]*|_annotations\.coco)\.json$/i.test(path),
  );
  if (!file) return null;
  return `${source} holds COCO annotations (${nameOf(file)}), which name the objects in a picture and not one class for it: no labels are taken from them. Where pictures have one class each, a labels.json tells it.`;
}

/** A sentence on the ground truth of ImageNet's development kit, or null: it numbers classes in an order of its own. */
export function groundTruthNote(paths: readonly string[], source: string): string | null {
  const file = paths.find((path) => /(^|\/)ILSVRC2012_validation_ground_truth\.txt$/i.test(path));
  if (!file) return null;
  return `${source} holds ${nameOf(file)}, whose numbers are the IDs 1 to 1000 of ImageNet's development kit, in another order than the outputs of networks, which follow the sorted synsets (n01440764, …): no labels are taken from it. Put the pictures into folders named by synset, or add a labels.json or a val.txt with class numbers from 0.`;
}
