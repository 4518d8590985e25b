/**
 * A network of each family as PyTorch's exporter writes it (scripts/corpus/export_corpus.py): every output at full
 * precision must be onnxruntime's, as the file is read and after it is prepared.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { readModel } from "../../src/formats";
import type { ModelFile } from "../../src/formats/format";
import type { Graph } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";
import { randoms } from "../support/numbers";
import { differences, engineOutputs, modelFiles, openSession, type Values } from "../support/onnx/runtime";

const FOLDER = fileURLToPath(new URL("corpus/", import.meta.url));

interface Entry {
  readonly file: string;
  readonly externalData: readonly string[];
  readonly family: string;
  readonly opset: number;
  /** [1, channels, height, width] */
  readonly input: readonly number[];
  /** What the file leaves open: nothing, the batch, or height and width too. */
  readonly shape: "fixed" | "batch" | "open";
  readonly outputs: readonly string[];
}

const CORPUS: readonly Entry[] = JSON.parse(readFileSync(`${FOLDER}corpus.json`, "utf8"));
const IMAGES = 2;

function read({ input, shape }: Entry, files: readonly ModelFile[]): Promise<Graph> {
  return readModel(files, shape === "open" ? { inputSize: [input[2] as number, input[3] as number] } : {});
}

/** onnxruntime takes a fixed batch as it is: one image at a time. */
async function expectedOf({ shape }: Entry, files: readonly ModelFile[], input: Values): Promise<Values[]> {
  const session = await openSession(files);
  try {
    if (shape !== "fixed") return await session.run(input);
    const size = input.data.length / IMAGES;
    const each: Values[][] = [];
    for (let i = 0; i < IMAGES; i++)
      each.push(await session.run({ dims: [1, ...input.dims.slice(1)], data: input.data.slice(i * size, (i + 1) * size) }));
    return session.outputs.map((_, output) => {
      const parts = each.map((values) => values[output] as Values);
      return { dims: [IMAGES, ...(parts[0]?.dims.slice(1) ?? [])], data: Float32Array.from(parts.flatMap(({ data }) => [...data])) };
    });
  } finally {
    await session.dispose();
  }
}

describe("every output is onnxruntime's", () => {
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(2);
  });
  afterAll(() => device.dispose());

  test.each(CORPUS.map((entry) => [`${entry.family} (${entry.file}, opset ${entry.opset})`, entry] as const))("%s", async (_title, entry) => {
    const dims = [IMAGES, ...entry.input.slice(1)];
    const input = {
      dims,
      data: randoms(
        dims.reduce((a, b) => a * b),
        9,
      ),
    };
    const files = await modelFiles(FOLDER + entry.file);
    expect(files.slice(1).map(({ path }) => path)).toEqual(entry.externalData);
    const expected = await expectedOf(entry, files, input);
    expect(expected.map(({ data }) => data.every(Number.isFinite) && data.some((x) => Math.abs(x) > 1e-3))).toEqual(entry.outputs.map(() => true));
    const raw = await read(entry, files);
    for (const graph of [raw, prepare(raw)])
      for (const difference of differences(await engineOutputs(device, graph, input), expected)) expect(difference).toBeLessThan(1e-4);
  });
});
