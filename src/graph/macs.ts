/** Multiply-accumulates: the work of a layer. */

import { layersOf, shapeOf } from "./queries";
import { type Graph, type Layer, sizeOf } from "./types";

/** Of one layer, for one image. */
export function macsOf(graph: Graph, layer: Layer): number {
  const output = shapeOf(graph, layer.output);
  const positions = sizeOf(output) / (output.at(-1) as number);
  return positions * sizeOf(layer.operation.kernel.shape);
}

/** Of some layers, or of the whole network, for one image. */
export function totalMacs(graph: Graph, layers: readonly Layer[] = layersOf(graph)): number {
  return layers.reduce((sum, layer) => sum + macsOf(graph, layer), 0);
}
