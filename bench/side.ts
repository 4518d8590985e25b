/** One device's part of the benchmark, in a process of its own: side.mjs DEVICE FILE PATTERN quick|full. */
import { FULL, QUICK } from "./compare";
import { Cores } from "./cores";
import { openGpu, provideNavigator } from "./gpu";
import { Report } from "./result";
import { benchGpu, benchWasm } from "./suites";

const THREADS = 2;

const [device, file, only, extent] = process.argv.slice(2) as [string, string, string, string];
await provideNavigator(THREADS);
const gpu = device === "webgpu" ? await openGpu() : null;
const report = new Report(file, gpu?.description ?? null);
const plan = {
  report,
  only: new RegExp(only),
  pace: extent === "quick" ? QUICK : FULL,
  threads: THREADS,
  cores: device === "wasm" ? new Cores(THREADS) : null,
};
if (device === "wasm") await benchWasm(plan);
else if (gpu) await benchGpu(plan, gpu);
else report.check("webgpu", "no adapter on this machine");
// Competitors keep threads and adapters open.
process.exit(0);
