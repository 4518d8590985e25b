/** A helper thread as a script of its own, for pages whose content security policy forbids workers made from text. */
import { FAILED, GENERATION, serve, type ThreadJob } from "./serve";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = async ({ data: { module, memory, tid } }: MessageEvent<ThreadJob>) => {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  scope.postMessage("ready");
  serve(instance, memory, tid, GENERATION, FAILED);
};
