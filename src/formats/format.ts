/** A model file format: one folder each, all of this shape. Adding one is a folder and a line in the index. */
import type { Graph } from "../graph/types";

export interface ReadOptions {
  /** Height and width for networks whose file leaves them open. */
  readonly inputSize?: readonly [number, number];
}

export interface Format {
  readonly name: string;
  /** Whether a file looks like this format, by its name and first bytes. */
  match(fileName: string, bytes: Uint8Array): boolean;
  /** Throws BadInput, naming the node and what to do. */
  read(bytes: Uint8Array, fileName: string, options: ReadOptions): Graph;
}
