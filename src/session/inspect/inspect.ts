/**
 * Looks into one layer: its weights at full precision, rounded to nearest and reconstructed, and what the network makes at its
 * output, or at its unit's, in the three versions. The weights are told first, for the output has to be computed.
 */
import { BadInput } from "../../base/errors";
import { rangeOf, toBytes } from "../../data/display";
import { type ImageSet, spread } from "../../data/images";
import type { Preprocessing } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import { codesOf } from "../../export/codes";
import { consumersOf, isActivation, layersOf, shapeOf } from "../../graph/queries";
import { type Graph, type Layer, type Shape, sizeOf, type ValueId } from "../../graph/types";
import { partition, type Segment } from "../../passes/partition";
import { shortName } from "../../passes/short-name";
import type { UnitKind } from "../../passes/unit-kinds";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { type FeatureMaps, type InspectAsk, type Inspection, MAPS, type OutputInspection } from "./inspection";
import { channelMap, errorOf, FULL, mapGrid, powerByChannel, sampleSize, valuesOf, type Watched } from "./outputs";
import { type CodedLayer, inspectWeights } from "./weights";

/** The networks that are compared. */
export interface Networks {
  /** At full precision, batch normalization folded. */
  readonly graph: Graph;
  readonly nearest: QuantizedNetwork;
  /** As a run's method left it, its graph rewritten where the method rewrites (DFQ); null before a run. */
  readonly reconstructed: QuantizedNetwork | null;
  /** What is reconstructed at once. */
  readonly unit: UnitKind;
}

/** The images that results are judged on. */
export interface InspectedImages {
  readonly on: "test" | "calibration";
  readonly preprocessing: Preprocessing;
  /** Those at the places that `select` names, of as many as there are. */
  take(select: (count: number) => readonly number[]): Promise<ImageSet>;
}

export interface InspectOptions {
  readonly ask: InspectAsk;
  readonly networks: Networks;
  /** Null where there are none yet; `withoutImages` says which. */
  readonly images: InspectedImages | null;
  readonly withoutImages: Inspection["withoutOutput"];
  openDevice(): Promise<Device>;
  /** Takes what is found so far. */
  tell(inspection: Inspection): void;
  /** May stop it by throwing. */
  breathe(): void | Promise<void>;
}

/** @throws BadInput where the network has no such layer, channel or image */
export async function inspectLayer(options: InspectOptions): Promise<void> {
  const { ask, networks, images, withoutImages, tell } = options;
  const { graph, nearest, reconstructed, unit } = networks;
  const layer = layerOf(graph, ask.layer);
  const segment = segmentOf(graph, unit, layer);
  checkChannel(layer, ask.channel);
  const coded = (network: QuantizedNetwork): CodedLayer | null => {
    const own = layerOf(network.graph, ask.layer);
    const codes = codesOf(own, network);
    return codes && { layer: own, codes };
  };
  const [first, second] = [coded(nearest), reconstructed && coded(reconstructed)];
  const found: Inspection = {
    ...{ ask, unit: segment.name, reconstructed: reconstructed !== null },
    weights: first && inspectWeights(first, second, ask.channel),
    ...{ output: null, withoutOutput: withoutImages, complete: images === null },
  };
  tell(found);
  if (!images) return;
  await options.breathe();
  tell({ ...found, output: await inspectOutput(options, images, layer, segment), complete: true });
}

async function inspectOutput(
  { ask, networks, openDevice, breathe }: InspectOptions,
  images: InspectedImages,
  layer: Layer,
  segment: Segment,
): Promise<OutputInspection> {
  const { graph, nearest, reconstructed, unit } = networks;
  const { value, activated } = ask.at === "layer" ? whatIsRead(graph, layer) : { value: segment.output, activated: false };
  const full: Watched = { graph, value, overrides: FULL };
  const shape = shapeOf(graph, value);
  checkMaps(layer, shape, ask.maps);
  const { set, count, of } = await takeSample(images, sampleSize(full), ask.image);
  // A rewritten network computes the same in other units, so that it is measured against itself at full precision.
  const rewritten = reconstructed !== null && reconstructed.graph !== graph;
  const own = rewritten ? layerOf(reconstructed.graph, ask.layer) : layer;
  const ownUnit = rewritten ? segmentOf(reconstructed.graph, unit, own) : segment;
  const ownValue = ask.at === "layer" ? whatIsRead(networks.reconstructed?.graph ?? graph, own).value : ownUnit.output;
  const device = await openDevice();
  try {
    const values = (watched: Watched) => valuesOf(device, watched, set, images.preprocessing, breathe);
    const reference = await values(full);
    const rounded = await values({ ...full, overrides: nearest });
    const rebuilt = reconstructed && (await values({ graph: reconstructed.graph, value: ownValue, overrides: reconstructed }));
    const ownReference = rewritten ? await values({ graph: reconstructed.graph, value: ownValue, overrides: FULL }) : reference;
    const { rows, columns, cell } = mapGrid(shape);
    const at = (place: number) => place * sizeOf(shape);
    const shown = at(set.count - 1);
    return {
      ...{ at: ask.at, activated, shape, images: count, of, on: images.on, grid: { rows, columns, cell } },
      signal: powerByChannel(reference, shape, count),
      nearest: errorOf(reference, rounded, shape, count),
      reconstructed: rebuilt && errorOf(ownReference, rebuilt, shape, count),
      maps: {
        picture: pictureOf(set),
        channels: (ask.maps ?? worstChannels(reference, rounded, shape, shown)).map((channel) => ({
          channel,
          full: channelMap(reference, shape, shown, channel),
          nearest: channelMap(rounded, shape, shown, channel),
          reconstructed: rebuilt && channelMap(rebuilt, shape, shown, channel),
          reference: channelMap(ownReference, shape, shown, channel),
        })),
      },
    };
  } finally {
    device.dispose();
  }
}

/**
 * What the network reads of a layer: where an activation alone follows, its output. What a ReLU cuts off is free to be wrong, and
 * reconstruction leaves it so.
 */
function whatIsRead(graph: Graph, { output }: Layer): { readonly value: ValueId; readonly activated: boolean } {
  const readers = consumersOf(graph.nodes).get(output) ?? [];
  const [only] = readers;
  if (!only || readers.length > 1 || output === graph.output || !isActivation(only)) return { value: output, activated: false };
  return { value: only.output, activated: true };
}

/** The sample that errors are measured on, and after it the image whose maps are shown. */
async function takeSample(images: InspectedImages, most: number, image: number): Promise<{ set: ImageSet; count: number; of: number }> {
  let [count, of] = [0, 0];
  const set = await images.take((all) => {
    if (!(image >= 0 && image < all)) throw new BadInput(`There is no image ${image}; there are ${all}, counted from 0.`);
    const places = spread(all, most);
    [count, of] = [places.length, all];
    return [...places, image];
  });
  return { set, count, of };
}

/** The channels of one image that differ most, the worst first. */
function worstChannels(reference: Float32Array, values: Float32Array, shape: Shape, first: number): number[] {
  const size = sizeOf(shape);
  const { byChannel } = errorOf(reference.subarray(first, first + size), values.subarray(first, first + size), shape, 1);
  return Array.from(byChannel.keys())
    .sort((a, b) => (byChannel[b] as number) - (byChannel[a] as number) || a - b)
    .slice(0, MAPS);
}

/** The last image of a set, for a screen. */
function pictureOf(set: ImageSet): FeatureMaps["picture"] {
  const { height, width, channels, classNames, labels, labelSize } = set;
  const size = height * width * channels;
  const pixels = set.pixels.slice((set.count - 1) * size, set.count * size);
  const label = labels && !labelSize ? (labels[set.count - 1] as number) : null;
  return {
    ...{ height, width, channels },
    // Numbers that came preprocessed are shown from their least, black, to their greatest, white.
    pixels: pixels instanceof Float32Array ? toBytes(pixels, rangeOf(pixels)) : pixels,
    label: label === null ? null : (classNames?.[label] ?? `class ${label}`),
  };
}

function layerOf(graph: Graph, name: string): Layer {
  const layer = layersOf(graph).find((one) => one.name === name);
  if (!layer) throw new BadInput(`${graph.name} has no layer "${name}".`);
  return layer;
}

function segmentOf(graph: Graph, unit: UnitKind, layer: Layer): Segment {
  const segment = partition(graph, unit).find(({ layers }) => layers.some(({ name }) => name === layer.name));
  if (!segment) throw new Error(`Layer ${layer.name} is in no segment`);
  return segment;
}

function checkChannel({ name, operation }: Layer, channel: number | null): void {
  const channels = operation.kernel.shape.at(-1) as number;
  if (channel !== null && !(channel >= 0 && channel < channels))
    throw new BadInput(`${shortName(name)} has no output channel ${channel}; it has ${channels}, counted from 0.`);
}

function checkMaps({ name }: Layer, shape: Shape, maps: readonly number[] | null): void {
  const channels = shape.at(-1) as number;
  if (maps && (maps.length > MAPS || maps.some((channel) => !(channel >= 0 && channel < channels))))
    throw new BadInput(`Feature maps of ${shortName(name)} are shown for at most ${MAPS} of its ${channels} channels.`);
}
