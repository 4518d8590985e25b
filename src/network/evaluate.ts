/** Class scores of a network and the accuracy that follows from them. */
import type { DatasetTensor, Device } from "../engine/device";
import type { Graph } from "../graph/types";
import { forward } from "./forward";
import type { Overrides } from "./quantized";

export interface Scores {
  readonly classes: number;
  /** [images, classes] */
  readonly logits: Float32Array;
  /** The class of the highest score of each image; the first of equals. */
  readonly predictions: Int32Array;
}

export async function score(
  device: Device,
  graph: Graph,
  images: DatasetTensor,
  overrides: Overrides,
  onProgress?: (share: number) => void | Promise<void>,
): Promise<Scores> {
  const inputs = new Map([[graph.input, images]]);
  const options = { device, graph, nodes: graph.nodes, inputs, outputs: [graph.output], ...overrides };
  const tensors = await forward(onProgress ? { ...options, onProgress } : options);
  const tensor = tensors.get(graph.output) as DatasetTensor;
  const logits = await tensor.read(0, tensor.count);
  tensor.dispose();
  return { classes: tensor.elements, logits, predictions: argmax(logits, tensor.elements) };
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

/** Percent of positions at which two lists of classes agree. */
export function agreement(a: Int32Array, b: Int32Array): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return (100 * same) / a.length;
}
