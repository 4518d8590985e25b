/** What files are, by their names alone: readers are loaded only for what was chosen. */
import { isHidden, nameOf } from "./files";

/** Whether a name is that of a picture that is read. */
export function hasPictureName(path: string): boolean {
  return /\.(png|jpe?g|webp)$/i.test(path);
}

/** Whether a file is a picture that a person put there. */
export function isPicture(path: string): boolean {
  return hasPictureName(path) && !isHidden(path);
}

/** Whether a file's name is that of an IDX file: "t10k-images-idx3-ubyte.gz", "train.idx3-ubyte". */
export function isIdx(path: string): boolean {
  return /(^|[-._])idx[1-4]([-._]|$)/i.test(nameOf(path));
}

/** The path of the labels that belong to a file of images, or null where the name is not that of images. */
export function labelsPathOf(path: string): string | null {
  const name = nameOf(path);
  const labels = name
    .replace(/images/i, (word) => (word === "Images" ? "Labels" : word === "IMAGES" ? "LABELS" : "labels"))
    .replace(/idx[34]/i, "idx1");
  return labels === name || !isIdx(name) ? null : path.slice(0, -name.length) + labels;
}
