/**
 * The worker's jobs: one at a time, in order. Some only look (a check, a score, an inspection): work takes their place,
 * waiting or running, without a word of them, and of several in a row the last one counts: of checks and scores, which tell
 * all that a check would, and of inspections. A look never ends work, nor an inspection a check. Work (a run, an experiment, a search, an export) ends whatever came before it. Cancel
 * stops whatever runs or waits, and says so of each. Work can be paused: it waits at its next yield with all that it has in memory.
 */
import { BadInput, Cancelled, ThreadFailure } from "../../base/errors";
import { heldSince, holdWork, releaseWork } from "../../engine/yield";
import { EventBundler, type LabEvent } from "./events";
import { isLook, isSameLook, type Job } from "./protocol";

export interface JobsOptions {
  /** Does a job. Throws what goes wrong, Cancelled where the signal says so. */
  perform(job: Job, emit: (event: LabEvent) => void, signal: AbortSignal, resumes: string | null): Promise<void>;
  deliver(id: number, events: LabEvent[]): void;
  /** Something failed that leaves the worker unusable. */
  broken(message: string): void;
}

interface Entry {
  readonly id: number;
  readonly job: Job;
  /** The interrupted work that it goes on with. */
  readonly resumes: string | null;
  readonly controller: AbortController;
  /** Whether a newer job has taken its place: what it still says is dropped. */
  superseded: boolean;
}

export class Jobs {
  private readonly waiting: Entry[] = [];
  private running: Entry | null = null;

  constructor(private readonly options: JobsOptions) {}

  submit(id: number, job: Job, resumes: string | null = null): void {
    for (const older of this.all()) if (!isLook(job) || isSameLook(older.job, job)) this.supersede(older);
    this.waiting.push({ id, job, resumes, controller: new AbortController(), superseded: false });
    void this.next();
  }

  /** Holds the work that is under way, and says so; without effect where there is none. */
  pause(): void {
    if (!this.running || isLook(this.running.job) || heldSince() !== null) return;
    holdWork();
    this.options.deliver(this.running.id, [{ type: "paused", paused: true }]);
  }

  goOn(): void {
    if (!this.running || heldSince() === null) return;
    releaseWork();
    this.options.deliver(this.running.id, [{ type: "paused", paused: false }]);
  }

  cancel(): void {
    for (const entry of this.waiting.splice(0)) this.options.deliver(entry.id, [{ type: "state", state: "cancelled" }]);
    this.running?.controller.abort();
    releaseWork();
  }

  private all(): Entry[] {
    return this.running ? [this.running, ...this.waiting] : [...this.waiting];
  }

  private supersede(entry: Entry): void {
    entry.superseded = true;
    entry.controller.abort();
    if (entry === this.running) releaseWork();
    const at = this.waiting.indexOf(entry);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  private async next(): Promise<void> {
    if (this.running) return;
    const entry = this.waiting.shift();
    if (!entry) return;
    this.running = entry;
    await this.perform(entry);
    this.running = null;
    void this.next();
  }

  private async perform(entry: Entry): Promise<void> {
    const { id, job, resumes, controller } = entry;
    const bundler = new EventBundler((events) => {
      if (!entry.superseded) this.options.deliver(id, events);
    });
    try {
      await this.options.perform(job, (event) => bundler.emit(event), controller.signal, resumes);
      if (controller.signal.aborted) bundler.emit({ type: "state", state: "cancelled" });
    } catch (error) {
      for (const event of endOf(error)) bundler.emit(event);
      if (error instanceof ThreadFailure) this.options.broken(error.message);
    }
    bundler.flush();
  }
}

/** What people are told of a job that ended by an error. */
function endOf(error: unknown): LabEvent[] {
  if (error instanceof Cancelled) return [{ type: "state", state: "cancelled" }];
  const message = error instanceof Error ? error.message : String(error);
  return [
    { type: "failed", message, badInput: error instanceof BadInput },
    { type: "state", state: "failed" },
  ];
}
