/**
 * `npm run bench`: every competitor on the same work in turns, medians of the ratios pair by pair.
 *
 *     npm run bench -- --only "ResNet-20" --json bench/results/mine.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Device } from "../src/engine/device";
import { createWasmDevice } from "../src/engine/wasm/device";
import { pytorch } from "./competitors";
import { BATCH, prepare, WORKS, type Work } from "./works";

interface Comparison {
  readonly work: string;
  readonly device: string;
  readonly against: string;
  /** How many times faster ours is: the median of the pairs. */
  readonly ratio: number;
  /** Median milliseconds of an iteration. */
  readonly ours: number;
  readonly theirs: number;
}

const ROUNDS = 7;
const ROUND_MS = 400;

const { values: flags } = parseArgs({ options: { only: { type: "string" }, json: { type: "string" } } });
const pattern = new RegExp(flags.only ?? "");

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** A function that times some iterations of a work on one of our devices. */
async function timer(device: Device, work: Work): Promise<{ time(iterations: number): Promise<number>; dispose(): void }> {
  const most = 4096;
  const executable = await prepare(device, work, most);
  let next = 0;
  return {
    async time(iterations) {
      if (next + iterations > most) next = 0;
      const start = performance.now();
      await executable.run({ from: next, to: next + iterations });
      next += iterations;
      return (performance.now() - start) / iterations;
    },
    dispose: () => executable.dispose(),
  };
}

type Timed = { time(iterations: number): Promise<number> };

/** Ours and theirs in turns: ratio of each pair, and both medians. */
async function compare(ours: Timed, theirs: Timed): Promise<{ ratio: number; ours: number; theirs: number }> {
  const count = async (side: Timed) => Math.max(2, Math.ceil(ROUND_MS / (await side.time(2))));
  // Compiled code is replaced by optimized code while it runs: the first rounds are not counted.
  await ours.time(await count(ours));
  const [a, b] = [await count(ours), await count(theirs)];
  const pairs: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round++) pairs.push([await ours.time(a), await theirs.time(b)]);
  return { ratio: median(pairs.map(([o, t]) => t / o)), ours: median(pairs.map(([o]) => o)), theirs: median(pairs.map(([, t]) => t)) };
}

const comparisons: Comparison[] = [];
const checks: { name: string; value: number | string }[] = [];
const threads = 2;
const torch = pytorch(threads);
if (!torch) console.log("PyTorch is not installed here: its comparisons are left out.");

for (const work of WORKS.filter(({ name }) => pattern.test(name))) {
  const [single, double] = [await createWasmDevice(1), await createWasmDevice(threads)];
  const [one, two] = [await timer(single, work), await timer(double, work)];
  const report = (against: string, device: string, result: { ratio: number; ours: number; theirs: number }) => {
    comparisons.push({ work: work.name, device, against, ...result });
    const rate = (2 * work.macs) / result.ours / 1e6;
    console.log(
      `${work.name} | ${device} ${result.ours.toFixed(2)} ms (${rate.toFixed(0)} GFLOP/s of the direct algorithm) | ${against} ${result.theirs.toFixed(2)} ms | ${result.ratio.toFixed(2)}x`,
    );
  };
  report("wasm, 1 thread", `wasm, ${threads} threads`, await compare(two, one));
  if (torch) report(torch.name, `wasm, ${threads} threads`, await compare(two, { time: (iterations) => torch.time(work, iterations) }));
  checks.push({ name: `${work.name}: MiB of WebAssembly memory at peak`, value: Math.round(double.memory.peak / 2 ** 20) });
  one.dispose();
  two.dispose();
  checks.push({ name: `${work.name}: bytes left after disposal`, value: double.memory.used });
  single.dispose();
  double.dispose();
}
torch?.stop();

const processor = cpus()[0]?.model ?? "unknown";
const version = JSON.parse(readFileSync("package.json", "utf8")).version as string;
const result = {
  machine: `${processor}, ${cpus().length} cores, Node ${process.version}`,
  adapter: null,
  version,
  batch: BATCH,
  comparisons,
  checks,
};
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
