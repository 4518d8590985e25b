/**
 * Files by name, whose content is fetched only for those that are wanted: a folder, or an archive, of which only the
 * wanted entries are unpacked.
 */
import { byPath, type InputFile } from "../files";

export interface FileTree {
  /** In order. */
  readonly paths: readonly string[];
  /** The files of these paths, in their order. */
  fetch(paths: readonly string[]): Promise<InputFile[]>;
}

export function folderTree(files: readonly InputFile[]): FileTree {
  const found = new Map(files.map((file) => [file.path, file]));
  return { paths: [...found.keys()].sort(byPath), fetch: async (paths) => paths.map((path) => found.get(path) as InputFile) };
}
