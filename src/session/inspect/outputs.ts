/**
 * What one value of the network is in its three versions, on a sample of images: errors by channel and by position, and the
 * feature maps of one image. Only what the value depends on is run.
 */
import type { ImageSet } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import { totalMacs } from "../../graph/macs";
import { producersOf, shapeOf } from "../../graph/queries";
import { type Graph, isLayer, type Node, type Shape, sizeOf, type ValueId } from "../../graph/types";
import { forward } from "../../network/forward";
import type { Overrides } from "../../network/quantized";
import type { MapGrid, OutputError } from "./inspection";

/** A network and the value of it that is looked at. */
export interface Watched {
  readonly graph: Graph;
  readonly value: ValueId;
  readonly overrides: Overrides;
}

/** At full precision. */
export const FULL: Overrides = { kernels: new Map() };

/** Images that errors are measured on at most; numbers of the outputs of all of them; multiply-accumulates for one network. */
const [IMAGES, WORDS, MACS] = [64, 2 ** 25, 8e9];

/** As many images as are a matter of seconds: about one a network on two cores. */
export function sampleSize({ graph, value }: Watched): number {
  const macs = totalMacs(graph, nodesBefore(graph, value).filter(isLayer));
  const most = Math.min(IMAGES, WORDS / sizeOf(shapeOf(graph, value)), MACS / Math.max(1, macs));
  return Math.max(1, Math.floor(most));
}

/** The nodes that a value depends on, its own among them, in order. */
export function nodesBefore(graph: Graph, value: ValueId): Node[] {
  const producers = producersOf(graph.nodes);
  const needed = new Set<Node>();
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = producers.get(next);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    waiting.push(...node.inputs);
  }
  return graph.nodes.filter((node) => needed.has(node));
}

/** The value for every image, [images, ...its shape]; may be stopped by throwing from `breathe`. */
export async function valuesOf(
  device: Device,
  { graph, value, overrides }: Watched,
  set: ImageSet,
  preprocessing: Preprocessing,
  breathe: () => void | Promise<void>,
): Promise<Float32Array> {
  const images = device.createTensor(set.count, sizeOf(shapeOf(graph, graph.input)));
  try {
    images.write(0, normalize(set, preprocessing, 0, set.count));
    const inputs = new Map([[graph.input, images]]);
    const made = await forward({ device, graph, nodes: nodesBefore(graph, value), inputs, outputs: [value], onProgress: breathe, ...overrides });
    const tensor = made.get(value) as DatasetTensor;
    const values = await tensor.read(0, set.count);
    tensor.dispose();
    return values;
  } finally {
    images.dispose();
  }
}

/** Rows and columns that a map is reduced to at most. */
const SIDE = 256;

/** The positions of a value, channels last, as rows and columns: of a sequence one row, of a vector one position. */
export function mapGrid(shape: Shape): MapGrid & { readonly height: number; readonly width: number } {
  const before = shape.slice(0, -1);
  const width = before.at(-1) ?? 1;
  const height = sizeOf(before) / width;
  const cell = Math.max(1, Math.ceil(Math.max(height, width) / SIDE));
  return { height, width, rows: Math.ceil(height / cell), columns: Math.ceil(width / cell), cell };
}

/** Means over the cells of a grid of values that are given by position. @param at of position y * width + x */
export function byCells(shape: Shape, at: (position: number) => number): Float32Array {
  const { height, width, rows, columns, cell } = mapGrid(shape);
  const [sums, counts] = [new Float64Array(rows * columns), new Float64Array(rows * columns)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const to = Math.floor(y / cell) * columns + Math.floor(x / cell);
      sums[to] = (sums[to] as number) + at(y * width + x);
      counts[to] = (counts[to] as number) + 1;
    }
  return Float32Array.from(sums, (sum, i) => sum / (counts[i] as number));
}

/** One image's map of a channel. @param first where the image's values begin */
export function channelMap(values: Float32Array, shape: Shape, first: number, channel: number): Float32Array {
  const channels = shape.at(-1) as number;
  return byCells(shape, (position) => values[first + position * channels + channel] as number);
}

/** Mean square of each channel over the first `count` images. */
export function powerByChannel(values: Float32Array, shape: Shape, count: number): Float32Array {
  const channels = shape.at(-1) as number;
  const sums = new Float64Array(channels);
  const length = count * sizeOf(shape);
  for (let i = 0; i < length; i++) sums[i % channels] = (sums[i % channels] as number) + (values[i] as number) ** 2;
  return Float32Array.from(sums, (sum) => (sum * channels) / length);
}

/** How far values are from the reference's over the first `count` images. */
export function errorOf(reference: Float32Array, values: Float32Array, shape: Shape, count: number): OutputError {
  const channels = shape.at(-1) as number;
  const size = sizeOf(shape);
  const positions = size / channels;
  const [channelSums, positionSums] = [new Float64Array(channels), new Float64Array(positions)];
  let [energy, error] = [0, 0];
  for (let image = 0; image < count; image++)
    for (let position = 0; position < positions; position++)
      for (let channel = 0; channel < channels; channel++) {
        const i = image * size + position * channels + channel;
        const full = reference[i] as number;
        const square = ((values[i] as number) - full) ** 2;
        energy += full * full;
        error += square;
        channelSums[channel] = (channelSums[channel] as number) + square;
        positionSums[position] = (positionSums[position] as number) + square;
      }
  return {
    noise: energy === 0 ? null : error / energy,
    byChannel: Float32Array.from(channelSums, (sum) => sum / (count * positions)),
    byPosition: byCells(shape, (position) => (positionSums[position] as number) / (count * channels)),
  };
}
