/** The device's helper threads: each instantiates the same module over the shared memory and serves jobs. */

const BROWSER_SOURCE = `onmessage = async ({ data }) => {
  const instance = await WebAssembly.instantiate(data.module, { env: { memory: data.memory } });
  postMessage("ready");
  instance.exports.serve(data.tid);
};`;

const NODE_SOURCE = `const { parentPort, workerData } = require("node:worker_threads");
const { module, memory, tid } = workerData;
const instance = new WebAssembly.Instance(module, { env: { memory } });
parentPort.postMessage("ready");
instance.exports.serve(tid);`;

export interface Helper {
  terminate(): void;
}

interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly tid: number;
}

/** Starts one helper and resolves when it waits for work. */
export function startHelper(job: Job): Promise<Helper> {
  return typeof process === "object" && process.versions?.node ? startInNode(job) : startInBrowser(job);
}

function startInNode(job: Job): Promise<Helper> {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(NODE_SOURCE, { eval: true, workerData: job });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve({ terminate: () => void worker.terminate() }));
    worker.once("error", reject);
  });
}

function startInBrowser(job: Job): Promise<Helper> {
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

/** Whether memory can be shared between threads here: Node, or a page that is cross-origin isolated. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return isolated !== false;
}
