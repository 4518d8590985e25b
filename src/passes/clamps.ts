/**
 * One activation function where a file has two: PyTorch writes ReLU6 as a ReLU followed by a clip to 0..6. A clamp of a
 * clamp that nothing else reads is the clamp to what both let through.
 */

import { consumersOf, producersOf } from "../graph/queries";
import type { Graph, Node } from "../graph/types";

export function mergeClamps(graph: Graph): Graph {
  const consumers = consumersOf(graph.nodes);
  const producers = producersOf(graph.nodes);
  const removed = new Set<string>();
  const merged = new Map<string, Node>();
  for (const node of graph.nodes) {
    const { operation } = node;
    const input = node.inputs[0] as string;
    const before = producers.get(input);
    if (operation.op !== "clamp" || before?.operation.op !== "clamp" || graph.outputs.includes(input) || consumers.get(input)?.length !== 1) continue;
    const source = merged.get(before.name) ?? before;
    const inner = source.operation as typeof operation;
    const low = Math.max(operation.low, inner.low);
    const high = Math.min(operation.high, inner.high);
    if (low > high) continue;
    removed.add(before.name);
    merged.set(node.name, { ...node, inputs: source.inputs, operation: { op: "clamp", low, high } });
  }
  return { ...graph, nodes: graph.nodes.filter(({ name }) => !removed.has(name)).map((node) => merged.get(node.name) ?? node) };
}
