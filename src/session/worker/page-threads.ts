/** Starts compute threads for the session's worker (threads.ts says why), and ends them when it says so, or is replaced. */
import { ownScript } from "../../base/trusted";
import script from "../../engine/wasm/thread-worker.ts?worker&url";
import type { FromWorker, ToWorker } from "./protocol";

type Answer = Extract<ToWorker, { type: "thread" }>;
type Started = Extract<FromWorker, { type: "startThread" }>;
/** What a thread needs of a Worker. */
export type ThreadWorker = Pick<Worker, "onmessage" | "onerror" | "postMessage" | "terminate">;

const make = (): ThreadWorker => new Worker(ownScript(script), { type: "module" });

export class PageThreads {
  private readonly running = new Map<number, ThreadWorker>();

  constructor(
    private readonly answer: (answer: Answer) => void,
    private readonly open: () => ThreadWorker = make,
  ) {}

  start({ id, job }: Started): void {
    const worker = this.open();
    this.running.set(id, worker);
    worker.onmessage = () => this.answer({ type: "thread", id, error: null });
    worker.onerror = (event) => {
      // A thread that traps later has told the others itself (engine/wasm/serve.ts); nobody waits for this answer then.
      event.preventDefault();
      this.end(id);
      this.answer({ type: "thread", id, error: `A compute thread did not start (${(event as ErrorEvent).message || "its script did not come"}).` });
    };
    worker.postMessage(job);
  }

  end(id: number): void {
    this.running.get(id)?.terminate();
    this.running.delete(id);
  }

  endAll(): void {
    for (const id of [...this.running.keys()]) this.end(id);
  }
}
