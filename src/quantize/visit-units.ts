/**
 * The visit of a network's units in topological order that all layer- and block-wise methods share. It carries two
 * streams of activations, of the full-precision network and of the network quantized so far; each unit is handed its
 * inputs and its target, and what it returns takes effect for the units after it.
 */

import type { DatasetTensor, Device } from "../engine/device";
import type { Storage } from "../engine/storage";
import type { Graph, Layer } from "../graph/types";
import { fisherWeights, taskOutputs } from "../network/fisher";
import { type DatasetTensors, forward } from "../network/forward";
import type { Segment } from "../passes/partition";
import type { UnitKind } from "../passes/unit-kinds";
import { type Checkpoints, KeptTraining } from "./checkpoints";
import type { MethodObserver, QuantizedNetwork } from "./methods/method";
import type { QParams } from "./quantizer";
import type { LossKind, UnitInputs } from "./settings";
import { Streams } from "./streams";
import type { Phase, UnitChange } from "./unit-change";
import { stepsOf, type Untrained, unitsOf } from "./units";
import { clampedKernel } from "./weight-qparams";

export interface VisitOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly images: DatasetTensor;
  readonly unit: UnitKind;
  readonly inputs: UnitInputs;
  readonly cache: Storage;
  readonly layerQParams: ReadonlyMap<Layer, QParams>;
  /** What the Fisher weights are made for; mse needs none. */
  readonly loss: LossKind;
  /** Segments that have no other layers are no units. */
  readonly untrained: Untrained;
  /** Whether units need full-precision inputs as well. */
  readonly both: boolean;
  /** Null for a visit that people need not see. */
  readonly observer: MethodObserver | null;
  readonly phase: Phase;
  /** Where units are kept, and found again; nowhere by default. */
  readonly checkpoints?: Checkpoints | null;
  /** Units that there is nothing to do for. */
  skips?(unit: Segment): boolean;
}

export interface UnitTask {
  readonly unit: Segment;
  /** From the network quantized so far or the full-precision one. */
  readonly inputs: DatasetTensors;
  /** From the full-precision network. */
  readonly fullInputs: DatasetTensors;
  readonly target: DatasetTensor;
  /** Fisher weights of the output under the walk's loss; null for mse. */
  readonly weights: { readonly tensor: DatasetTensor; readonly scale: number } | null;
  /** Hears of the unit's training, and keeps it. */
  readonly told: Pick<KeptTraining, "onLosses" | "onRounding" | "keeper">;
}

/** What each loss weighs errors by. */
const FISHER_WEIGHTS = { mse: "square", fisher_diag: "square", fisher_diag_damped: "dampedSquare", fisher_full: "damped" } as const;

/** Visits every unit; `network` grows as they are done. */
export async function visitUnits(
  options: VisitOptions,
  network: QuantizedNetwork,
  train: (task: UnitTask) => Promise<UnitChange | null>,
): Promise<void> {
  const { device, graph, images, cache, observer, phase } = options;
  const segments = stepsOf(graph, options.unit, options.untrained);
  const units = unitsOf(segments, options.untrained).filter((unit) => !options.skips?.(unit));
  const streams = new Streams(graph, segments, images);
  const references = options.loss === "mse" ? null : await referenceOutputs(options);
  // Fisher weights are the quantized network's, whatever the units' inputs are.
  const quantizedInputs = options.inputs === "quantized";
  const follows = quantizedInputs || references !== null;
  try {
    for (let index = 0; index < segments.length; index++) {
      const segment = segments[index] as Segment;
      const { nodes, inputs, outputs } = segment;
      const full = await forward({ device, graph, nodes, inputs: streams.pick("full", inputs), outputs, kernels: new Map(), storage: cache });
      for (const [value, tensor] of full) streams.full.set(value, tensor);
      if (quantizedInputs && !options.both) streams.release("full", index, outputs);
      await streams.settle(device);
      if (units.includes(segment)) {
        const place = { phase, index: units.indexOf(segment), name: segment.name };
        const told = new KeptTraining(place, options.checkpoints ?? null, observer);
        await observer?.unitStarted(segment, place.index, units.length, phase);
        const known = await told.known();
        const weights = references && !known ? await unitFisher(options, network, segments, index, streams, references) : null;
        try {
          const task = {
            unit: segment,
            told,
            inputs: streams.pick(options.inputs, inputs),
            fullInputs: options.both ? streams.pick("full", inputs) : new Map(),
            target: streams.full.get(segment.output) as DatasetTensor,
            weights,
          };
          const change = known ?? (await train(task));
          if (change && !known) await told.done(change);
          for (const [name, kernel] of change?.kernels ?? []) network.kernels.set(name, kernel);
          for (const [name, qparams] of change?.weights ?? []) network.weights.set(name, qparams);
          for (const [name, bias] of change?.biases ?? []) network.biases.set(name, bias);
          for (const [value, qparams] of change?.quantizers ?? []) network.quantizers.set(value, qparams);
          if (change) await observer?.unitDone(segment, change, phase, network);
        } finally {
          weights?.tensor.dispose();
        }
      }
      await observer?.breathe();
      if (follows) {
        const { kernels, biases, quantizers } = network;
        const before = streams.pick("quantized", inputs);
        const quantized = await forward({ device, graph, nodes, inputs: before, outputs, kernels, biases, quantizers, storage: cache });
        for (const [value, tensor] of quantized) streams.quantized.set(value, tensor);
      }
      streams.release("full", index);
      if (follows) streams.release("quantized", index);
    }
  } finally {
    streams.dispose();
    for (const tensor of references?.values() ?? []) tensor.dispose();
  }
}

/** What the full-precision network makes of the images: the task outputs that Fisher weights compare with. */
function referenceOutputs({ device, graph, images }: VisitOptions): Promise<DatasetTensors> {
  return forward({
    device,
    graph,
    nodes: graph.nodes,
    inputs: new Map([[graph.input, images]]),
    outputs: taskOutputs(graph).map(({ value }) => value),
    kernels: new Map(),
  });
}

/** Fisher weights at the point where the unit's rounding starts: full precision, clamped to the quantized range. */
async function unitFisher(
  { device, graph, layerQParams, loss, cache }: VisitOptions,
  network: QuantizedNetwork,
  segments: readonly Segment[],
  index: number,
  streams: Streams,
  references: DatasetTensors,
): Promise<{ tensor: DatasetTensor; scale: number }> {
  const unit = segments[index] as Segment;
  const kernels = new Map(network.kernels);
  for (const layer of unit.layers) {
    const qparams = layerQParams.get(layer);
    if (qparams && !kernels.has(layer.name)) kernels.set(layer.name, clampedKernel(layer.operation.kernel.data, qparams));
  }
  const inputs = streams.pick("quantized", unit.inputs);
  const made = await forward({ device, graph, nodes: unit.nodes, inputs, outputs: unit.outputs, kernels, storage: cache });
  try {
    const passed = new Map([...streams.pick("quantized", streams.passing(index)), ...made]);
    const tail = segments.slice(index + 1).flatMap(({ nodes }) => nodes);
    return await fisherWeights({
      device,
      graph,
      tail,
      inputs: passed,
      output: unit.output,
      references,
      kernels: new Map(),
      weight: FISHER_WEIGHTS[loss],
    });
  } finally {
    for (const tensor of made.values()) tensor.dispose();
  }
}
