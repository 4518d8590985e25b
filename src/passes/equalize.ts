/**
 * Cross-layer equalization (Nagel et al., ICCV 2019, section 4.1): where one layer alone feeds the next through nothing
 * or a ReLU, channel i of the first may be divided by any s > 0 and the second's input channel i multiplied by it
 * without changing the network. s = sqrt(r1 r2) / r2 makes the ranges of both kernels meet, channel by channel
 * (eq. 11); chains are swept until nothing moves. One scale for a whole kernel then fits all its channels.
 *
 * A ReLU6 is not scale-equivariant; those between such layers become ReLU, as the paper has it.
 */

import { consumersOf } from "../graph/queries";
import { type Graph, isLayer, type Layer, type Node } from "../graph/types";

/** Two layers that share scales: each output channel of `first` is input channel of `second`. */
export interface Pair {
  readonly first: string;
  readonly second: string;
  /** The activation function between them. */
  readonly clamp: string | null;
}

const SWEEPS = 40;
const REST = 1e-4;

export function equalizablePairs(graph: Graph): Pair[] {
  const consumers = consumersOf(graph.nodes);
  const only = (node: Node): Node | null => {
    const users = consumers.get(node.output) ?? [];
    return users.length === 1 && !graph.outputs.includes(node.output) ? (users[0] as Node) : null;
  };
  const pairs: Pair[] = [];
  for (const layer of graph.nodes) {
    if (!isLayer(layer)) continue;
    const next = only(layer);
    if (!next) continue;
    if (isLayer(next)) pairs.push({ first: layer.name, second: next.name, clamp: null });
    if (next.operation.op !== "clamp" || next.operation.low !== 0) continue;
    const after = only(next);
    if (after && isLayer(after)) pairs.push({ first: layer.name, second: after.name, clamp: next.name });
  }
  return pairs;
}

/** The network with ReLU6 between equalizable layers replaced by ReLU; the same graph if there is none. */
export function withoutCaps(graph: Graph, pairs: readonly Pair[]): Graph {
  const clamps = new Set(pairs.map(({ clamp }) => clamp));
  const capped = (node: Node) => node.operation.op === "clamp" && clamps.has(node.name) && Number.isFinite(node.operation.high);
  if (!graph.nodes.some(capped)) return graph;
  const nodes = graph.nodes.map((node) =>
    capped(node) ? { ...node, operation: { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY } as const } : node,
  );
  return { ...graph, nodes };
}

/** The network with the kernels of each pair equalized. */
export function equalize(graph: Graph, pairs: readonly Pair[]): Graph {
  const layers = new Map(graph.nodes.filter(isLayer).map((layer) => [layer.name, copyOf(layer)]));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (const { first, second } of pairs) moved = Math.max(moved, meet(layers.get(first) as Layer, layers.get(second) as Layer));
    if (moved < REST) break;
  }
  return { ...graph, nodes: graph.nodes.map((node) => layers.get(node.name) ?? node) };
}

function copyOf(layer: Layer): Layer {
  const { kernel, bias, statistics } = layer.operation;
  const operation = {
    ...layer.operation,
    kernel: { ...kernel, data: kernel.data.slice() },
    bias: bias && { ...bias, data: bias.data.slice() },
    ...(statistics ? { statistics: { mean: statistics.mean.slice(), deviation: statistics.deviation.slice() } } : {}),
  };
  return { ...layer, operation } as Layer;
}

/** The input channel that word `i` of a kernel reads. */
export function inputChannelOf({ operation }: Layer): (i: number) => number {
  const { shape } = operation.kernel;
  const outputs = shape.at(-1) as number;
  const depth = shape.at(-2) as number;
  const groups = operation.op === "conv2d" ? operation.groups : 1;
  return (i) => Math.floor((i % outputs) / (outputs / groups)) * depth + (Math.floor(i / outputs) % depth);
}

/** Scales both layers in place; returns by how much a channel moved, |log s| at most. */
function meet(first: Layer, second: Layer): number {
  const channels = first.operation.kernel.shape.at(-1) as number;
  const reader = inputChannelOf(second);
  const r1 = new Float64Array(channels);
  const r2 = new Float64Array(channels);
  const grow = (ranges: Float64Array, channel: number, value: number) => {
    ranges[channel] = Math.max(ranges[channel] as number, Math.abs(value));
  };
  first.operation.kernel.data.forEach((value, i) => {
    grow(r1, i % channels, value);
  });
  second.operation.kernel.data.forEach((value, i) => {
    grow(r2, reader(i), value);
  });
  const scales = Float64Array.from(r1, (range, c) => {
    const other = r2[c] as number;
    return range > 0 && other > 0 ? Math.sqrt(range * other) / other : 1;
  });
  const { kernel, bias, statistics } = first.operation;
  const divide = (data: Float32Array | undefined) =>
    data?.forEach((value, i) => {
      data[i] = value / (scales[i % channels] as number);
    });
  divide(kernel.data);
  divide(bias?.data);
  divide(statistics?.mean);
  divide(statistics?.deviation);
  const { data } = second.operation.kernel;
  data.forEach((value, i) => {
    data[i] = value * (scales[reader(i)] as number);
  });
  return scales.reduce((most, s) => Math.max(most, Math.abs(s - 1)), 0);
}
