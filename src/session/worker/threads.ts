/**
 * The worker's compute threads, which the page starts for it. A worker could start them itself, but in Firefox `new Worker` within a worker
 * now and then never returns (in three of 121 page loads, version 153), and all that the worker had to do waits forever.
 */
import type { Helper, StartHelper } from "../../engine/wasm/workers";
import type { FromWorker, ToWorker } from "./protocol";

type Answer = Extract<ToWorker, { type: "thread" }>;
type Request = Extract<FromWorker, { type: "startThread" | "endThread" }>;

export class AskedThreads {
  private last = 0;
  private readonly asked = new Map<number, (answer: Answer) => void>();

  constructor(private readonly post: (request: Request) => void) {}

  /** @throws Error where the thread does not start */
  readonly start: StartHelper = (job) => {
    const id = ++this.last;
    return new Promise<Helper>((resolve, reject) => {
      this.asked.set(id, ({ error }) =>
        error === null ? resolve({ terminate: () => this.post({ type: "endThread", id }) }) : reject(new Error(error)),
      );
      this.post({ type: "startThread", id, job });
    });
  };

  hear(answer: Answer): void {
    this.asked.get(answer.id)?.(answer);
    this.asked.delete(answer.id);
  }
}
