/**
 * The device's helper threads: each instantiates the same module over the shared memory and serves jobs (serve.ts). Here they are made
 * from text, in Node and in browsers, so that the library is one file for any bundler. The lab's page starts its own, from a script
 * (thread-worker.ts): its content security policy forbids workers made from text, and not every browser starts one from within another.
 */
import { FAILED, GENERATION, serve, type ThreadJob } from "./serve";

const SERVE = `(${serve})(instance, memory, tid, ${GENERATION}, ${FAILED});`;

const BROWSER_SOURCE = `onmessage = async ({ data: { module, memory, tid } }) => {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  postMessage("ready");
  ${SERVE}
};`;

const NODE_SOURCE = `const { parentPort, workerData } = require("node:worker_threads");
const { module, memory, tid } = workerData;
const instance = new WebAssembly.Instance(module, { env: { memory } });
parentPort.postMessage("ready");
${SERVE}`;

export interface Helper {
  terminate(): void;
}

/** Starts one helper; resolves when it waits for work. */
export type StartHelper = (job: ThreadJob) => Promise<Helper>;

export const startHelper: StartHelper = (job) => (typeof process === "object" && process.versions?.node ? startInNode(job) : startInBrowser(job));

function startInNode(job: ThreadJob): Promise<Helper> {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(NODE_SOURCE, { eval: true, workerData: job });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve({ terminate: () => void worker.terminate() }));
    // Before it is ready the device cannot be made; after that the control word has told the others.
    worker.on("error", reject);
  });
}

function startInBrowser(job: ThreadJob): Promise<Helper> {
  const url = URL.createObjectURL(new Blob([BROWSER_SOURCE], { type: "text/javascript" }));
  const worker = new Worker(url);
  return new Promise((resolve, reject) => {
    worker.onmessage = () => {
      URL.revokeObjectURL(url);
      resolve({ terminate: () => worker.terminate() });
    };
    worker.onerror = (event) => reject(new Error(event.message || "A compute thread did not start"));
    worker.postMessage(job);
  });
}

/** As many threads as there are cores, up to eight. */
export function availableThreads(): number {
  const cores =
    typeof process === "object" && process.versions?.node
      ? process.getBuiltinModule("node:os").availableParallelism()
      : ((globalThis as { navigator?: Navigator }).navigator?.hardwareConcurrency ?? 1);
  return Math.max(1, Math.min(8, cores));
}

/** Whether memory can be shared between threads here: Node, or a page that is cross-origin isolated. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return isolated !== false;
}
