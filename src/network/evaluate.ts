/** Class scores of a network and the accuracy that follows from them. */
import { VOID_LABEL } from "../base/void-label";
import type { DatasetTensor, Device } from "../engine/device";
import { shapeOf } from "../graph/queries";
import { type Graph, sizeOf } from "../graph/types";
import { forward } from "./forward";
import type { Overrides } from "./quantized";

export interface Scores {
  readonly classes: number;
  /** Positions of an image that have scores of their own: 1 for classification, height times width for segmentation. */
  readonly positions: number;
  /** [images, classes]; empty where there are many positions, for those of a whole data set would not fit in memory. */
  readonly logits: Float32Array;
  /** [images, positions]: the class of the highest score; the first of equals. */
  readonly predictions: Int32Array;
}

/** Scores of many positions are computed for parts of the images that make so many numbers. */
const PART_WORDS = 2 ** 24;

/** What the network's judged output says of every image. */
export async function score(
  device: Device,
  graph: Graph,
  images: DatasetTensor,
  overrides: Overrides,
  onProgress?: (share: number) => void | Promise<void>,
): Promise<Scores> {
  const shape = shapeOf(graph, graph.output);
  const classes = shape.at(-1) as number;
  const positions = sizeOf(shape) / classes;
  if (positions === 1) {
    const logits = await logitsOf(device, graph, images, overrides, onProgress);
    return { classes, positions, logits, predictions: argmax(logits, classes) };
  }
  const predictions = new Int32Array(images.count * positions);
  const part = Math.max(1, Math.floor(PART_WORDS / (classes * positions)));
  for (let first = 0; first < images.count; first += part) {
    const count = Math.min(part, images.count - first);
    const some = device.createTensor(count, images.elements);
    try {
      some.write(0, await images.read(first, count));
      const report = onProgress && ((share: number) => onProgress((first + share * count) / images.count));
      predictions.set(argmax(await logitsOf(device, graph, some, overrides, report), classes), first * positions);
    } finally {
      some.dispose();
    }
  }
  return { classes, positions, logits: new Float32Array(0), predictions };
}

/** The judged output of every image, [images, positions, classes]. */
export async function logitsOf(
  device: Device,
  graph: Graph,
  images: DatasetTensor,
  overrides: Overrides,
  onProgress?: (share: number) => void | Promise<void>,
): Promise<Float32Array> {
  const inputs = new Map([[graph.input, images]]);
  const options = { device, graph, nodes: graph.nodes, inputs, outputs: [graph.output], ...overrides };
  const tensors = await forward(onProgress ? { ...options, onProgress } : options);
  const tensor = tensors.get(graph.output) as DatasetTensor;
  const values = await tensor.read(0, tensor.count);
  tensor.dispose();
  return values;
}

export function argmax(logits: Float32Array, classes: number): Int32Array {
  const predictions = new Int32Array(logits.length / classes);
  for (let i = 0; i < predictions.length; i++) {
    let best = 0;
    for (let j = 1; j < classes; j++) if ((logits[i * classes + j] as number) > (logits[i * classes + best] as number)) best = j;
    predictions[i] = best;
  }
  return predictions;
}

/** Percent of places at which two lists of classes agree. */
export function agreement(a: Int32Array, b: Int32Array): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return (100 * same) / a.length;
}

/** Percent of labelled positions that have the right class. */
export function pixelAccuracy(predictions: Int32Array, labels: Int32Array): number {
  let [same, judged] = [0, 0];
  labels.forEach((label, i) => {
    if (label === VOID_LABEL) return;
    judged++;
    if (predictions[i] === label) same++;
  });
  return judged === 0 ? 0 : (100 * same) / judged;
}

/**
 * Mean intersection over union in percent, over the classes that occur among labels or predictions (Everingham et al.,
 * The Pascal Visual Object Classes Challenge, 2010, section 4.5).
 */
export function meanIou(predictions: Int32Array, labels: Int32Array, classes: number): number {
  const [both, either] = [new Float64Array(classes), new Float64Array(classes)];
  labels.forEach((label, i) => {
    const found = predictions[i] as number;
    if (label === VOID_LABEL) return;
    for (const one of found === label ? [label] : [label, found]) either[one] = (either[one] as number) + 1;
    if (found === label) both[label] = (both[label] as number) + 1;
  });
  const present = [...either.keys()].filter((one) => (either[one] as number) > 0);
  return (100 * present.reduce((sum, one) => sum + (both[one] as number) / (either[one] as number), 0)) / Math.max(1, present.length);
}
