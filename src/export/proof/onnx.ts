/**
 * The proof of an exported ONNX file: onnxruntime runs it, as it would run it for anybody, on images that the lab judged the
 * network on, and its logits are held against the lab's.
 *
 * Sums are added up in another order there. With quantized activations, one that lies within this rounding of the middle between
 * two levels may go to the other level; so logits differ now and then by a little. How much is right, as a root mean square:
 *  - Typically (the median over images) no more than 1e-4 of the largest logit; with quantized activations no more than a quarter
 *    of what quantization itself changes.
 *  - Another class is highest only where the lab's two highest logits are nearer than the tolerance: twice the largest
 *    difference, where that is at most 1e-4 of the largest logit, or with quantized activations what quantization changes.
 */
import { shapeOf } from "../../graph/queries";
import { type Shape, sizeOf } from "../../graph/types";
import { agreement, argmax } from "../../network/evaluate";
import { emptyNetwork, type QuantizedNetwork } from "../../quantize/methods/method";
import type { Evidence } from "../artifact";
import { nameOf } from "../names";
import { ordered } from "../onnx/emitter";
import { writeOnnx } from "../onnx/write";
import { type NamedRuntime, type OpenFile, openFile } from "./runtime";

/** Of the exported file and of the float file, in that order. */
export interface Pair {
  readonly file: number;
  readonly float: number;
}

export interface OnnxProof {
  /** What ran it. */
  readonly runtime: string;
  readonly images: number;
  /** Images where another class is highest than in the lab, and those among them beyond the tolerance. */
  readonly differing: number;
  readonly beyond: number;
  /** Of the lab's two highest logits. */
  readonly tolerance: number;
  /** The largest logit difference; an image's root mean square, typically, and what is right for it. */
  readonly largest: number;
  readonly typical: number;
  readonly limit: number;
  /** The largest logit's magnitude. */
  readonly scale: number;
  /** Percent of the images, by the file and by the lab; null without labels. */
  readonly accuracy: { readonly file: number; readonly lab: number } | null;
  readonly bytes: Pair;
  /** An image, one at a time. */
  readonly milliseconds: Pair;
  readonly passed: boolean;
}

/** As many images are run. */
export const PROOF_IMAGES = 512;

/** Share of the largest logit that sums in another order may change. */
const SUMS = 1e-4;
/** Share of quantization's own change of logits that activations at the middle between two levels may change, typically. */
const TIES = 0.25;
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
  const count = Math.min(PROOF_IMAGES, evidence.count);
  const file = await openFile(runtime.runtime, bytes, "deployed");
  try {
    const float = await openFile(runtime.runtime, floatBytes, "deployed");
    try {
      const logits = new Float32Array(count * evidence.classes);
      const batch = Math.max(1, Math.floor(BATCH / sizeOf(images.dims)));
      for (let first = 0; first < count; first += batch) {
        const size = Math.min(batch, count - first);
        logits.set(await file.run(images.read(first, size), images.dims, output), first * evidence.classes);
        await onProgress?.((first + size) / count);
      }
      const milliseconds = await timed(file, float, images, output);
      const bytesOf = { file: bytes.length, float: floatBytes.length };
      return { runtime: runtime.name, ...compared(logits, evidence, network.quantizers.size > 0), bytes: bytesOf, milliseconds };
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
    const size = sizeOf(this.shape);
    const c = this.shape[2] as number;
    const positions = size / c;
    const out = new Float32Array(data.length);
    for (let image = 0; image < count; image++)
      for (let p = 0; p < positions; p++)
        for (let i = 0; i < c; i++) out[image * size + i * positions + p] = data[image * size + p * c + i] as number;
    return out;
  }
}

type Compared = Omit<OnnxProof, "runtime" | "bytes" | "milliseconds">;

/** A file's logits of the first images against the lab's. */
export function compared(
  logits: Float32Array,
  { classes, labels, ...evidence }: Pick<Evidence, "classes" | "labels" | "logits" | "fullPrecision">,
  activations: boolean,
): Compared {
  const images = logits.length / classes;
  const lab = evidence.logits.subarray(0, logits.length);
  let [scale, change] = [0, 0];
  lab.forEach((value, i) => {
    scale = Math.max(scale, Math.abs(value));
    change += (value - (evidence.fullPrecision[i] as number)) ** 2;
  });
  change = Math.sqrt(change / lab.length);
  const differences = Array.from({ length: images }, (_, image) => differenceOf(logits, lab, image * classes, classes));
  const largest = Math.max(...differences.map((one) => one.largest));
  const typical = differences.map((one) => one.square).sort((a, b) => a - b)[images >> 1] as number;
  const limit = activations ? Math.max(SUMS * scale, TIES * change) : SUMS * scale;
  const tolerance = 2 * Math.min(largest, activations ? Math.max(SUMS * scale, change) : SUMS * scale);
  const [found, expected] = [argmax(logits, classes), argmax(lab, classes)];
  const other = [...expected.keys()].filter((image) => found[image] !== expected[image]);
  const beyond = other.filter((image) => marginOf(lab.subarray(image * classes, (image + 1) * classes)) > tolerance).length;
  const truth = labels?.subarray(0, images);
  return {
    ...{ images, differing: other.length, beyond, tolerance, largest, typical, limit, scale },
    accuracy: truth ? { file: agreement(found, truth), lab: agreement(expected, truth) } : null,
    passed: typical <= limit && beyond === 0,
  };
}

/** Within an image, the largest and the root mean square; what is no number counts as infinite. */
function differenceOf(a: Float32Array, b: Float32Array, from: number, count: number): { largest: number; square: number } {
  let [largest, sum] = [0, 0];
  for (let i = from; i < from + count; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    const own = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    largest = Math.max(largest, own);
    sum += own * own;
  }
  return { largest, square: Math.sqrt(sum / count) };
}

/** By how much the highest of an image's logits is above the next. */
function marginOf(logits: Float32Array): number {
  const [first = 0, second = first] = [...logits].sort((a, b) => b - a);
  return first - second;
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
