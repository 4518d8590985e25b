/** A model file format: one folder each, all of this shape. Adding one is a folder and a line in the index. */
import type { Graph } from "../graph/types";

/** A file as a person gave it. */
export interface ModelFile {
  /** Path with `/` between folders, below what was chosen. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface ReadOptions {
  /** Height and width for networks whose file leaves them open. */
  readonly inputSize?: readonly [number, number];
}

export interface Format {
  readonly name: string;
  /** How the names of its files with a network end. */
  readonly extension: RegExp;
  /** Whether a file holds a network of this format, by its name and bytes. */
  match(file: ModelFile): boolean;
  /** Paths, relative to the folder of `file`, of the files that it needs beside it; none where the file is damaged. */
  companions?(file: ModelFile): readonly string[];
  /**
   * @param main the file with the network
   * @param files all files that were given, `main` too: weights may lie in files of their own
   * @throws BadInput, naming the node and what to do
   */
  read(main: ModelFile, files: readonly ModelFile[], options: ReadOptions): Graph | Promise<Graph>;
}

/** The path of `name` in the folder of `file`. */
export function besides(file: ModelFile, name: string): string {
  return file.path.slice(0, file.path.lastIndexOf("/") + 1) + name;
}
