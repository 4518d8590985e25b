/**
 * The messages between a page and the session's worker. Every request is a job with a number of its own, and every event
 * carries its job's number, so that what a superseded job still says is told apart and dropped.
 */
import { byPath, type InputFile } from "../../data/files";
import type { ThreadJob } from "../../engine/wasm/serve";
import type { ExportKind, OnnxContainer } from "../../export/catalog";
import type { Experiment } from "../experiments/experiment";
import type { FitSettings } from "../fit/settings";
import type { FileRole, GivenFiles } from "../inputs/sources";
import type { InspectAsk } from "../inspect/inspection";
import type { Recipe } from "../recipe/recipe";
import type { SearchSettings } from "../search/settings";
import type { PayloadKind } from "../share/payload-kinds";
import type { LabEvent } from "./events";

/** Files travel as they are: the worker reads them, so that the page never holds their bytes. */
export interface SentFiles {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: File }[];
}

export type Job =
  /** Load and check only: the network's drawing, and errors, before anything runs. */
  | { readonly kind: "check"; readonly recipe: Recipe }
  /** Rounds to nearest under the recipe's own widths and looks at the watched images: the answer is a `score`, then all that a check tells. */
  | { readonly kind: "score"; readonly recipe: Recipe }
  /** Looks into a layer of the last run's network, or of the recipe's rounded to nearest: the answers are `inspected`. */
  | { readonly kind: "inspect"; readonly recipe: Recipe; readonly ask: InspectAsk }
  | { readonly kind: "run"; readonly recipe: Recipe }
  | { readonly kind: "compare"; readonly experiment: Experiment }
  | { readonly kind: "search"; readonly recipe: Recipe; readonly settings: SearchSettings }
  /** Searches, reconstructs and evaluates until a goal is met: its result is an ordinary run's. */
  | { readonly kind: "fit"; readonly recipe: Recipe; readonly settings: FitSettings }
  /** The network of the last run as a file; `rounding` is its fingerprint's, to be sure that it is the one that is meant. */
  | { readonly kind: "export"; readonly as: ExportKind; readonly rounding: string; readonly onnxContainer: OnnxContainer }
  /** Whether an exported file's weights are those of the last run. */
  | {
      readonly kind: "checkFile";
      readonly as: PayloadKind;
      readonly rounding: string;
      readonly onnxContainer: OnnxContainer;
      readonly given: SentFiles;
    };

/** Work that may take long, so that it is kept while it goes on (checkpoint/kept-work.ts). */
export type LastingJob = Extract<Job, { readonly kind: "run" | "compare" | "search" | "fit" }>;

export function isLasting(job: Job): job is LastingJob {
  return job.kind === "run" || job.kind === "compare" || job.kind === "search" || job.kind === "fit";
}

/** The recipe of work, or of an experiment what its runs have in common. */
export function recipeOf(job: LastingJob): Recipe {
  return job.kind === "compare" ? job.experiment.recipe : job.recipe;
}

/** Whether a job only looks, within seconds: it gives way to work, and waits for work that is under way. */
export function isLook({ kind }: Job): boolean {
  return kind === "check" || kind === "score" || kind === "inspect";
}

/** Whether a newer look tells all that an older one would. */
export function isSameLook(older: Job, newer: Job): boolean {
  return isLook(older) && isLook(newer) && (older.kind === "inspect") === (newer.kind === "inspect");
}

export type ToWorker =
  /** Comes first: the page's address, below which the built-in networks lie. */
  | { readonly type: "start"; readonly page: string }
  | { readonly type: "give"; readonly role: FileRole; readonly given: SentFiles | null }
  /** @param resumes id of the interrupted work that is gone on with */
  | { readonly type: "job"; readonly id: number; readonly job: Job; readonly resumes?: string }
  /** Stops whatever is queued or running. */
  | { readonly type: "cancel" }
  /** Holds work that is under way where it stands, and lets it go on. */
  | { readonly type: "pause" }
  | { readonly type: "goOn" }
  /** A compute thread that was asked for waits for work, or why it did not start. */
  | { readonly type: "thread"; readonly id: number; readonly error: string | null };

export type FromWorker =
  | { readonly type: "events"; readonly job: number; readonly events: readonly LabEvent[] }
  /** Asks for a compute thread, and says that it is done with. */
  | { readonly type: "startThread"; readonly id: number; readonly job: ThreadJob }
  | { readonly type: "endThread"; readonly id: number }
  /** Work goes on, is held, or there is none: said every few seconds (watchdog.ts). */
  | { readonly type: "alive" }
  /** An error that nobody caught, or a compute thread that died: this worker is of no more use. */
  | { readonly type: "broken"; readonly message: string };

/** Sent files as they are given to a session, which reads all of them or some. */
export function givenOf(sent: SentFiles): GivenFiles {
  const found = new Map(sent.files.map(({ path, file }) => [path, file]));
  const fetch = (paths: readonly string[]) => readSent({ ...sent, files: paths.map((path) => ({ path, file: found.get(path) as File })) });
  return { name: sent.name, read: () => readSent(sent), tree: { paths: [...found.keys()].sort(byPath), fetch } };
}

async function readSent({ files }: SentFiles): Promise<InputFile[]> {
  return Promise.all(files.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) })));
}
