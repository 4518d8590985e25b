/** A thread that traps in the middle of a job ends the job for all threads, instead of leaving them at the barrier. */
import { expect, test } from "vitest";
import { ThreadFailure } from "../../src/base/errors";
import { createWasmDevice } from "../../src/engine/wasm/device";

test("a job that traps in every helper or in one ends with a failure, soon", async () => {
  const device = await createWasmDevice(3);
  const plan = device.heap.allocate(2 * 192);
  // A fill whose share of memory lies beyond the end for the helpers: out of bounds, which traps there.
  device.heap.words(plan, 48).set([11, 0x7ffffff0, 1 << 20, 0]);
  expect(() => device.replay(plan, 2, 0, 1)).toThrow(ThreadFailure);
  device.dispose();
  const next = await createWasmDevice(2);
  expect(next.threads).toBe(2);
  next.dispose();
});
