/**
 * DFQ, data-free quantization (Nagel et al., ICCV 2019): no training at all. Kernels are equalized across layers
 * (section 4.1), large biases are absorbed by the layer after (section 4.1.3), weights rounded to nearest, and biases
 * corrected for the mean error that rounding leaves (section 4.2).
 *
 * Where batch-norm statistics came with the network the mean inputs follow from them and no image is looked at; else
 * the correction measures them on the calibration images. Absorption, which also needs statistics, is done only into
 * layers without padding: at a padded border it would not be exact. Layers in float are no part of any of this.
 */

import { layersOf } from "../../graph/queries";
import type { Graph, Layer } from "../../graph/types";
import { isLayer } from "../../graph/types";
import { equalizablePairs, equalize, inputChannelOf, type Pair, withoutCaps } from "../../passes/equalize";
import { momentsOf } from "../../passes/moments";
import { isFloat } from "../layer-widths";
import { weightQParams } from "../weight-qparams";
import { correctBiases } from "./bias-correction";
import { emptyNetwork, type Method, type QuantizedNetwork, roundToNearest } from "./method";
import { calibrateActivations, withBiases } from "./training";

export const dfq: Method = {
  async quantize(options) {
    const start = withBiases(options.graph);
    const { overrides } = options.weights;
    const pairs = equalizablePairs(start).filter(({ first, second }) => !isFloat(first, overrides) && !isFloat(second, overrides));
    const graph = absorbBiases(equalize(withoutCaps(start, pairs), pairs), pairs);
    const network = emptyNetwork(graph);
    const layerQParams = await weightQParams(options.device, graph, options.weights, () => options.observer.breathe());
    roundToNearest(network, layerQParams);
    if (isDataFree(graph)) correctFromStatistics(graph, network);
    else await correctBiases({ ...options, graph, layerQParams }, network);
    await calibrateActivations(options, network);
    return network;
  },
};

/** Whether every layer but the last has batch-norm statistics. */
export function isDataFree(graph: Graph): boolean {
  return layersOf(graph)
    .slice(0, -1)
    .every(({ operation }) => operation.statistics !== undefined);
}

/** Moves what ReLU lets through for sure, mean - 3 deviations, from a layer's bias to the next one's. */
export function absorbBiases(graph: Graph, pairs: readonly Pair[]): Graph {
  const layers = new Map(graph.nodes.filter(isLayer).map((layer) => [layer.name, layer]));
  for (const { first, second, clamp } of pairs) {
    const [a, b] = [layers.get(first) as Layer, layers.get(second) as Layer];
    const { statistics, bias } = a.operation;
    const padded = b.operation.op === "conv2d" && b.operation.pads.some((pad) => pad !== 0);
    if (clamp === null || !statistics || !bias || !b.operation.bias || padded) continue;
    const absorbed = statistics.mean.map((mean, c) => Math.max(0, mean - 3 * (statistics.deviation[c] as number)));
    const shifted = {
      bias: { ...bias, data: bias.data.map((value, c) => value - (absorbed[c] as number)) },
      statistics: { ...statistics, mean: statistics.mean.map((value, c) => value - (absorbed[c] as number)) },
    };
    layers.set(first, { ...a, operation: { ...a.operation, ...shifted } } as Layer);
    const bias2 = { ...b.operation.bias, data: shiftedBias(b, b.operation.kernel.data, absorbed, b.operation.bias.data) };
    layers.set(second, { ...b, operation: { ...b.operation, bias: bias2 } } as Layer);
  }
  return { ...graph, nodes: graph.nodes.map((node) => layers.get(node.name) ?? node) };
}

/** bias + what `kernel` makes of an input that is `mean` everywhere. */
function shiftedBias(layer: Layer, kernel: Float32Array, mean: ArrayLike<number>, bias: Float32Array): Float32Array {
  const reader = inputChannelOf(layer);
  const sums = Float64Array.from(bias);
  kernel.forEach((value, i) => {
    (sums[i % bias.length] as number) += value * (mean[reader(i)] as number);
  });
  return Float32Array.from(sums);
}

/** Takes from each bias what the kernel's rounding makes of the mean input. The network's own input is not known: its layer stays. */
function correctFromStatistics(graph: Graph, network: QuantizedNetwork): void {
  const moments = momentsOf(graph);
  for (const layer of layersOf(graph)) {
    const input = moments.get(layer.inputs[0] as string);
    const quantized = network.kernels.get(layer.name);
    const { kernel, bias } = layer.operation;
    if (!input || !quantized || !bias) continue;
    const error = kernel.data.map((value, i) => value - (quantized[i] as number));
    network.biases.set(layer.name, shiftedBias(layer, error, input.mean, bias.data));
  }
}
