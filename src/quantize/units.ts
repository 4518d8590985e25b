/** Which parts of a network are reconstructed, and in which pieces the visit of the network goes. */

import { layersOf } from "../graph/queries";
import type { Graph, ValueId } from "../graph/types";
import { partition, type Segment } from "../passes/partition";
import type { UnitKind } from "../passes/unit-kinds";

/**
 * The segments that a run will reconstruct, in order: those with a layer beyond the network's first, which stays at
 * 8 bit and is rounded to nearest; with `first` it is reconstructed as well.
 */
export function unitsOf(graph: Graph, segments: readonly Segment[], includeFirstLayer = false): Segment[] {
  const left = includeFirstLayer ? null : layersOf(graph)[0];
  return segments.filter(({ layers }) => layers.some((layer) => layer.name !== left?.name));
}

/**
 * The network's segments as the visit takes them. What is not reconstructed is only run, so neighbours of that
 * kind are one piece: a stem's convolution and its pooling leave the pooled value to cache, not the large one.
 */
export function stepsOf(graph: Graph, kind: UnitKind, includeFirstLayer = false): Segment[] {
  const segments = partition(graph, kind);
  const units = new Set(unitsOf(graph, segments, includeFirstLayer));
  const steps: Segment[] = [];
  segments.forEach((segment, index) => {
    const before = steps.at(-1);
    if (!before || units.has(segment) || units.has(before)) steps.push(segment);
    else steps[steps.length - 1] = joined(before, segment, new Set([...graph.outputs, ...segments.slice(index + 1).flatMap(({ inputs }) => inputs)]));
  });
  return steps;
}

/** Two neighbours as one segment, which leaves only the values that are in `later`. */
function joined(a: Segment, b: Segment, later: ReadonlySet<ValueId>): Segment {
  return {
    name: a.name,
    nodes: [...a.nodes, ...b.nodes],
    layers: [...a.layers, ...b.layers],
    inputs: [...new Set([...a.inputs, ...b.inputs.filter((value) => !a.outputs.includes(value))])],
    outputs: [...a.outputs, ...b.outputs].filter((value) => later.has(value)),
    output: b.output,
  };
}
