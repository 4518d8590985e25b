/** The messages between a page and the session's worker. */
import type { InputFile } from "../../data/files";
import type { Experiment } from "../experiments/experiment";
import type { Recipe } from "../recipe/recipe";
import type { SearchSettings } from "../search/settings";
import type { LabEvent } from "./events";

export type FileRole = "model" | "calibration" | "evaluation";

/** Files travel as they are: the worker reads them, so that the page never holds their bytes. */
export interface SentFiles {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: File }[];
}

export type ToWorker =
  /** Comes first: the page's address, below which the built-in networks lie. */
  | { readonly type: "start"; readonly page: string }
  | { readonly type: "give"; readonly role: FileRole; readonly given: SentFiles | null }
  /** Load and check only: the network's drawing, and errors, before anything runs. */
  | { readonly type: "check"; readonly recipe: Recipe }
  | { readonly type: "run"; readonly recipe: Recipe }
  | { readonly type: "compare"; readonly experiment: Experiment }
  | { readonly type: "search"; readonly recipe: Recipe; readonly settings: SearchSettings }
  | { readonly type: "cancel" };

export type FromWorker = { readonly type: "events"; readonly events: readonly LabEvent[] };

export async function readSent({ files }: SentFiles): Promise<InputFile[]> {
  return Promise.all(files.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) })));
}
