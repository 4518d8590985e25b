/**
 * The proof of an exported network: its runtime runs the files, as it would run them for anybody, on images that the lab judged the
 * network on. Logits are held against the lab's (compare.ts), size and speed against the full-precision network in the same runtime.
 */
import { median } from "../../base/median";
import { shapeOf } from "../../graph/queries";
import { type Graph, sizeOf } from "../../graph/types";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import type { Evidence, ExportedFile } from "../artifact";
import { type Comparison, compared } from "./compare";

/** What a kind of export is proved with. */
export interface ProofRuntime {
  /** As people call it. */
  readonly name: string;
  /** The full-precision network in the same kind of file. */
  float(graph: Graph): readonly ExportedFile[];
  /** @throws Error where the runtime refuses the files */
  open(files: readonly ExportedFile[], graph: Graph): Promise<OpenNetwork>;
}

/** Files as their runtime has them open. */
export interface OpenNetwork {
  /** The judged output for images [count, ...the network's input shape], both in the lab's order. */
  run(images: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Of the exported files and of the float ones, in that order. */
export interface Pair {
  readonly file: number;
  readonly float: number;
}

export interface Proof extends Comparison {
  /** What ran it. */
  readonly runtime: string;
  readonly bytes: Pair;
  /** An image, one at a time. */
  readonly milliseconds: Pair;
}

/** Images are run at most for so long, the first ones in any case. */
const PROOF_MILLISECONDS = 60_000;

/** Numbers in a batch. */
const BATCH = 2 ** 20;

export interface ProofOptions {
  readonly files: readonly ExportedFile[];
  readonly network: QuantizedNetwork;
  readonly evidence: Evidence;
  readonly runtime: ProofRuntime;
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** @throws Error where the runtime refuses the files */
export async function prove({ files, network, evidence, runtime, onProgress }: ProofOptions): Promise<Proof> {
  const { graph } = network;
  const floatFiles = runtime.float(graph);
  const each = evidence.positions * evidence.classes;
  const { count } = evidence;
  const file = await runtime.open(files, graph);
  try {
    const float = await runtime.open(floatFiles, graph);
    try {
      const logits = new Float32Array(count * each);
      const batch = Math.max(1, Math.floor(BATCH / sizeOf(shapeOf(graph, graph.input))));
      const started = performance.now();
      let done = 0;
      while (done < count && (done === 0 || performance.now() - started < PROOF_MILLISECONDS)) {
        const size = Math.min(batch, count - done);
        const values = await file.run(evidence.images(done, size), size);
        if (values.length !== size * each) throw new Error(`It gives ${values.length / size} numbers an image; the network has ${each}`);
        logits.set(values, done * each);
        done += size;
        await onProgress?.(done / count);
      }
      const milliseconds = await timed(file, float, evidence.images(0, 1));
      const comparison = compared(logits.subarray(0, done * each), evidence);
      return { runtime: runtime.name, ...comparison, bytes: { file: bytesOf(files), float: bytesOf(floatFiles) }, milliseconds };
    } finally {
      await float.close();
    }
  } finally {
    await file.close();
  }
}

const bytesOf = (files: readonly ExportedFile[]) => files.reduce((sum, { bytes }) => sum + bytes.length, 0);

/** Runs of each file that are timed, in turns, at most for so long. */
const TIMED_RUNS = 30;
const TIMED_MILLISECONDS = 3000;

/** The median time of one image. */
async function timed(file: OpenNetwork, float: OpenNetwork, image: Float32Array): Promise<Pair> {
  const times: { file: number[]; float: number[] } = { file: [], float: [] };
  const started = performance.now();
  for (let run = -2; run < TIMED_RUNS && (run < 1 || performance.now() - started < TIMED_MILLISECONDS); run++)
    for (const [name, one] of [["file", file] as const, ["float", float] as const]) {
      const before = performance.now();
      await one.run(image, 1);
      if (run >= 0) times[name].push(performance.now() - before);
    }
  return { file: median(times.file), float: median(times.float) };
}
