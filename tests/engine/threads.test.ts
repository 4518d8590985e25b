/** A thread that traps in the middle of a job ends the job for all threads, instead of leaving them at the barrier. */
import { expect, test } from "vitest";
import { ThreadFailure } from "../../src/base/errors";
import { createWasmDevice } from "../../src/engine/wasm/device";

test("a job that traps in the helpers alone ends with a failure for the thread that waits for them", async () => {
  const threads = 3;
  const device = await createWasmDevice(threads);
  const plan = device.heap.allocate(192);
  // Opcode 11 fills memory: the first thread's share is the last of the memory, the others' lie beyond its end and trap.
  const words = 2 ** 14;
  const start = device.heap.memory.buffer.byteLength - 4 * words;
  device.heap.words(plan, 48).set([11, start, threads * words, 0]);
  expect(() => device.replay(plan, 1, 0, 1)).toThrow(ThreadFailure);
  device.dispose();
  const next = await createWasmDevice(2);
  expect(next.threads).toBe(2);
  next.dispose();
});
