/**
 * What a run will need of memory, told before it starts: the programs are built as they will be, without
 * data, and the caches are followed as the visit of units (visit-units.ts) makes and frees them.
 *
 * Programs must fit the device. Caches that do not fit beside the neediest program are kept on the host.
 */

import { BadInput } from "../base/errors";
import { mebibytes } from "../engine/memory";
import type { Program } from "../engine/program";
import { type Storage, storedWords } from "../engine/storage";
import { stagingBytes } from "../engine/streaming";
import { layersOf, shapeOf } from "../graph/queries";
import { type Graph, sizeOf, type ValueId } from "../graph/types";
import { FISHER_BATCH, fisherProgram, taskOutputs } from "../network/fisher";
import { forwardBatch, forwardProgram } from "../network/forward";
import type { Segment } from "../passes/partition";
import type { UnitKind } from "../passes/unit-kinds";
import { quantizedPoints } from "./activations";
import type { LayerOverrides } from "./layer-widths";
import type { UnitInputs } from "./settings";
import { unitProgram } from "./training/unit-program";
import { stepsOf, type Untrained, unitsOf } from "./units";

export interface MemoryOptions {
  readonly graph: Graph;
  readonly unit: UnitKind;
  /** What a unit's program trains; null for methods that train nothing. */
  readonly parameters: "rounding" | "straightThrough" | null;
  readonly weighted: boolean;
  readonly inputs: UnitInputs;
  /** Whether units read full-precision inputs beside quantized ones. */
  readonly both: boolean;
  /** Layers that are not reconstructed. */
  readonly untrained: Untrained;
  readonly overrides: LayerOverrides | undefined;
  /** Bits of activations; null where they stay at full precision. */
  readonly activations: number | null;
  readonly bits: number;
  readonly batch: number;
  readonly iterations: number;
  readonly cache: Storage;
  /** Calibration images, and those of the evaluation if it has its own. */
  readonly images: number;
  readonly evaluation: number;
  /** Bytes that a program takes on the device. */
  footprint(program: Program): number;
}

export interface MemoryEstimate {
  /** Bytes of the neediest program, and what it does. */
  readonly program: number;
  readonly neediest: string;
  /** Bytes of the neediest program with staging for all its caches, should they be on the host. */
  readonly streaming: number;
  /** Bytes of preprocessed images, calibration and evaluation. */
  readonly images: number;
  /** Bytes of cached activations and Fisher weights at their peak. */
  readonly caches: number;
  /** Bytes that the host takes beside the device: the program itself, the network in its versions, pictures on their way. */
  readonly host: number;
}

/**
 * What a host takes, from the peaks of whole processes on four networks (Node 20): the program, so many copies of the
 * kernels (file, graph, unfolded, quantized in two versions, on the device), and of the images while they are prepared.
 */
const [HOST_BYTES, KERNEL_COPIES, IMAGE_COPIES] = [120 * 2 ** 20, 8, 2];

export function estimateMemory(options: MemoryOptions): MemoryEstimate {
  const { graph, images, evaluation } = options;
  const segments = stepsOf(graph, options.unit, options.untrained);
  const needs = programs(options, segments);
  const image = 4 * sizeOf(shapeOf(graph, graph.input));
  const kernels = layersOf(graph).reduce((sum, { operation }) => sum + operation.kernel.data.byteLength, 0);
  const bytes = (images + evaluation) * image;
  const host = HOST_BYTES + KERNEL_COPIES * kernels + IMAGE_COPIES * bytes;
  return { ...needs, images: bytes, caches: peakOfCaches(options, segments), host };
}

function programs(options: MemoryOptions, segments: readonly Segment[]): Pick<MemoryEstimate, "program" | "neediest" | "streaming"> {
  const { graph, images, evaluation, batch, iterations, bits, weighted, footprint } = options;
  let program = 0;
  let neediest = "";
  let streaming = 0;
  const consider = (what: string, built: { program: Program }) => {
    const bytes = footprint(built.program);
    if (bytes > program) [program, neediest] = [bytes, what];
    streaming = Math.max(streaming, bytes + stagingBytes(built.program));
  };
  const forward = (what: string, part: Pick<Segment, "nodes" | "inputs" | "outputs">, count: number) => {
    const size = forwardBatch(graph, part.nodes, count);
    consider(what, forwardProgram({ graph, ...part, kernels: new Map() }, size, Math.floor(count / size)));
  };
  const whole = { nodes: graph.nodes, inputs: [graph.input], outputs: graph.outputs };
  forward("evaluating the network", whole, Math.max(images, evaluation));
  const units = options.parameters === null ? [] : unitsOf(segments, options.untrained);
  const qparams = { bits: options.activations ?? 8, scale: 1, zero: 0 };
  const quantizers = new Map(options.activations === null ? [] : quantizedPoints(graph, options.overrides).map(({ value }) => [value, qparams]));
  const draw = () => ({ seed: 0, share: 0.5 });
  const drops = options.both ? { input: draw, inside: draw } : null;
  segments.forEach((unit, index) => {
    forward(`caching ${unit.name}`, unit, images);
    if (!units.includes(unit)) return;
    const trained = unit.layers.filter((layer) => !options.untrained.has(layer.name));
    const layers = new Map(trained.map((layer) => [layer, { bits, scales: layer.operation.kernel.shape.at(-1) as number }]));
    const parameters = options.parameters ?? "rounding";
    const part = { graph, unit, layers, parameters, drops, batch, iterations, weighted } as const;
    const scales = options.activations !== null && options.both;
    consider(`reconstructing ${unit.name}`, unitProgram({ ...part, kernels: new Map(), quantizers, scales, error: "squared" }));
    if (!weighted) return;
    const later = segments.slice(index + 1);
    const made = new Set(later.flatMap(({ outputs }) => outputs));
    const inputs = [...new Set([unit.output, ...later.flatMap((segment) => segment.inputs)])].filter((value) => !made.has(value));
    const tail = later.flatMap(({ nodes }) => nodes);
    const fisher = { graph, tail, output: unit.output, kernels: new Map(), weight: "damped", inputs } as const;
    consider(`Fisher gradients of ${unit.name}`, fisherProgram(fisher, Math.min(FISHER_BATCH, images), Math.ceil(images / FISHER_BATCH)));
  });
  return { program, neediest, streaming };
}

/** Follows the tensors of both streams as the visit of units (visit-units.ts) makes and frees them. */
function peakOfCaches({ graph, images, cache, weighted, inputs, both }: MemoryOptions, segments: readonly Segment[]): number {
  const lastUse = new Map<ValueId, number>();
  segments.forEach((segment, index) => {
    for (const value of segment.inputs) lastUse.set(value, index);
  });
  const bytesOf = (value: ValueId, storage: Storage) => images * 4 * storedWords(sizeOf(shapeOf(graph, value)), storage);
  const streams = { full: new Set<ValueId>(), quantized: new Set<ValueId>() };
  const always = weighted ? taskOutputs(graph).reduce((sum, { value }) => sum + bytesOf(value, "f32"), 0) : 0;
  let peak = 0;
  const measure = (more: number) => {
    let bytes = always + more;
    for (const stream of [streams.full, streams.quantized]) for (const value of stream) bytes += bytesOf(value, cache);
    peak = Math.max(peak, bytes);
  };
  const release = (stream: Set<ValueId>, index: number) => {
    for (const value of stream) if ((lastUse.get(value) ?? -1) <= index) stream.delete(value);
  };
  segments.forEach((segment, index) => {
    for (const value of segment.outputs) streams.full.add(value);
    measure(0);
    if (inputs === "quantized" && !both) release(streams.full, index);
    // Fisher gradients need the unit's outputs once more, in the network so far, beside their own tensor.
    const start = segment.outputs.reduce((sum, value) => sum + bytesOf(value, cache), 0);
    measure(weighted ? bytesOf(segment.output, "f32") + start : 0);
    // Without quantized inputs or Fisher weights nobody follows the quantized network.
    if (inputs === "quantized" || weighted) for (const value of segment.outputs) streams.quantized.add(value);
    measure(0);
    release(streams.full, index);
    release(streams.quantized, index);
  });
  return peak;
}

export interface MemoryPlan extends MemoryEstimate {
  /** Bytes of device memory that the run may use. */
  readonly budget: number;
  /** Bytes that will be kept on the host and streamed; 0 if all fits. */
  readonly streamed: number;
}

/**
 * Where everything will be.
 * @param host bytes of memory that the host has for caches, or null if that is unknown
 * @throws BadInput where even streaming cannot fit, with what would
 */
export function planMemory(estimate: MemoryEstimate, budget: number, host: number | null): MemoryPlan {
  const { program, streaming, neediest, images, caches } = estimate;
  const total = program + images + caches;
  if (total <= budget) return { ...estimate, budget, streamed: 0 };
  if (streaming > budget)
    throw new BadInput(
      `${neediest[0]?.toUpperCase()}${neediest.slice(1)} needs ${mebibytes(streaming)} MiB of device memory, more than the budget of ${mebibytes(budget)} MiB; use a smaller batch, a smaller unit, or a larger budget.`,
    );
  const streamed = streaming + images + caches - budget;
  if (host !== null && streamed > host)
    throw new BadInput(
      `The run would keep ${mebibytes(streamed)} MiB of images and caches on the host, which has ${mebibytes(host)} MiB for them; use fewer calibration images, half-precision caches, or a smaller input size.`,
    );
  return { ...estimate, budget, streamed };
}
