/** Which parts of a network are reconstructed. */
import type { Graph } from "../graph/types";
import { layersOf } from "../graph/walk";
import type { Segment } from "../passes/partition";

/** The segments that a run will reconstruct, in order: those with a layer beyond the network's first. */
export function unitsOf(graph: Graph, segments: readonly Segment[]): Segment[] {
  const first = layersOf(graph)[0];
  return segments.filter(({ layers }) => layers.some((layer) => layer.name !== first?.name));
}
