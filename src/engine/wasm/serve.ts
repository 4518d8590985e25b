/** Control words, as in assembly/barrier.ts. */
export const GENERATION: number = (64 + 4) >> 2;
export const FAILED: number = (64 + 132) >> 2;

/** What a helper thread is sent. */
export interface ThreadJob {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly tid: number;
}

/**
 * Serves jobs in a helper thread until it is terminated. One that traps says so in a control word and wakes the others, which then
 * give up instead of waiting at the barrier forever (assembly/barrier.ts).
 *
 * Its text is also the source of threads that are made from text (workers.ts), so that it uses nothing from outside itself.
 */
export function serve(instance: WebAssembly.Instance, memory: WebAssembly.Memory, tid: number, generation: number, failed: number): void {
  try {
    (instance.exports as unknown as { serve(tid: number): void }).serve(tid);
  } catch (error) {
    const control = new Int32Array(memory.buffer);
    Atomics.store(control, failed, 1);
    Atomics.notify(control, generation);
    throw error;
  }
}
