/**
 * `npm run bench`: every competitor on the same work in turns, medians of the ratios pair by pair, and our
 * own figures beside them.
 *
 *     npm run bench -- --only "ResNet-20" --device wasm --json bench/results/mine.json
 *     npm run bench -- --readme bench/results/mine.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { drawChart } from "./chart";
import { FULL, QUICK } from "./compare";
import { machine, openGpu, provideNavigator } from "./gpu";
import { writeReadme } from "./readme";
import { Report, type Result } from "./result";
import { benchGpu, benchWasm } from "./suites";
import { BATCH } from "./works";

const THREADS = 2;

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    device: { type: "string", default: "all" },
    json: { type: "string" },
    readme: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});

async function bench(): Promise<void> {
  const start = performance.now();
  await provideNavigator(THREADS);
  const report = new Report();
  const plan = { report, only: new RegExp(flags.only), pace: flags.quick ? QUICK : FULL, threads: THREADS };
  const gpu = flags.device === "wasm" ? null : await openGpu();
  if (flags.device !== "webgpu") await benchWasm(plan);
  if (gpu) await benchGpu(plan, gpu);
  const result: Result = {
    machine: machine(),
    adapter: gpu?.description ?? null,
    version: JSON.parse(readFileSync("package.json", "utf8")).version,
    date: new Date().toISOString().slice(0, 10),
    batch: BATCH,
    seconds: Math.round((performance.now() - start) / 1000),
    comparisons: report.comparisons,
    checks: report.checks,
  };
  console.log(`${result.machine}; WebGPU: ${result.adapter ?? "none"}; ${result.seconds} s`);
  if (!flags.json) return;
  writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(flags.json.replace(/\.json$/, ".svg"), drawChart(result));
}

if (flags.readme) writeReadme(flags.readme);
else await bench();
// Competitors keep threads and adapters open.
process.exit(0);
