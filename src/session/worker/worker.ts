/**
 * The worker's entry: it keeps what the page says until the session (serve.ts) is there, and then passes it on. It stands alone, so that no
 * other script imports it: WebKit runs an entry that is imported a second time, and the second one knows nothing of what the first was told.
 */
import type { FromWorker, ToWorker } from "./protocol";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const early: ToWorker[] = [];
scope.onmessage = ({ data }: MessageEvent<ToWorker>) => void early.push(data);

import("./serve").then(
  ({ hear }) => {
    for (const data of early) hear(data);
    scope.onmessage = ({ data }: MessageEvent<ToWorker>) => hear(data);
  },
  (error: unknown) => scope.postMessage({ type: "broken", message: error instanceof Error ? error.message : String(error) } satisfies FromWorker),
);
