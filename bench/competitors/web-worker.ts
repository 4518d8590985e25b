/**
 * A browser's `Worker` over Node's: jax-js starts its threads from a blob's URL and would compute on one
 * thread without it. Only what such a worker uses is here: messages both ways.
 */
import { resolveObjectURL } from "node:buffer";
import { Worker as NodeWorker } from "node:worker_threads";

const PRELUDE = `const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
`;

export class WebWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;
  private static readonly all: WebWorker[] = [];
  private readonly started: Promise<NodeWorker>;

  static terminateAll(): void {
    for (const worker of WebWorker.all.splice(0)) worker.terminate();
  }

  constructor(url: string) {
    this.started = this.start(url);
    WebWorker.all.push(this);
  }

  postMessage(message: unknown): void {
    void this.started.then((worker) => worker.postMessage(message));
  }

  terminate(): void {
    void this.started.then((worker) => worker.terminate());
  }

  private async start(url: string): Promise<NodeWorker> {
    const source = await resolveObjectURL(url)?.text();
    const worker = new NodeWorker(PRELUDE + source, { eval: true });
    worker.unref();
    worker.on("message", (data) => this.onmessage?.({ data }));
    worker.on("error", (error) => this.onerror?.(error));
    return worker;
  }
}
