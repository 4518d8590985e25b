/**
 * Where activations are quantized: at whatever a layer reads. From each layer's input the search goes back through
 * what only moves, selects or averages numbers (pooling, flattening, concatenation, resizing) to the value where they were
 * computed, after its activation function. A product of two values that a layer reads (a squeeze-excite's) is quantized, and
 * so are its factors: the gate is a layer's output after its activation function too. So a residual addition's result is quantized and its operands are not, unless a layer reads
 * them too; the network's input and output stay as they are.
 */

import { isActivation, producersOf } from "../graph/queries";
import type { Graph, Layer, OperationName, ValueId } from "../graph/types";
import { isLayer } from "../graph/types";

export interface QuantizationPoint {
  readonly value: ValueId;
  /** `first`: made by the first layer. `last`: read by the last one. */
  readonly role: "first" | "last" | "inner";
  /** The layers that read it, in order. */
  readonly readers: readonly Layer[];
  /** The first reader's: by it a recipe gives bits. Values that one layer reads together (of a concatenation) share a name. */
  readonly name: string;
}

const PASSES_ON = new Set<OperationName>([
  "maxPool",
  "averagePool",
  "globalAveragePool",
  "reduce",
  "resize",
  "flatten",
  "reshape",
  "transpose",
  "broadcast",
  "pad",
  "slice",
  "gather",
  "dilate",
  "concat",
]);

/** In the order in which the values are made. */
export function quantizationPoints(graph: Graph): QuantizationPoint[] {
  const producers = producersOf(graph.nodes);
  const layers = graph.nodes.filter(isLayer);
  const first = layers[0];
  const origins = (value: ValueId): ValueId[] => {
    const node = producers.get(value);
    if (!node) return [];
    if (PASSES_ON.has(node.operation.op)) return node.inputs.flatMap(origins);
    return node.operation.op === "mul" && !node.operation.operand ? [value, ...node.inputs.flatMap(origins)] : [value];
  };
  const originsOf = (layer: Layer | undefined) => (layer ? origins(layer.inputs[0] as ValueId) : []);
  const readers = new Map<ValueId, Layer[]>();
  for (const layer of layers) for (const value of new Set(originsOf(layer))) readers.set(value, [...(readers.get(value) ?? []), layer]);
  const last = new Set(originsOf(layers.at(-1)));
  const isFirst = (value: ValueId) => {
    const node = producers.get(value);
    return node !== undefined && (node === first || (isActivation(node) && node.inputs[0] === first?.output));
  };
  return graph.nodes
    .filter(({ output }) => readers.has(output))
    .map(({ output }) => {
      const own = readers.get(output) as Layer[];
      return { value: output, role: isFirst(output) ? "first" : last.has(output) ? "last" : "inner", readers: own, name: (own[0] as Layer).name };
    });
}
