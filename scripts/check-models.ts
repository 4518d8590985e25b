/**
 * Runs every ONNX file of a folder through the lab and through onnxruntime, on a seeded input, and prints a table: read
 * or refused and why, the largest difference of the outputs, seconds and memory.
 *
 *     npm run check-models -- FOLDER [--size N] [--only TEXT]
 *
 * --size gives height and width where a file leaves them open (224); --only takes the files whose name holds TEXT. Each
 * file has a process of its own (`--one`), so that peak memory is the lab's for that file: onnxruntime starts afterwards.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BadInput, OpenInputSize } from "../src/base/errors";
import { createWasmDevice } from "../src/engine/wasm/device";
import { readModel } from "../src/formats";
import type { ModelFile } from "../src/formats/format";
import { type Graph, isLayer, type Shape } from "../src/graph/types";
import { prepare } from "../src/passes/prepare";
import { randoms } from "../tests/support/numbers";
import { differences, engineOutputs, modelFiles, openSession, type Values } from "../tests/support/onnx/runtime";

/** The outputs' largest difference that a float32 network of this depth may have. */
const TOLERANCE = 1e-4;

interface Outcome {
  readonly verdict: "right" | "wrong" | "refused" | "failed";
  readonly detail: string;
  readonly layers?: number;
  /** Seconds to read the file and to prepare it, of which the processor worked; to run one image here, and in onnxruntime on one thread. */
  readonly seconds?: readonly [read: number, busy: number, run: number, runtime: number];
  /** Bytes: after reading, and at most until the outputs were there. */
  readonly memory?: readonly [read: number, peak: number];
}

const since = (start: number) => (performance.now() - start) / 1000;

async function read(files: readonly ModelFile[], size: number): Promise<Graph> {
  try {
    return await readModel(files);
  } catch (error) {
    if (error instanceof OpenInputSize) return readModel(files, { inputSize: [size, size] });
    throw error;
  }
}

/** A graph's input, [h, w, c] here, in the file's order with a batch of 1. */
function fileDims(shape: Shape): number[] {
  const [h, w, c] = shape;
  return shape.length === 3 ? [1, c as number, h as number, w as number] : [1, ...shape];
}

async function check(path: string, size: number): Promise<Outcome> {
  const files = await modelFiles(path);
  let start = performance.now();
  const before = process.cpuUsage();
  let graph: Graph;
  try {
    graph = prepare(await read(files, size));
  } catch (error) {
    if (error instanceof BadInput) return { verdict: "refused", detail: error.message };
    throw error;
  }
  const reading = since(start);
  const { user, system } = process.cpuUsage(before);
  const readMemory = process.memoryUsage.rss();
  const dims = fileDims(graph.shapes.get(graph.input) as Shape);
  const input: Values = {
    dims,
    data: randoms(
      dims.reduce((a, b) => a * b),
      9,
    ),
  };
  const device = await createWasmDevice(2);
  start = performance.now();
  const actual = await engineOutputs(device, graph, input);
  const running = since(start);
  device.dispose();
  const memory = [readMemory, process.resourceUsage().maxRSS * 1024] as const;
  const session = await openSession(files);
  start = performance.now();
  const expected = await session.run(input);
  const runtime = since(start);
  await session.dispose();
  const worst = Math.max(...differences(actual, expected));
  return {
    verdict: worst <= TOLERANCE ? "right" : "wrong",
    detail: worst.toExponential(1),
    layers: graph.nodes.filter(isLayer).length,
    seconds: [reading, (user + system) / 1e6, running, runtime],
    memory,
  };
}

function inOwnProcess(path: string, size: string): Outcome {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), path, "--one", "--size", size], {
    encoding: "utf8",
    timeout: 600_000,
    maxBuffer: 2 ** 26,
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (line.startsWith("{")) return JSON.parse(line) as Outcome;
  return {
    verdict: "failed",
    detail:
      stderr
        .trim()
        .split("\n")
        .find((text) => /Error/.test(text)) ??
      (stderr.trim().slice(-300) || "no answer within 10 minutes"),
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: "string", default: "224" }, only: { type: "string", default: "" }, one: { type: "boolean", default: false } },
});
const [target] = positionals;
if (target === undefined || !(Number(values.size) > 0)) {
  console.error("Usage: npm run check-models -- FOLDER [--size N] [--only TEXT]");
  process.exit(1);
}
if (values.one) {
  console.log(JSON.stringify(await check(target, Number(values.size))));
  process.exit(0);
}
const files = readdirSync(target, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".onnx") && name.includes(values.only))
  .sort();
const megabytes = (bytes: number) => String(Math.round(bytes / 2 ** 20));
const row = (cells: readonly (string | number)[]) =>
  [10, 44, 6, 7, 8, 8, 8, 8, 8].map((width, i) => String(cells[i] ?? "").padEnd(width)).join(" ") + String(cells[9] ?? "");
console.log(
  row(["verdict", "file", "MB", "layers", "read s", "cpu s", "run s", "ort s", "read MB", "peak MB, largest relative difference or reason"]),
);
const counts = new Map<string, number>();
for (const file of files) {
  const path = join(target, file);
  const outcome = inOwnProcess(path, values.size);
  counts.set(outcome.verdict, (counts.get(outcome.verdict) ?? 0) + 1);
  const [reading, busy, running, runtime] = outcome.seconds?.map((seconds) => seconds.toFixed(2)) ?? [];
  const [after, peak] = outcome.memory?.map(megabytes) ?? [];
  const size = (statSync(path).size / 2 ** 20).toFixed(1);
  const cells = [outcome.verdict, file, size, outcome.layers, reading, busy, running, runtime, after, `${peak ? `${peak}  ` : ""}${outcome.detail}`];
  console.log(row(cells.map((cell) => cell ?? "")));
}
console.log(`${files.length} files: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(", ")}`);
