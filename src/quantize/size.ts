/**
 * How many bytes a quantized network takes: its weights packed at their widths without a gap, for each scale a single and a
 * zero point of one byte, and all that is not quantized (biases, normalizations that could not be folded) as singles. It is
 * what a file that stores nothing else would hold; a format's own words around it come on top.
 *
 * The limits of a search (search/allocation/costs/size) count the weights alone, as the papers do.
 */
import { layersOf } from "../graph/queries";
import { type Graph, isLayer, type Layer, type Node, type Tensor } from "../graph/types";
import { FLOAT_BITS, type WeightWidths, widthOf } from "./layer-widths";
import type { Granularity } from "./settings";

/** What a width costs beside the weights themselves. */
export interface GridOptions {
  readonly granularity: Granularity;
  readonly symmetric: boolean;
}

const [SINGLE, ZERO_POINT] = [4, 1];

/** Bytes of a layer with its weights at `bits`, 32 for float: with its scales, zero points and bias. */
export function layerBytes({ operation }: Layer, bits: number, { granularity, symmetric }: GridOptions): number {
  const { kernel, bias } = operation;
  const others = SINGLE * (bias?.data.length ?? 0);
  if (bits === FLOAT_BITS) return SINGLE * kernel.data.length + others;
  const scales = granularity === "channel" ? (kernel.shape.at(-1) as number) : 1;
  // Of a symmetric grid the zero point is its middle and need not be stored.
  return Math.ceil((kernel.data.length * bits) / 8) + scales * (SINGLE + (symmetric ? 0 : ZERO_POINT)) + others;
}

/** Bytes of all parameters outside of layers, which stay at full precision. */
export function otherBytes(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => (isLayer(node) ? sum : sum + SINGLE * parametersOf(node)), 0);
}

/** Bytes of a network under the widths of a recipe's weights. */
export function networkBytes(graph: Graph, weights: WeightWidths & GridOptions): number {
  const layers = layersOf(graph);
  return layers.reduce(
    (sum, layer, i) => sum + layerBytes(layer, widthOf(layer.name, i === 0 || i === layers.length - 1, weights), weights),
    otherBytes(graph),
  );
}

/** Bytes of a network at full precision. */
export function floatBytes(graph: Graph): number {
  const grid = { granularity: "tensor", symmetric: true } as const;
  return layersOf(graph).reduce((sum, layer) => sum + layerBytes(layer, FLOAT_BITS, grid), otherBytes(graph));
}

function parametersOf({ operation }: Node): number {
  return tensorsOf(operation).reduce((sum, { data }) => sum + data.length, 0);
}

function tensorsOf(operation: Node["operation"]): readonly Tensor[] {
  switch (operation.op) {
    case "affine":
      return [operation.scale, operation.shift];
    case "prelu":
      return [operation.slope];
    case "layerNorm":
    case "groupNorm":
      return [operation.scale, operation.shift].filter((tensor) => tensor !== null);
    case "add":
    case "mul":
      return operation.operand ? [operation.operand] : [];
    default:
      return [];
  }
}
