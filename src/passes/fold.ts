/**
 * Batch-norm folding (BRECQ, order of work 1): a scale and shift by channel that directly follows a
 * convolution or fully connected layer is multiplied into its kernel and bias. What follows something
 * else (a pre-activation network's) stays an `affine` node. What the normalization knows of its output stays with the
 * layer: data-free methods work from it.
 */

import { consumersOf, producersOf } from "../graph/queries";
import type { Graph, Layer, Node, Statistics, Tensor } from "../graph/types";
import { isLayer } from "../graph/types";

export function foldBatchNorm(graph: Graph): Graph {
  const consumers = consumersOf(graph.nodes);
  const producers = producersOf(graph.nodes);
  const replaced = new Map<string, Node>();
  const makers = new Map<string, Node>();
  const removed = new Set<string>();
  const current = (node: Node) => replaced.get(node.name) ?? node;

  for (const node of graph.nodes) {
    if (node.operation.op !== "affine") continue;
    // A run of several scales folds one by one: the layer then already writes the earlier one's output.
    const input = node.inputs[0] as string;
    const source = makers.get(input) ?? producers.get(input);
    if (!source || graph.outputs.includes(input) || consumers.get(input)?.length !== 1) continue;
    const layer = current(source);
    if (!isLayer(layer) || layer.output !== input) continue;
    const folded = scaled(layer, node.operation.scale, node.operation.shift, node.operation.statistics);
    const made = { ...folded, output: node.output };
    replaced.set(layer.name, made);
    makers.set(made.output, made);
    removed.add(node.name);
  }
  return { ...graph, nodes: graph.nodes.filter(({ name }) => !removed.has(name)).map(current) };
}

/** The layer with its outputs multiplied by `scale` and moved by `shift`, channel by channel. */
function scaled(layer: Layer, scale: Tensor, shift: Tensor, statistics: Statistics | undefined): Layer {
  const { kernel, bias } = layer.operation;
  const k = scale.data.length;
  const data = kernel.data.map((value, i) => value * (scale.data[i % k] as number));
  const moved = shift.data.map((value, i) => (bias?.data[i] ?? 0) * (scale.data[i] as number) + value);
  const parameters = { kernel: { ...kernel, data }, bias: { ...bias, shape: [k], data: moved } };
  const { statistics: _before, ...operation } = layer.operation;
  return { ...layer, operation: { ...operation, ...parameters, ...(statistics ? { statistics } : {}) } };
}
