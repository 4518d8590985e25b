/** A hundred programs compiled, run and disposed: what remains of their memory. */
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { CountedGpu } from "../gpu";
import type { Report } from "../result";
import { prepare, work } from "../works";

const PROGRAMS = 100;
const SMALL = work("small block", "basic", 8, 8, 32);

export async function checkWasmLeaks(report: Report, threads: number): Promise<void> {
  const device = await createWasmDevice(threads);
  let first = 0;
  for (let i = 0; i < PROGRAMS; i++) {
    const executable = await prepare(device, SMALL);
    await executable.run({ from: 0, to: 1 });
    executable.dispose();
    if (i === 0) first = device.memory.peak;
  }
  report.check(`${PROGRAMS} programs, wasm: bytes in use after disposal`, device.memory.used);
  report.check(`${PROGRAMS} programs, wasm: growth of the peak after the first, bytes`, device.memory.peak - first);
  device.dispose();
}

export async function checkGpuLeaks(report: Report, { device, live }: CountedGpu): Promise<void> {
  const before = live();
  for (let i = 0; i < PROGRAMS; i++) {
    const executable = await prepare(device, SMALL);
    await executable.run({ from: 0, to: 1 });
    executable.dispose();
  }
  report.check(`${PROGRAMS} programs, webgpu: buffers left after disposal`, live() - before);
}
