/**
 * Which class a picture belongs to.
 *
 * A network's outputs are numbered; pictures come in folders with names. What the names mean is certain in three
 * cases: a label file says it; the names are class numbers; or there are exactly as many folders as the network has
 * classes, and then sorted names are in the order of the outputs, as every training script numbers them. Otherwise
 * (say, 32 folders of ImageNet for a network of 1,000 classes) a folder's place says nothing, and a label made of it
 * would call every right answer wrong. Such folders are refused, unless labels are not needed.
 *
 * Rules look at all pictures' folders, also where only the first few pictures are read.
 */
import { BadInput } from "../base/errors";
import { byPath, folderOf } from "./files";
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
export function labelPictures(
  taken: readonly string[],
  all: readonly string[],
  file: LabelFile | null,
  classes: number | null,
  source: string,
): Labels | null {
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
  if (folders.length === 1) return null;
  if (classes !== null && folders.length !== classes)
    throw new BadInput(
      `${source} holds pictures in ${folders.length} folders (${someOf(folders)}), but the network has ${classes} classes, so that the folders' order does not tell their classes; add a label file labels.json or labels.txt, or name the folders by class number.`,
    );
  const places = new Map(folders.map((name, i) => [name, i]));
  return { labels: Int32Array.from(taken, (path) => places.get(folderOf(path)) as number), classNames: folders };
}
