/**
 * The proof of an exported ONNX file: onnxruntime runs it, as it would run it for anybody, on images that the lab judged the
 * network on, and its logits are held against the lab's (compare.ts).
 */
import { shapeOf } from "../../graph/queries";
import { type Shape, sizeOf } from "../../graph/types";
import { emptyNetwork, type QuantizedNetwork } from "../../quantize/methods/method";
import type { Evidence } from "../artifact";
import { ordered } from "../onnx/emitter";
import { nameOf, writeOnnx } from "../onnx/write";
import { type Comparison, compared } from "./compare";
import { type NamedRuntime, type OpenFile, openFile } from "./runtime";

/** Of the exported file and of the float file, in that order. */
export interface Pair {
  readonly file: number;
  readonly float: number;
}

export interface OnnxProof extends Comparison {
  /** What ran it. */
  readonly runtime: string;
  readonly bytes: Pair;
  /** An image, one at a time. */
  readonly milliseconds: Pair;
}

/** Numbers in a batch. */
const BATCH = 2 ** 20;

export interface ProofOptions {
  readonly bytes: Uint8Array;
  readonly network: QuantizedNetwork;
  readonly evidence: Evidence;
  readonly runtime: NamedRuntime;
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** @throws Error where the runtime refuses the file */
export async function proveOnnx({ bytes, network, evidence, runtime, onProgress }: ProofOptions): Promise<OnnxProof> {
  const { graph } = network;
  const floatBytes = writeOnnx(emptyNetwork(graph));
  const images = new FileImages(evidence, shapeOf(graph, graph.input));
  const output = nameOf(graph, graph.output);
  const { count } = evidence;
  const words = evidence.classes * evidence.positions;
  const file = await openFile(runtime.runtime, bytes, "deployed");
  try {
    const float = await openFile(runtime.runtime, floatBytes, "deployed");
    try {
      const logits = new Float32Array(count * words);
      const batch = Math.max(1, Math.floor(BATCH / sizeOf(images.dims)));
      for (let first = 0; first < count; first += batch) {
        const size = Math.min(batch, count - first);
        const made = await file.run(images.read(first, size), images.dims, output);
        logits.set(channelsLast(made, shapeOf(graph, graph.output)), first * words);
        await onProgress?.((first + size) / count);
      }
      const milliseconds = await timed(file, float, images, output);
      const bytesOf = { file: bytes.length, float: floatBytes.length };
      return { runtime: runtime.name, ...compared(logits, evidence), bytes: bytesOf, milliseconds };
    } finally {
      await float.close();
    }
  } finally {
    await file.close();
  }
}

/** Images in the file's order, channels first. */
class FileImages {
  readonly dims: Shape;

  constructor(
    private readonly evidence: Evidence,
    private readonly shape: Shape,
  ) {
    this.dims = ordered(shape, "first");
  }

  read(first: number, count: number): Float32Array {
    const data = this.evidence.images(first, count);
    if (this.shape.length !== 3) return data;
    const c = this.shape[2] as number;
    return turned(data, sizeOf(this.shape) / c, c);
  }
}

/** A file's values of several images, of which one has `shape` here, in our order. */
function channelsLast(data: Float32Array, shape: Shape): Float32Array {
  if (shape.length !== 3) return data;
  const c = shape[2] as number;
  return turned(data, c, sizeOf(shape) / c);
}

/** [images, rows, columns] to [images, columns, rows]. */
function turned(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let image = 0; image < data.length; image += rows * columns)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) out[image + column * rows + row] = data[image + row * columns + column] as number;
  return out;
}

/** Runs of each file that are timed, in turns, at most for so long. */
const TIMED_RUNS = 30;
const TIMED_MILLISECONDS = 3000;

/** The median time of one image. */
async function timed(file: OpenFile, float: OpenFile, images: FileImages, output: string): Promise<Pair> {
  const image = images.read(0, 1);
  const times: { file: number[]; float: number[] } = { file: [], float: [] };
  const started = performance.now();
  for (let run = -2; run < TIMED_RUNS && (run < 1 || performance.now() - started < TIMED_MILLISECONDS); run++)
    for (const [name, one] of [["file", file] as const, ["float", float] as const]) {
      const before = performance.now();
      await one.run(image, images.dims, output);
      if (run >= 0) times[name].push(performance.now() - before);
    }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;
  return { file: median(times.file), float: median(times.float) };
}
