/**
 * `npm run bench`: every competitor on the same work in turns, medians of the ratios pair by pair, and our
 * own figures beside them.
 *
 *     npm run bench -- --only "ResNet-20" --device wasm --json bench/results/mine.json
 *     npm run bench -- --readme bench/results/mine.json
 *
 * Each device has a process of its own: a Vulkan driver's place must be in the environment before dawn
 * loads, counting allocated bytes needs the collector exposed, and jax-js cannot change its device once
 * it has compiled something.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { vulkanEnvironment } from "../tests/support/vulkan";
import { drawChart } from "./chart";
import { writeReadme } from "./readme";
import type { DeviceResult, Result } from "./result";
import { BATCH } from "./works";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    device: { type: "string", default: "all" },
    json: { type: "string" },
    readme: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});

/** Runs one device's part in a child process. */
function part(device: string, file: string): DeviceResult {
  const side = fileURLToPath(new URL("side.mjs", import.meta.url));
  const { status } = spawnSync(process.execPath, ["--expose-gc", side, device, file, flags.only, flags.quick ? "quick" : "full"], {
    stdio: "inherit",
    env: { ...process.env, ...vulkanEnvironment() },
  });
  const result: DeviceResult = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { adapter: null, comparisons: [], checks: [] };
  if (status === 0) return result;
  return { ...result, checks: [...result.checks, { name: `${device}: the process ended early`, value: `status ${status}` }] };
}

function bench(): void {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const devices = ["wasm", "webgpu"].filter((device) => flags.device === "all" || flags.device === device);
  const parts = devices.map((device) => part(device, join(folder, `${device}.json`)));
  rmSync(folder, { recursive: true });
  const result: Result = {
    machine: `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}`,
    adapter: parts.find(({ adapter }) => adapter)?.adapter ?? null,
    version: JSON.parse(readFileSync("package.json", "utf8")).version,
    date: new Date().toISOString().slice(0, 10),
    batch: BATCH,
    seconds: Math.round((performance.now() - start) / 1000),
    comparisons: parts.flatMap(({ comparisons }) => comparisons),
    checks: parts.flatMap(({ checks }) => checks),
  };
  console.log(`${result.machine}; WebGPU: ${result.adapter ?? "none"}; ${result.seconds} s`);
  if (!flags.json) return;
  writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
  present(flags.json, result);
}

/** The chart beside a result's file. */
function present(file: string, result: Result): void {
  writeFileSync(file.replace(/\.json$/, ".svg"), drawChart(result));
}

if (flags.readme) {
  const result: Result = JSON.parse(readFileSync(flags.readme, "utf8"));
  present(flags.readme, result);
  writeReadme(flags.readme, result);
} else bench();
