/** The rounding variables after some iterations must have the same bits whatever the number of threads. */
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Report } from "../result";
import { prepare, problemOf, type Work } from "../works";

const ITERATIONS = 20;

async function roundings(work: Work, threads: number): Promise<Int32Array[]> {
  const device = await createWasmDevice(threads);
  const problem = problemOf(work);
  const executable = await prepare(device, work, problem);
  await executable.run({ from: 0, to: ITERATIONS });
  const values = await Promise.all([...problem.layerQParams.keys()].map((layer) => executable.read(`${layer.name}.v`)));
  executable.dispose();
  device.dispose();
  return values.map((v) => new Int32Array(v.buffer));
}

export async function checkBits(report: Report, work: Work): Promise<void> {
  const [one, ...others] = [await roundings(work, 1), await roundings(work, 2), await roundings(work, 4)];
  const equal = others.every((other) => other.every((words, i) => words.every((word, j) => word === one?.[i]?.[j])));
  report.check(`${work.name}: same bits with 1, 2 and 4 threads after ${ITERATIONS} iterations`, equal);
}
