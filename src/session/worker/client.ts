/**
 * The page's side of the session: starts the worker, speaks the protocol, and passes on the events of what was asked
 * last. A worker that broke is replaced by a new one, which is given the same files; the job that it was at has failed.
 */
import type { ExportKind, OnnxContainer } from "../../export/catalog";
import type { Experiment } from "../experiments/experiment";
import type { FitSettings } from "../fit/settings";
import type { FileRole } from "../inputs/sources";
import type { InspectAsk } from "../inspect/inspection";
import type { Recipe } from "../recipe/recipe";
import type { SearchSettings } from "../search/settings";
import { hasPayload } from "../share/payload-kinds";
import type { Provenance } from "../share/provenance";
import type { LabEvent } from "./events";
import { PageThreads, type ThreadWorker } from "./page-threads";
import { type FromWorker, isLook, type Job, type LastingJob, type SentFiles, type ToWorker } from "./protocol";
import { startWorker } from "./start";
import { Watchdog } from "./watchdog";

/** What the client needs of a Worker. */
export interface WorkerLike {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: ToWorker): void;
  terminate(): void;
}

export class SessionClient {
  private worker: WorkerLike;
  private readonly threads: PageThreads;
  private readonly watchdog: Watchdog;
  /** What the worker has been given, to give it to the next one too. */
  readonly given: Map<FileRole, SentFiles> = new Map<FileRole, SentFiles>();
  private last = 0;
  /** The newest work and the newest look of either sort: what older ones say is of no interest. */
  private lastWork = 0;
  private lastCheck = 0;
  private lastInspection = 0;
  /** Jobs whose end has not been told. */
  private readonly open = new Set<number>();
  /** How often in a row a worker broke before it said anything: one that cannot start is not started forever. */
  private silentBreaks = 0;

  constructor(
    private readonly onEvents: (events: readonly LabEvent[]) => void,
    private readonly start: () => WorkerLike = startWorker,
    private readonly page: string = document.baseURI,
    startThread?: () => ThreadWorker,
  ) {
    this.threads = new PageThreads((answer) => this.send(answer), startThread);
    this.watchdog = new Watchdog(
      () => this.open.has(this.lastWork),
      () => this.replace("nothing has moved for three minutes; a compute thread or the GPU does not answer any more"),
    );
    this.worker = this.connect();
  }

  give(role: FileRole, given: SentFiles | null): void {
    if (given) this.given.set(role, given);
    else this.given.delete(role);
    this.send({ type: "give", role, given });
  }

  check(recipe: Recipe): void {
    this.submit({ kind: "check", recipe });
  }

  /** Rounding to nearest under the recipe's own widths, on the watched images; and a check. */
  score(recipe: Recipe): void {
    this.submit({ kind: "score", recipe });
  }

  inspect(recipe: Recipe, ask: InspectAsk): void {
    this.submit({ kind: "inspect", recipe, ask });
  }

  run(recipe: Recipe): void {
    this.submit({ kind: "run", recipe });
  }

  compare(experiment: Experiment): void {
    this.submit({ kind: "compare", experiment });
  }

  search(recipe: Recipe, settings: SearchSettings): void {
    this.submit({ kind: "search", recipe, settings });
  }

  fit(recipe: Recipe, settings: FitSettings): void {
    this.submit({ kind: "fit", recipe, settings });
  }

  export(as: ExportKind, rounding: string, onnxContainer: OnnxContainer): void {
    this.submit({ kind: "export", as, rounding, onnxContainer });
  }

  /** Compares what is in an exported file with the last run; nothing for a file that holds no weights. */
  checkFile({ kind, container, files }: Pick<Provenance, "kind" | "container"> & { readonly files: SentFiles }, rounding: string): void {
    if (hasPayload(kind)) this.submit({ kind: "checkFile", as: kind, rounding, onnxContainer: container, given: files });
  }

  /** Goes on with interrupted work, whose files have been given. @param id of it */
  goOnWith(job: LastingJob, id: string): void {
    this.submit(job, id);
  }

  cancel(): void {
    this.send({ type: "cancel" });
  }

  /** Holds the work that is under way where it stands. */
  pause(): void {
    this.send({ type: "pause" });
  }

  goOn(): void {
    this.send({ type: "goOn" });
  }

  private submit(job: Job, resumes?: string): void {
    const id = ++this.last;
    if (!isLook(job)) this.lastWork = id;
    else if (job.kind === "inspect") this.lastInspection = id;
    else this.lastCheck = id;
    this.open.add(id);
    this.send({ type: "job", id, job, ...(resumes === undefined ? {} : { resumes }) });
  }

  private connect(): WorkerLike {
    const worker = this.start();
    worker.onmessage = ({ data }) => {
      if (worker !== this.worker) return;
      this.watchdog.heard();
      if (data.type === "alive") return;
      if (data.type === "broken") this.replace(data.message);
      else if (data.type === "startThread") this.threads.start(data);
      else if (data.type === "endThread") this.threads.end(data.id);
      else this.pass(data.job, data.events);
    };
    worker.onerror = (event) => {
      if (worker === this.worker) this.replace(event.message || "it could not start");
    };
    worker.postMessage({ type: "start", page: this.page });
    for (const [role, given] of this.given) worker.postMessage({ type: "give", role, given });
    return worker;
  }

  private pass(job: number, events: readonly LabEvent[]): void {
    this.silentBreaks = 0;
    if (events.some(isEnd)) this.open.delete(job);
    // Of looks only the newest of its sort speaks, and none that is older than the newest work.
    if (job === this.lastWork || (job > this.lastWork && (job === this.lastCheck || job === this.lastInspection))) this.onEvents(events);
  }

  private replace(message: string): void {
    this.worker.terminate();
    this.threads.endAll();
    const failed = this.open.size > 0;
    this.open.clear();
    const hopeless = ++this.silentBreaks > 2;
    const remedy = hopeless ? "Reload the page." : "It was started anew: what is on the page stays, and you can go on.";
    if (!hopeless) this.worker = this.connect();
    if (failed || hopeless)
      this.onEvents([
        { type: "failed", message: `The lab's worker stopped: ${message.replace(/\.$/, "")}. ${remedy}`, badInput: false },
        { type: "state", state: "failed" },
      ]);
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}

/** The states that end a job. */
const ENDS: readonly string[] = ["ready", "done", "cancelled", "failed"];

/** Whether a job has told what it had to; an inspection ends with its answer. */
function isEnd(event: LabEvent): boolean {
  if (event.type === "inspected") return "error" in event.inspection || event.inspection.complete;
  return event.type === "state" && ENDS.includes(event.state);
}
