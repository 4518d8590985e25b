/**
 * The device's helper threads: each instantiates the same module over the shared memory and serves jobs (serve.ts). In Node, and in pages
 * that name no script for them, a thread is made from text, so that the library is one file for any bundler; a content security policy
 * with `worker-src 'self'` forbids that, so that the lab's own page names a script (thread-worker.ts).
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

/**
 * Starts one helper and resolves when it waits for work.
 * @param script in a browser, the address of thread-worker.ts as a script; null makes the thread from text
 */
export function startHelper(job: ThreadJob, script: string | null): Promise<Helper> {
  return typeof process === "object" && process.versions?.node ? startInNode(job) : startInBrowser(job, script);
}

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

function startInBrowser(job: ThreadJob, script: string | null): Promise<Helper> {
  const url = script ?? URL.createObjectURL(new Blob([BROWSER_SOURCE], { type: "text/javascript" }));
  const worker = new Worker(url, script === null ? {} : { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => {
      if (script === null) URL.revokeObjectURL(url);
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
