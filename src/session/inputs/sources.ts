/** What a recipe's names stand for: built-in things, or files that a person gave. */
import { type FileTree, folderTree } from "../../data/archives/tree";
import type { InputFile } from "../../data/files";

/** Files as a person chose them, with the name they know them by. They are read when they are needed. */
export interface GivenFiles {
  readonly name: string;
  read(): Promise<readonly InputFile[]>;
  /** The same files to be read one by one, where that is possible: a look at the first few need not read them all. */
  readonly tree?: FileTree;
}

/** Given files by path, each read as it is wanted where that is possible. */
export async function treeOf(given: GivenFiles): Promise<FileTree> {
  return given.tree ?? folderTree(await given.read());
}

export type FileRole = "model" | "calibration" | "evaluation";

export interface Sources {
  /** The bytes of a built-in model. */
  builtinModel(name: string): Promise<Uint8Array>;
  readonly model: GivenFiles | null;
  readonly calibration: GivenFiles | null;
  readonly evaluation: GivenFiles | null;
}

/** Files that are in memory already. */
export function filesInMemory(name: string, files: readonly InputFile[]): GivenFiles {
  return { name, read: () => Promise.resolve(files) };
}
