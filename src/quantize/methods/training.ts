/** The walks that train: weights unit by unit, then the scales of activations. */

import { layersOf } from "../../graph/queries";
import type { Graph, Layer } from "../../graph/types";
import type { Segment } from "../../passes/partition";
import type { UnitKind } from "../../passes/unit-kinds";
import { activationQParams, quantizedPoints } from "../activations";
import type { QParams } from "../quantizer";
import { type ReconstructOptions, reconstruct } from "../training/reconstruct";
import { isRoundedFirst, untrainedLayers } from "../units";
import { type UnitTask, type VisitOptions, visitUnits } from "../visit-units";
import { type MethodObserver, type MethodOptions, type QuantizedNetwork, roundToNearest } from "./method";

/** The visit that a method's options describe. */
export function visitOf(options: MethodOptions, own: Partial<VisitOptions> = {}): VisitOptions {
  const { device, graph, images, unit, inputs, cache, layerQParams, loss, weights, observer, checkpoints = null } = options;
  return {
    ...{ device, graph, images, unit, inputs, cache, layerQParams, loss, observer, checkpoints },
    untrained: untrainedLayers(graph, weights),
    both: false,
    phase: "weights",
    ...own,
  };
}

/** The first layer, where it is not reconstructed: rounded to nearest. */
export function startWithFirst({ graph, layerQParams, weights }: MethodOptions, network: QuantizedNetwork): void {
  const first = layersOf(graph)[0] as Layer;
  if (!isRoundedFirst(first.name, weights)) return;
  roundToNearest(network, new Map([[first, layerQParams.get(first) as QParams]]));
}

/** What a unit's reconstruction takes from the method's options and the unit's place in the network. */
export function trainingOf(options: MethodOptions, network: QuantizedNetwork, task: UnitTask): ReconstructOptions {
  const { device, graph, layerQParams, loss, iterations, learningRate, regularizer, annealing, batch, seed } = options;
  const layers = new Map([...layerQParams].filter(([layer]) => task.unit.layers.includes(layer) && !network.kernels.has(layer.name)));
  return {
    ...{ device, graph, batch, seed, layers },
    unit: task.unit,
    kernels: network.kernels,
    inputs: task.inputs,
    target: task.target,
    weights: task.weights,
    error: loss === "fisher_full" ? "full" : "squared",
    schedule: { iterations, learningRate, regularizer, ...(annealing ? { annealing } : {}) },
    ...{ onLosses: task.told.onLosses, onRounding: task.told.onRounding, keeper: task.told.keeper },
  };
}

/** Quantizers for the network's activations, if they are asked for, found with the weights as they are now. */
export async function calibrateActivations(options: MethodOptions, network: QuantizedNetwork): Promise<void> {
  const { device, images, activations, weights, observer } = options;
  if (!activations) return;
  const { graph, kernels, biases } = network;
  const { overrides } = weights;
  const onPoint = calibrating(observer, quantizedPoints(graph, overrides).length);
  await observer.calibrating(0);
  const layerQParams = await activationQParams({ device, graph, images, activations, overrides, kernels, biases, onPoint });
  for (const [value, qparams] of layerQParams) network.quantizers.set(value, qparams);
}

/** Tells of each of `count` values whose scale is found. */
export function calibrating(observer: MethodObserver, count: number): () => Promise<void> {
  let done = 0;
  return async () => {
    done++;
    await observer.calibrating(done / count);
    await observer.breathe();
  };
}

/** LSQ (brecq.md, "Activations"): unit by unit on full-precision inputs, weights as they are. */
export async function learnActivations(options: MethodOptions, network: QuantizedNetwork, unit: UnitKind): Promise<void> {
  const { device, activations, batch, seed } = options;
  if (!activations?.learn) return;
  const { graph } = network;
  const skips = ({ nodes }: Segment) => !nodes.some(({ output }) => network.quantizers.has(output));
  // Blocks in float have activations to train where quantized layers read what they make.
  const untrained = untrainedLayers(graph, { ...options.weights, overrides: [] });
  const visit = { ...visitOf(options), graph, unit, untrained, loss: "mse", inputs: "full", phase: "activations", skips } as const;
  await visitUnits(visit, network, (task) =>
    reconstruct({
      ...{ device, graph, batch, seed },
      unit: task.unit,
      layers: new Map(),
      kernels: network.kernels,
      biases: network.biases,
      quantizers: network.quantizers,
      scaleRate: activations.learningRate,
      inputs: task.inputs,
      target: task.target,
      weights: null,
      error: "power",
      schedule: { iterations: activations.iterations, learningRate: activations.learningRate, regularizer: 0 },
      ...{ onLosses: task.told.onLosses, keeper: task.told.keeper },
    }),
  );
}

/** Biases for layers that have none, so that a method can train or correct them. */
export function withBiases(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const { operation } = node;
      if ((operation.op !== "conv2d" && operation.op !== "linear") || operation.bias) return node;
      const channels = operation.kernel.shape.at(-1) as number;
      return { ...node, operation: { ...operation, bias: { shape: [channels], data: new Float32Array(channels) } } };
    }),
  };
}
