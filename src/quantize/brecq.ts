/**
 * BRECQ (Li et al., ICLR 2021): weights quantized unit by unit in topological order, each unit's rounding
 * trained to reproduce its full-precision output.
 *
 * The unit's input comes from the network quantized so far (`asym`), so that later units make up for
 * earlier ones. First and last layer are 8 bit; the first is rounded to nearest, the last reconstructed
 * alone.
 */
import type { Bank, Device } from "../engine/device";
import type { Storage } from "../engine/storage";
import type { Graph, Layer } from "../graph/types";
import { layersOf } from "../graph/walk";
import { fisherWeights, logitsOf } from "../network/fisher";
import { forward } from "../network/forward";
import type { Kernels } from "../network/lower";
import type { Segment, UnitKind } from "../passes/partition";
import { type Grid, levelsOf, quantizeNearest } from "./quantizer";
import { type LossSamples, type Reconstruction, reconstruct } from "./reconstruct";
import { type GridOptions, gridOf, type ScaleMethod } from "./scale";
import { Streams } from "./streams";
import { stepsOf, unitsOf } from "./units";

export const LOSS_KINDS = ["mse", "fisher_diag", "fisher_diag_damped", "fisher_full"] as const;
/** What each loss weighs errors by. */
const FISHER_WEIGHTS = { mse: "square", fisher_diag: "square", fisher_diag_damped: "dampedSquare", fisher_full: "damped" } as const;

export type LossKind = (typeof LOSS_KINDS)[number];

/** Bits of the first and last layer. */
export const END_BITS = 8;

export interface BrecqOptions {
  readonly device: Device;
  readonly graph: Graph;
  /** Preprocessed calibration images, [count, height * width * channels]. */
  readonly images: Bank;
  readonly grids: ReadonlyMap<Layer, Grid>;
  readonly unit: UnitKind;
  readonly loss: LossKind;
  /** Whether a unit sees the quantized network's output as its input. */
  readonly asym: boolean;
  readonly iterations: number;
  readonly learningRate: number;
  readonly regularizer: number;
  readonly batch: number;
  readonly seed: number;
  /** How cached activations are stored. */
  readonly cache: Storage;
  readonly observer: BrecqObserver;
}

export interface BrecqObserver {
  unitStarted(unit: Segment, index: number, count: number): void | Promise<void>;
  losses(samples: LossSamples): void | Promise<void>;
  unitDone(unit: Segment, result: Reconstruction): void | Promise<void>;
}

/**
 * Grids for every layer: `bits`, but 8 for the first and last. The search takes seconds on large networks;
 * `onLayer` is called with the share that is done and may stop it by throwing.
 */
export async function weightGrids(
  graph: Graph,
  bits: number,
  method: ScaleMethod,
  options: GridOptions = {},
  onLayer: (share: number) => void | Promise<void> = () => {},
): Promise<Map<Layer, Grid>> {
  const layers = layersOf(graph);
  const grids = new Map<Layer, Grid>();
  for (const [i, layer] of layers.entries()) {
    const { kernel } = layer.operation;
    const own = i === 0 || i === layers.length - 1 ? END_BITS : bits;
    grids.set(layer, gridOf(kernel.data, kernel.shape.at(-1) as number, own, method, options));
    await onLayer((i + 1) / layers.length);
  }
  return grids;
}

/** Every layer rounded to nearest: the baseline. */
export function nearestKernels(grids: ReadonlyMap<Layer, Grid>): Map<string, Float32Array> {
  return new Map([...grids].map(([layer, grid]) => [layer.name, quantizeNearest(layer.operation.kernel.data, grid)]));
}

/** Hard-rounded kernels of every layer, by name. */
export async function brecq(options: BrecqOptions): Promise<Map<string, Float32Array>> {
  const { device, graph, images, grids, observer } = options;
  const segments = stepsOf(graph, options.unit);
  const units = unitsOf(graph, segments);
  const first = layersOf(graph)[0];
  const streams = new Streams(graph, segments, images);
  const kernels = new Map<string, Float32Array>();
  if (first) kernels.set(first.name, quantizeNearest(first.operation.kernel.data, grids.get(first) as Grid));
  const reference = options.loss === "mse" ? null : await referenceLogits(options);
  try {
    for (let index = 0; index < segments.length; index++) {
      const segment = segments[index] as Segment;
      const full = await forward({
        device,
        graph,
        nodes: segment.nodes,
        inputs: streams.pick("full", segment.inputs),
        outputs: segment.outputs,
        kernels: new Map(),
        storage: options.cache,
      });
      for (const [value, bank] of full) streams.full.set(value, bank);
      if (options.asym) streams.release("full", index, segment.outputs);
      await streams.settle(device);
      if (units.includes(segment)) {
        await observer.unitStarted(segment, units.indexOf(segment), units.length);
        const result = await reconstructSegment(options, segments, index, streams, kernels, reference);
        for (const [name, kernel] of result.kernels) kernels.set(name, kernel);
        await observer.unitDone(segment, result);
      }
      const inputs = streams.pick("quantized", segment.inputs);
      const quantized = await forward({ device, graph, nodes: segment.nodes, inputs, outputs: segment.outputs, kernels, storage: options.cache });
      for (const [value, bank] of quantized) streams.quantized.set(value, bank);
      streams.release("full", index);
      streams.release("quantized", index);
    }
  } finally {
    streams.dispose();
    reference?.dispose();
  }
  return kernels;
}

async function reconstructSegment(
  options: BrecqOptions,
  segments: readonly Segment[],
  index: number,
  streams: Streams,
  kernels: Kernels,
  reference: Bank | null,
): Promise<Reconstruction> {
  const { device, graph, grids, observer, batch, seed } = options;
  const unit = segments[index] as Segment;
  const layers = new Map([...grids].filter(([layer]) => unit.layers.includes(layer) && !kernels.has(layer.name)));
  const weights = reference ? await unitFisher(options, segments, index, streams, kernels, reference) : null;
  try {
    return await reconstruct({
      device,
      graph,
      unit,
      layers,
      kernels,
      inputs: streams.pick(options.asym ? "quantized" : "full", unit.inputs),
      target: streams.full.get(unit.output) as Bank,
      weights,
      error: options.loss === "fisher_full" ? "full" : "squared",
      schedule: { iterations: options.iterations, learningRate: options.learningRate, regularizer: options.regularizer },
      batch,
      seed,
      onLosses: (samples) => observer.losses(samples),
    });
  } finally {
    weights?.bank.dispose();
  }
}

async function referenceLogits({ device, graph, images }: BrecqOptions): Promise<Bank> {
  const value = logitsOf(graph);
  const banks = await forward({ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs: [value], kernels: new Map() });
  return banks.get(value) as Bank;
}

/** Fisher weights at the point where the unit's rounding starts: full precision, clamped to the grid. */
async function unitFisher(
  { device, graph, grids, loss, cache }: BrecqOptions,
  segments: readonly Segment[],
  index: number,
  streams: Streams,
  kernels: Kernels,
  reference: Bank,
): Promise<{ bank: Bank; scale: number }> {
  const unit = segments[index] as Segment;
  const start = new Map(kernels);
  for (const layer of unit.layers)
    if (!start.has(layer.name)) start.set(layer.name, clampedKernel(layer.operation.kernel.data, grids.get(layer) as Grid));
  const made = await forward({
    device,
    graph,
    nodes: unit.nodes,
    inputs: streams.pick("quantized", unit.inputs),
    outputs: unit.outputs,
    kernels: start,
    storage: cache,
  });
  try {
    const inputs = new Map([...streams.pick("quantized", streams.passing(index)), ...made]);
    const tail = segments.slice(index + 1).flatMap(({ nodes }) => nodes);
    return await fisherWeights({
      device,
      graph,
      tail,
      inputs,
      output: unit.output,
      reference,
      kernels: new Map(),
      weight: FISHER_WEIGHTS[loss],
    });
  } finally {
    for (const bank of made.values()) bank.dispose();
  }
}

/** The weights that a rounding starts from: full precision, but within the grid's range. */
export function clampedKernel(weights: Float32Array, grid: Grid): Float32Array {
  const channels = grid.scale.length;
  const top = levelsOf(grid.bits) - 1;
  return weights.map((w, i) => {
    const scale = grid.scale[i % channels] as number;
    const zero = grid.zero[i % channels] as number;
    return Math.min(top, Math.max(0, w / scale + zero)) * scale - zero * scale;
  });
}
