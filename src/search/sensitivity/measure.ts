/**
 * Measures the sensitivity table (BRECQ, section 3.4): for each layer and width the error of its block's output with
 * only that layer quantized, weighed by the Fisher information there (meter.ts); for each pair of layers of a block the same at the
 * lowest width; and, where activations are searched, the same with only one of them rounded.
 *
 * The information is that of the network at full precision (curvature.ts), so a loss is about the divergence from it, and
 * blocks add up. Layers are rounded to nearest for a quick look, or reconstructed at each width; then
 * on images that the error is not measured on, since a rounding fits the images it was trained on better than others.
 */

import { BadInput } from "../../base/errors";
import { Random } from "../../base/random";
import type { DatasetTensor, Device } from "../../engine/device";
import type { ScaleSearch } from "../../engine/scale-search";
import { shapeOf } from "../../graph/queries";
import { type Graph, type Layer, sizeOf, type ValueId } from "../../graph/types";
import { FISHER_BATCH, fisherWeights, logitsOf } from "../../network/fisher";
import { forward } from "../../network/forward";
import type { ActivationQParams } from "../../network/quantized";
import { partition, type Segment } from "../../passes/partition";
import { activationQParamsOf, firstImages } from "../../quantize/activations";
import { type QParams, quantizeNearest } from "../../quantize/quantizer";
import { qparamsOf } from "../../quantize/scale";
import type { ScaleMethod } from "../../quantize/settings";
import { Streams } from "../../quantize/streams";
import { reconstruct } from "../../quantize/training/reconstruct";
import type { ScheduleOptions } from "../../quantize/training/schedule";
import type { WeightOptions } from "../../quantize/weight-qparams";
import { type FisherProfile, outputGradients, profileOf } from "./curvature";
import { type Entry, planEntries } from "./entries";
import { blockMeter } from "./meter";
import { drawProbes } from "./probes";
import type { SensitivityTable } from "./table";
import { hawqLoss, hessianTraces } from "./trace";

/** What has been measured; a measurement that is given one goes on where it stopped. */
export interface Measured {
  /** Loss by entry. */
  readonly losses: Map<string, number>;
  readonly profiles: FisherProfile[];
}

export interface MeasureOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly images: DatasetTensor;
  /** Ascending. */
  readonly bits: readonly number[];
  /** Grids; their bits are the table's. */
  readonly weights: Omit<WeightOptions, "bits">;
  /** Ascending widths of activations; null where they are not searched. */
  readonly activations: { readonly bits: readonly number[]; readonly lastInputBits: 8 | null; readonly scale: ScaleMethod } | null;
  /** Null rounds to nearest. `weighted`: whether the training's errors are weighed by the Fisher information too. */
  readonly training: (ScheduleOptions & { readonly batch: number; readonly weighted: boolean }) | null;
  readonly seed: number;
  readonly known: Measured;
  onEntry?(table: SensitivityTable, done: number, total: number): void | Promise<void>;
  /** Called often, between entries and within them: may stop the measurement by throwing. */
  breathe?(): void | Promise<void>;
}

/** Images that errors are measured on, and that layers are reconstructed on, where memory has room for so many. */
const [MEASURED, TRAINED] = [256, 768];
/** Bytes of the host's memory for one block's output and its gradients. */
const HOST_BYTES = 768 * 2 ** 20;
/** Bytes of the device's memory for the tensors of a block, and how many are there at once: of both sets what it reads, makes and is weighed by. */
const [DEVICE_BYTES, BANKS] = [2 * 2 ** 30, 16];
/** Random probes for each image; the mean over images leaves little to gain from more. */
const PROBES = 4;

/** A set of images on its way through the network at full precision. */
interface ImagePass {
  readonly streams: Streams;
  readonly logits: DatasetTensor;
}

export function nothingMeasured(): Measured {
  return { losses: new Map(), profiles: [] };
}

export async function measureSensitivity(options: MeasureOptions): Promise<SensitivityTable> {
  const { device, graph, images, known, weights: layerQParams } = options;
  const segments = partition(graph, "block");
  const plan = planEntries({
    graph,
    segments,
    bits: options.bits,
    weights: layerQParams,
    activations: options.activations,
  });
  const table = () => plan.table(known.losses);
  if ([...plan.entries, ...plan.predictions].every(({ key }) => known.losses.has(key))) return table();
  const search = layerQParams.scale === "mse" ? await device.openScaleSearch() : null;
  const qparamsAt = rememberedQParams(search, layerQParams, options.breathe ?? (() => {}));
  const owned: DatasetTensor[] = [];
  const passes: ImagePass[] = [];
  const passOver = async (set: DatasetTensor): Promise<ImagePass> => {
    owned.push(set);
    const pass = { streams: new Streams(graph, segments, set), logits: await logitsFor(device, graph, set) };
    owned.push(pass.logits);
    passes.push(pass);
    return pass;
  };
  let done = 0;
  const entryDone = async () => options.onEntry?.(table(), ++done, plan.entries.length);
  try {
    const parts = await split(device, images, options.training !== null, largestOutput(graph, segments));
    const measured = await passOver(parts.measured);
    const trained = parts.trained ? await passOver(parts.trained) : null;
    const unknown = plan.predictions.some(({ key }) => !known.losses.has(key));
    const traces = unknown ? await hessianTraces({ ...options, images: parts.measured, logits: measured.logits, probes: PROBES }) : new Map();
    for (const [index, block] of segments.entries()) {
      for (const { streams } of passes) await advance(device, graph, block, streams);
      await options.breathe?.();
      for (const { key, layer, bits } of plan.predictions.filter(({ layer, key }) => block.layers.includes(layer) && !known.losses.has(key)))
        known.losses.set(key, hawqLoss(layer, await qparamsAt(layer, bits), traces.get(layer) as number));
      const own = plan.entries.filter((entry) => entry.block === block);
      const missing = own.filter(({ key }) => !known.losses.has(key));
      done += own.length - missing.length;
      const context = { options, segments, index, qparamsAt };
      if (missing.length > 0) await measureBlock(context, missing, measured, trained, entryDone);
      for (const { streams } of passes) streams.release("full", index);
    }
  } finally {
    for (const { streams } of passes) streams.dispose();
    for (const tensor of owned) tensor.dispose();
    search?.dispose();
  }
  return table();
}

interface BlockContext {
  readonly options: MeasureOptions;
  readonly segments: readonly Segment[];
  readonly index: number;
  qparamsAt(layer: Layer, bits: number): Promise<QParams>;
}

async function measureBlock(
  context: BlockContext,
  entries: readonly Entry[],
  measured: ImagePass,
  trained: ImagePass | null,
  entryDone: () => Promise<void>,
): Promise<void> {
  const { device, graph, known, training } = context.options;
  const block = context.segments[context.index] as Segment;
  const follows = whatFollows(context, measured);
  const gradients = await outputGradients({ ...context.options, ...follows, output: block.output, logits: measured.logits, probes: PROBES });
  const inputs = measured.streams.pick("full", block.inputs);
  const output = measured.streams.full.get(block.output) as DatasetTensor;
  const common = { device, graph, block, target: await output.read(0, output.count), gradients };
  const meter = await blockMeter({ ...common, inputs });
  const weights = trained && training?.weighted ? await trainingWeights(context, trained) : null;
  try {
    if (!known.profiles.some(({ block: name }) => name === block.name)) known.profiles.push(profileOf(graph, block.name, block.output, gradients));
    for (const entry of entries) {
      const loss = entry.activation
        ? await activationError(context, entry.activation, { ...common, inputs })
        : await meter.error(await quantizedLayers(context, entry, trained, weights));
      known.losses.set(entry.key, loss);
      await entryDone();
    }
  } finally {
    meter.dispose();
    weights?.tensor.dispose();
  }
}

/** The kernels of an entry's layers: nearest, or reconstructed together with all else at full precision. */
async function quantizedLayers(
  { options, segments, index, qparamsAt }: BlockContext,
  { layers: widths }: Entry,
  trained: ImagePass | null,
  weights: { readonly tensor: DatasetTensor; readonly scale: number } | null,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { device, graph, training, seed } = options;
  const block = segments[index] as Segment;
  const layers = new Map<Layer, QParams>();
  for (const [layer, width] of widths) layers.set(layer, await qparamsAt(layer, width));
  if (!training || !trained)
    return new Map([...layers].map(([layer, qparams]) => [layer.name, quantizeNearest(layer.operation.kernel.data, qparams)]));
  const { batch, weighted: _weighted, ...schedule } = training;
  const target = trained.streams.full.get(block.output) as DatasetTensor;
  const { kernels } = await reconstruct({
    ...{ device, graph, unit: block, layers, kernels: new Map(), seed, schedule, weights, target, error: "squared" },
    batch: Math.min(batch, target.count),
    inputs: trained.streams.pick("full", block.inputs),
    onLosses: () => options.breathe?.(),
  });
  return kernels;
}

/** The error with values rounded that the block reads or makes. */
async function activationError(
  { options }: BlockContext,
  { values, bits }: NonNullable<Entry["activation"]>,
  common: Omit<Parameters<typeof blockMeter>[0], "quantizers">,
): Promise<number> {
  const { device, graph } = options;
  const { block } = common;
  const inputs = new Map(common.inputs);
  const quantizers = new Map<ValueId, ActivationQParams>();
  const owned: DatasetTensor[] = [];
  try {
    for (const value of values) {
      const outside = common.inputs.get(value);
      const source =
        outside ?? ((await forward({ ...common, nodes: block.nodes, outputs: [value], kernels: new Map() })).get(value) as DatasetTensor);
      if (!outside) owned.push(source);
      const first = await firstImages(device, source);
      owned.push(first);
      const qparams = await activationQParamsOf(device, first, await first.read(0, first.count), bits, options.activations?.scale ?? "mse");
      if (!outside) {
        quantizers.set(value, qparams);
        continue;
      }
      const rounded = device.createTensor(outside.count, outside.elements);
      owned.push(rounded);
      const whole = { bits, scale: Float32Array.of(qparams.scale), zero: Float32Array.of(qparams.zero) };
      rounded.write(0, quantizeNearest(await outside.read(0, outside.count), whole));
      inputs.set(value, rounded);
    }
    const meter = await blockMeter({ ...common, graph, inputs, quantizers });
    try {
      return await meter.error(new Map());
    } finally {
      meter.dispose();
    }
  } finally {
    for (const tensor of owned) tensor.dispose();
  }
}

/** What comes after a block, and the values at full precision that it reads. */
function whatFollows({ segments, index }: BlockContext, { streams }: ImagePass) {
  const later = segments.slice(index + 1);
  const read = new Set([(segments[index] as Segment).output, ...later.flatMap(({ inputs }) => inputs)]);
  return { tail: later.flatMap(({ nodes }) => nodes), inputs: new Map([...streams.full].filter(([value]) => read.has(value))) };
}

async function trainingWeights(context: BlockContext, trained: ImagePass): Promise<{ tensor: DatasetTensor; scale: number }> {
  const { device, graph, seed } = context.options;
  const value = logitsOf(graph);
  const reference = await drawProbes(device, trained.logits, shapeOf(graph, value).at(-1) as number, new Random(seed, "training probes"));
  try {
    const { output } = context.segments[context.index] as Segment;
    return await fisherWeights({
      device,
      graph,
      ...whatFollows(context, trained),
      output,
      references: new Map([[value, reference]]),
      given: true,
      kernels: new Map(),
      weight: "square",
    });
  } finally {
    reference.dispose();
  }
}

async function advance(device: Device, graph: Graph, { nodes, inputs, outputs }: Segment, streams: Streams): Promise<void> {
  const made = await forward({ device, graph, nodes, inputs: streams.pick("full", inputs), outputs, kernels: new Map() });
  for (const [value, tensor] of made) streams.full.set(value, tensor);
}

async function logitsFor(device: Device, graph: Graph, images: DatasetTensor): Promise<DatasetTensor> {
  const value = logitsOf(graph);
  const made = await forward({ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs: [value], kernels: new Map() });
  return made.get(value) as DatasetTensor;
}

/** The most numbers that one image has in a value between segments. */
function largestOutput(graph: Graph, segments: readonly Segment[]): number {
  return Math.max(...segments.flatMap(({ outputs }) => outputs.map((value) => sizeOf(shapeOf(graph, value)))));
}

/**
 * The images that are measured and, where layers are trained, others to train them on: a quarter and the rest. Large
 * values leave room for fewer; how many depends on the network alone, not on the machine, so that the same recipe
 * measures the same.
 */
async function split(
  device: Device,
  images: DatasetTensor,
  training: boolean,
  largest: number,
): Promise<{ measured: DatasetTensor; trained: DatasetTensor | null }> {
  const room = Math.floor(Math.min(HOST_BYTES / (PROBES + 2), DEVICE_BYTES / BANKS) / (4 * largest));
  const share = training ? Math.ceil(images.count / 4) : images.count;
  const most = Math.max(1, Math.min(MEASURED, share, room));
  const measured = await firstImages(device, images, most > FISHER_BATCH ? most - (most % FISHER_BATCH) : most);
  if (!training) return { measured, trained: null };
  const count = Math.min(TRAINED, images.count - measured.count, Math.max(1, 3 * room));
  if (count < 1) {
    measured.dispose();
    throw new BadInput("Reconstructed sensitivities need at least 2 calibration images, some to train on and others to measure on; add images.");
  }
  const trained = device.createTensor(count, images.elements);
  trained.write(0, await images.read(measured.count, count));
  return { measured, trained };
}

/** Grids by layer and width; the search for scales takes long on large layers. */
function rememberedQParams(
  search: ScaleSearch | null,
  { scale, ...rest }: MeasureOptions["weights"],
  breathe: () => void | Promise<void>,
): BlockContext["qparamsAt"] {
  const found = new Map<string, QParams>();
  return async ({ name, operation: { kernel } }, bits) => {
    const key = `${name}@${bits}`;
    const qparams = found.get(key) ?? (await qparamsOf(kernel.data, kernel.shape.at(-1) as number, bits, scale, rest, search, breathe));
    found.set(key, qparams);
    return qparams;
  };
}
