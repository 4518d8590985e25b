/** Looking around in a graph: who makes and who uses a value. */
import type { Graph, Layer, Node, Shape, ValueId } from "./types";
import { isLayer } from "./types";

export function shapeOf(graph: Graph, value: ValueId): Shape {
  const shape = graph.shapes.get(value);
  if (!shape) throw new Error(`Value ${value} has no shape`);
  return shape;
}

/** The nodes that read each value. */
export function consumersOf(nodes: readonly Node[]): Map<ValueId, Node[]> {
  const consumers = new Map<ValueId, Node[]>();
  for (const node of nodes) for (const input of new Set(node.inputs)) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  return consumers;
}

export function producersOf(nodes: readonly Node[]): Map<ValueId, Node> {
  return new Map(nodes.map((node) => [node.output, node]));
}

export function layersOf(graph: Graph): Layer[] {
  return graph.nodes.filter(isLayer);
}

/** The part of a graph between values: which values a set of nodes takes from outside and gives to outside. */
export function boundary(graph: Graph, nodes: readonly Node[]): { inputs: ValueId[]; outputs: ValueId[] } {
  const own = new Set(nodes);
  const made = new Set(nodes.map((node) => node.output));
  const inputs = [...new Set(nodes.flatMap((node) => node.inputs))].filter((value) => !made.has(value));
  const used = new Set(graph.nodes.filter((node) => !own.has(node)).flatMap((node) => node.inputs));
  const outputs = nodes.map((node) => node.output).filter((value) => used.has(value) || graph.outputs.includes(value));
  return { inputs, outputs };
}
