/** What an iteration costs outside the arithmetic: bytes that JavaScript allocates, dispatches, and the time to record and submit them. */
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { WebGpuExecutable } from "../../src/engine/webgpu/executable";
import { median } from "../compare";
import type { CountedGpu } from "../gpu";
import type { Report } from "../result";
import { prepare, WORKS, type Work } from "../works";
import { checkBrowser } from "./browser";

const SAMPLES = 5;

/** Bytes of JavaScript heap that an iteration allocates, the yields to the event loop included. */
async function allocated(device: Device, work: Work, iterations: number): Promise<number> {
  const executable = await prepare(device, work);
  await executable.run({ from: 0, to: iterations });
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await executable.run({ from: 0, to: iterations });
    samples.push((process.memoryUsage().heapUsed - before) / iterations);
  }
  executable.dispose();
  return Math.round(median(samples));
}

export async function checkWasmOverhead(report: Report, threads: number): Promise<void> {
  const device = await createWasmDevice(threads);
  const work = WORKS[2] as Work;
  report.check(`${work.name}, wasm: bytes of JavaScript heap allocated an iteration`, await allocated(device, work, 400));
  device.dispose();
}

export async function checkGpuOverhead(report: Report, { device, gpu, software }: CountedGpu): Promise<void> {
  const work = WORKS[2] as Work;
  const executable = (await prepare(device, work)) as WebGpuExecutable;
  const name = `${work.name}, webgpu`;
  report.check(`${name}: dispatches an iteration`, executable.dispatches);
  await checkBrowser(report, executable.dispatches);
  const count = 50;
  for (let i = 0; i < SAMPLES; i++) executable.encode(count);
  const encoding: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    executable.encode(count);
    encoding.push(((performance.now() - start) * 1000) / count);
  }
  report.check(`${name}: microseconds of JavaScript an iteration, recording`, Number(median(encoding).toFixed(1)));
  const few = software ? 2 : count;
  const submitting: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const commands = executable.encode(few);
    const start = performance.now();
    gpu.queue.submit([commands]);
    submitting.push(((performance.now() - start) * 1000) / few);
    await gpu.queue.onSubmittedWorkDone();
  }
  report.check(`${name}: microseconds of JavaScript an iteration, submitting`, Number(median(submitting).toFixed(1)));
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  executable.encode(count);
  report.check(`${name}: bytes of JavaScript heap allocated an iteration, recording`, Math.round((process.memoryUsage().heapUsed - before) / count));
  executable.dispose();
}
