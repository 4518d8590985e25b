/** Which parts of a network are reconstructed, and in which pieces the visit of the network goes. */

import { layersOf } from "../graph/queries";
import type { Graph, ValueId } from "../graph/types";
import { partition, type Segment } from "../passes/partition";
import type { UnitKind } from "../passes/unit-kinds";
import { isFloat, overrideOf, type WeightWidths } from "./layer-widths";

/** Layers that take no part in reconstruction, by name. */
export type Untrained = ReadonlySet<string>;

/**
 * The layers whose rounding is not reconstructed: those in float, and the first where it stays at 8 bit, whatever the common
 * width; it is rounded to nearest.
 */
export function untrainedLayers(graph: Graph, widths: Pick<WeightWidths, "firstLastBits" | "overrides">): Untrained {
  const { overrides } = widths;
  const first = layersOf(graph)[0]?.name;
  const names = layersOf(graph).map(({ name }) => name);
  return new Set(names.filter((name) => isFloat(name, overrides) || (name === first && isRoundedFirst(name, widths))));
}

/** Whether the first layer is rounded to nearest: unless it takes the common width, or one of its own. */
export function isRoundedFirst(first: string, { firstLastBits, overrides }: Pick<WeightWidths, "firstLastBits" | "overrides">): boolean {
  return firstLastBits !== null && overrideOf(first, overrides) === null;
}

/** The segments that a run will reconstruct, in order: those with a layer that is trained. */
export function unitsOf(segments: readonly Segment[], untrained: Untrained): Segment[] {
  return segments.filter(({ layers }) => layers.some(({ name }) => !untrained.has(name)));
}

/**
 * The network's segments as the visit takes them. What is not reconstructed is only run, so neighbours of that
 * kind are one piece: a stem's convolution and its pooling leave the pooled value to cache, not the large one.
 */
export function stepsOf(graph: Graph, kind: UnitKind, untrained: Untrained): Segment[] {
  const segments = partition(graph, kind);
  const units = new Set(unitsOf(segments, untrained));
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
