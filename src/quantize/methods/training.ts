/** The walks that train: weights unit by unit, then the scales of activations. */

import type { Graph, Layer } from "../../graph/types";
import { layersOf } from "../../graph/walk";
import type { Segment } from "../../passes/partition";
import { activationSites } from "../../passes/sites";
import type { UnitKind } from "../../passes/unit-kinds";
import { activationGrids } from "../activations";
import { nearestKernels } from "../grids";
import type { Grid } from "../quantizer";
import { type ReconstructOptions, reconstruct } from "../training/reconstruct";
import { type UnitSite, type WalkOptions, walkUnits } from "../walk";
import type { MethodOptions, QuantizedNetwork } from "./method";

/** The walk that a method's options describe. */
export function walkOf(options: MethodOptions, own: Partial<WalkOptions> = {}): WalkOptions {
  const { device, graph, images, unit, inputs, cache, grids, loss, weights, observer } = options;
  return {
    ...{ device, graph, images, unit, inputs, cache, grids, loss, observer },
    first: weights.firstLastBits === null,
    both: false,
    phase: "weights",
    ...own,
  };
}

/** The first layer, where it is not reconstructed: rounded to nearest. */
export function startWithFirst({ graph, grids, weights }: MethodOptions, network: QuantizedNetwork): void {
  const first = layersOf(graph)[0] as Layer;
  if (weights.firstLastBits === null) return;
  for (const [name, kernel] of nearestKernels(new Map([[first, grids.get(first) as Grid]]))) network.kernels.set(name, kernel);
}

/** What a unit's reconstruction takes from the method's options and the unit's place in the network. */
export function trainingOf(options: MethodOptions, network: QuantizedNetwork, site: UnitSite): ReconstructOptions {
  const { device, graph, grids, loss, iterations, learningRate, regularizer, annealing, batch, seed, observer } = options;
  const layers = new Map([...grids].filter(([layer]) => site.unit.layers.includes(layer) && !network.kernels.has(layer.name)));
  return {
    ...{ device, graph, batch, seed, layers },
    unit: site.unit,
    kernels: network.kernels,
    inputs: site.inputs,
    target: site.target,
    weights: site.weights,
    error: loss === "fisher_full" ? "full" : "squared",
    schedule: { iterations, learningRate, regularizer, ...(annealing ? { annealing } : {}) },
    onLosses: (samples) => observer.losses(samples),
  };
}

/** Quantizers for the network's activations, if they are asked for, found with the weights as they are now. */
export async function calibrateActivations(options: MethodOptions, network: QuantizedNetwork): Promise<void> {
  const { device, images, activations, observer } = options;
  if (!activations) return;
  const { graph, kernels, biases } = network;
  const grids = await activationGrids({ device, graph, images, activations, kernels, biases, onSite: () => observer.breathe() });
  for (const [value, grid] of grids) network.quantizers.set(value, grid);
}

/** LSQ (brecq.md, "Activations"): unit by unit on full-precision inputs, weights as they are. */
export async function learnActivations(options: MethodOptions, network: QuantizedNetwork, unit: UnitKind): Promise<void> {
  const { device, activations, batch, seed, observer } = options;
  if (!activations?.learn) return;
  const { graph } = network;
  const sites = new Set(activationSites(graph).map(({ value }) => value));
  const skips = ({ nodes }: Segment) => !nodes.some(({ output }) => sites.has(output));
  const walk = { ...walkOf(options), graph, unit, loss: "mse", inputs: "full", phase: "activations", skips } as const;
  await walkUnits(walk, network, (site) =>
    reconstruct({
      ...{ device, graph, batch, seed },
      unit: site.unit,
      layers: new Map(),
      kernels: network.kernels,
      biases: network.biases,
      quantizers: network.quantizers,
      scaleRate: activations.learningRate,
      inputs: site.inputs,
      target: site.target,
      weights: null,
      error: "power",
      schedule: { iterations: activations.iterations, learningRate: activations.learningRate, regularizer: 0 },
      onLosses: (samples) => observer.losses(samples),
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
