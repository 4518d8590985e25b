/**
 * A prediction: every output of a network for every image, as whoever runs the network's file sees it: under the output's name
 * and in the file's own layout. It is the very forward pass that a run measures accuracy with, batch normalization folded, so
 * that what it gives can be held against any other runtime.
 */
import { BadInput } from "../../base/errors";
import type { ImageSet } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import { shapeOf } from "../../graph/queries";
import { type FileOutput, type Graph, type Shape, sizeOf, type ValueId } from "../../graph/types";
import { agreement, argmax } from "../../network/evaluate";
import { forward } from "../../network/forward";
import type { Overrides } from "../../network/quantized";

/** One output for all images. */
export interface PredictedOutput {
  /** What the file calls it. */
  readonly name: string;
  /** [images, ...] in the file's layout: [images, classes] for class scores; [images, channels, height, width] where the file is ONNX and the output has height and width. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface PredictOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly set: ImageSet;
  readonly preprocessing: Preprocessing;
  /** What stands for the network's own parameters, where it was quantized here. */
  readonly overrides?: Overrides;
  /** May stop it by throwing. */
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** Numbers of images and outputs that are on the device at once. */
const PART_WORDS = 2 ** 24;
/** Numbers of one output that an array can hold everywhere. */
const MOST = 2 ** 30;

/** @throws BadInput where an output of so many images is too large */
export async function predict(options: PredictOptions): Promise<PredictedOutput[]> {
  const { device, graph, set, preprocessing, overrides = { kernels: new Map() }, onProgress } = options;
  const values = [...new Set(graph.outputs)];
  const outputs = graph.outputs.map((value, i) => outputOf(graph, value, graph.fileOutputs?.[i], set.count));
  const elements = sizeOf(shapeOf(graph, graph.input));
  const words = elements + values.reduce((sum, value) => sum + sizeOf(shapeOf(graph, value)), 0);
  const part = Math.max(1, Math.floor(PART_WORDS / words));
  for (let first = 0; first < set.count; first += part) {
    const count = Math.min(part, set.count - first);
    const images = device.createTensor(count, elements);
    let made: ReadonlyMap<ValueId, DatasetTensor> | null = null;
    try {
      images.write(0, normalize(set, preprocessing, first, count));
      made = await forward({
        ...{ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs: values, ...overrides },
        onProgress: (share) => onProgress?.((first + share * count) / set.count),
      });
      for (const { value, put } of outputs) put(first, await (made.get(value) as DatasetTensor).read(0, count));
    } finally {
      images.dispose();
      for (const tensor of made?.values() ?? []) tensor.dispose();
    }
  }
  return outputs.map(({ name, shape, data }) => ({ name, shape, data }));
}

/**
 * Percent of images whose highest score is their label's, by the output that results are judged on; null without labels, or where
 * it has scores at many positions.
 */
export function judgedAccuracy(graph: Graph, outputs: readonly PredictedOutput[], { labels }: Pick<ImageSet, "labels">): number | null {
  const judged = outputs[graph.outputs.indexOf(graph.output)];
  const classes = shapeOf(graph, graph.output).at(-1) as number;
  if (!judged || !labels || labels.length * classes !== judged.data.length) return null;
  return agreement(argmax(judged.data, classes), labels);
}

/** Outputs as whoever runs the file sees them: names, and shapes without the batch. */
export function seenOutputs(graph: Graph): { readonly name: string; readonly shape: Shape }[] {
  return graph.outputs.map((value, i) => seenOutput(graph, value, graph.fileOutputs?.[i]));
}

function seenOutput(graph: Graph, value: ValueId, file: FileOutput | undefined): { readonly name: string; readonly shape: Shape } {
  const own = shapeOf(graph, value);
  const [h, w, c] = own as [number, number, number];
  return { name: file?.name ?? value, shape: file?.channelsFirst && own.length === 3 ? [c, h, w] : own };
}

interface GrowingOutput extends PredictedOutput {
  readonly value: ValueId;
  /** Takes the values of the images from `first` on, in our layout. */
  put(first: number, values: Float32Array): void;
}

function outputOf(graph: Graph, value: ValueId, file: FileOutput | undefined, count: number): GrowingOutput {
  const own = shapeOf(graph, value);
  const { name, shape } = seenOutput(graph, value, file);
  const size = sizeOf(own);
  if (count * size > MOST)
    throw new BadInput(
      `Output "${name}" of ${graph.name} makes ${size} numbers an image, too many for ${count} images at once; predict at most ${Math.floor(MOST / size)} images.`,
    );
  const turned = file?.channelsFirst === true && own.length === 3;
  const [h, w, c] = own as [number, number, number];
  const data = new Float32Array(count * size);
  const put = (first: number, values: Float32Array) => {
    if (!turned) return data.set(values, first * size);
    for (let at = 0; at < values.length; at += size)
      for (let position = 0; position < h * w; position++)
        for (let channel = 0; channel < c; channel++)
          data[first * size + at + channel * h * w + position] = values[at + position * c + channel] as number;
  };
  return { name, shape: [count, ...shape], data, value, put };
}
