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
  for (const node of nodes)
    for (const input of new Set(node.inputs)) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  return consumers;
}

export function producersOf(nodes: readonly Node[]): Map<ValueId, Node> {
  return new Map(nodes.map((node) => [node.output, node]));
}

export function layersOf(graph: Graph): Layer[] {
  return graph.nodes.filter(isLayer);
}

const ACTIVATIONS: ReadonlySet<string> = new Set(["clamp", "unary", "prelu"]);

/** Whether a node is an activation function. */
export function isActivation({ operation }: Node): boolean {
  return ACTIVATIONS.has(operation.op);
}

const NORMALIZATIONS: ReadonlySet<string> = new Set(["affine", "layerNorm", "groupNorm", "fakeQuantize"]);

/** Whether a node is what stands between layers: an activation function, a normalization, a quantizer. */
export function isBetweenLayers(node: Node): boolean {
  return isActivation(node) || NORMALIZATIONS.has(node.operation.op);
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

/**
 * The output of several that results are judged on: class scores, as a softmax or a sigmoid that makes them tells; without
 * one, the first.
 */
export function judgedOutput(producer: (value: ValueId) => Node | undefined, outputs: readonly ValueId[]): ValueId {
  const endsIn = (isScore: (node: Node) => boolean) => outputs.find((output) => scoreNode(producer, output, isScore));
  return (
    endsIn(({ operation }) => operation.op === "softmax") ??
    endsIn(({ operation }) => operation.op === "unary" && operation.fn === "sigmoid") ??
    (outputs[0] as ValueId)
  );
}

/** Whether a value is made by such a node, through what only moves or joins numbers. */
function scoreNode(producer: (value: ValueId) => Node | undefined, value: ValueId, isScore: (node: Node) => boolean): boolean {
  const seen = new Set([value]);
  for (const one of seen) {
    const node = producer(one);
    if (!node || !(isScore(node) || MOVES.has(node.operation.op))) return false;
    if (!isScore(node)) for (const input of node.inputs) seen.add(input);
  }
  return true;
}

const MOVES: ReadonlySet<string> = new Set(["reshape", "transpose", "flatten", "concat"]);
