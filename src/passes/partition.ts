/**
 * Cuts a network into the units that BRECQ reconstructs (paper, section 3.2): layers, blocks, stages or
 * the whole net. The result is a list of segments in an order of execution that covers every node; a
 * segment without layers (pooling, flattening) is only run. First and last layer stand alone in every
 * granularity: the first is never reconstructed and the last on its own.
 */

import { boundary, consumersOf, isActivation, layersOf, shapeOf } from "../graph/queries";
import { type Graph, isLayer, type Layer, type Node, type ValueId } from "../graph/types";
import { findBlocks } from "./regions";
import { shortName } from "./short-name";
import type { UnitKind } from "./unit-kinds";

export interface Segment {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly layers: readonly Layer[];
  /** Values that it takes from outside. */
  readonly inputs: readonly ValueId[];
  /** Values that others read. */
  readonly outputs: readonly ValueId[];
  /** The value that its reconstruction compares: the last it makes. */
  readonly output: ValueId;
}

export function partition(graph: Graph, kind: UnitKind): Segment[] {
  const layers = layersOf(graph);
  const first = layers[0];
  const last = layers.at(-1);
  const groups = kind === "layer" ? [] : findBlocks(graph, first).filter((block) => !last || !block.includes(last));
  const small = ordered(graph, withLeftovers(graph, groups));
  const groupsOfKind = kind === "stage" || kind === "net" ? merged(graph, small, kind, first, last) : small;
  return uniquelyNamed(groupsOfKind.map((nodes) => segmentOf(graph, nodes)));
}

function uniquelyNamed(segments: Segment[]): Segment[] {
  const seen = new Map<string, number>();
  return segments.map((segment) => {
    const count = (seen.get(segment.name) ?? 0) + 1;
    seen.set(segment.name, count);
    return count === 1 ? segment : { ...segment, name: `${segment.name} (${count})` };
  });
}

/** Each layer that is in no group, with the activation that it alone feeds; then every other node alone. */
function withLeftovers(graph: Graph, groups: readonly Node[][]): Node[][] {
  const consumers = consumersOf(graph.nodes);
  const taken = new Set(groups.flat());
  const result = [...groups];
  for (const layer of layersOf(graph)) {
    if (taken.has(layer)) continue;
    const nodes: Node[] = [layer];
    const users = consumers.get(layer.output) ?? [];
    const user = users[0];
    if (user && users.length === 1 && isActivation(user) && !graph.outputs.includes(layer.output) && !taken.has(user)) nodes.push(user);
    for (const node of nodes) taken.add(node);
    result.push(nodes);
  }
  for (const node of graph.nodes) if (!taken.has(node)) result.push([node]);
  return result;
}

/** The groups in an order in which each one's inputs are there; earlier in the file first. */
function ordered(graph: Graph, groups: Node[][]): Node[][] {
  const index = new Map(graph.nodes.map((node, i) => [node, i]));
  const waiting = [...groups].sort((a, b) => (index.get(a.at(-1) as Node) as number) - (index.get(b.at(-1) as Node) as number));
  const ready = new Set<ValueId>([graph.input]);
  const result: Node[][] = [];
  while (waiting.length > 0) {
    const at = waiting.findIndex((group) => boundary(graph, group).inputs.every((value) => ready.has(value)));
    if (at < 0) throw new Error("The segments of the network depend on each other in a circle");
    const [group] = waiting.splice(at, 1) as [Node[]];
    for (const node of group) ready.add(node.output);
    result.push(group);
  }
  return result;
}

/** Joins consecutive segments: to stages of one spatial size, or all between the first and last layer. */
function merged(graph: Graph, segments: Node[][], kind: "stage" | "net", first: Layer | undefined, last: Layer | undefined): Node[][] {
  const alone = (nodes: Node[]) => (first && nodes.includes(first)) || (last && nodes.includes(last));
  const result: Node[][] = [];
  let open: Node[] | null = null;
  let size = "";
  for (const nodes of segments) {
    if (alone(nodes)) {
      result.push(nodes);
      open = null;
      continue;
    }
    const here =
      kind === "net"
        ? ""
        : shapeOf(graph, (nodes.at(-1) as Node).output)
            .slice(0, -1)
            .join("x");
    if (open && (here === size || !nodes.some(isLayer))) open.push(...nodes);
    else {
      open = [...nodes];
      result.push(open);
    }
    if (nodes.some(isLayer)) size = here;
  }
  return result;
}

function segmentOf(graph: Graph, nodes: Node[]): Segment {
  const { inputs, outputs } = boundary(graph, nodes);
  const layers = nodes.filter(isLayer);
  const output = outputs.at(-1);
  if (output === undefined) throw new Error("A segment makes nothing that anyone reads");
  return { name: nameOf(nodes, layers), nodes, layers, inputs, outputs, output };
}

/** What a person recognises: the layer's own name, or the path that a block's layers share. */
function nameOf(nodes: readonly Node[], layers: readonly Layer[]): string {
  const names = (layers.length > 0 ? layers : nodes).map((node) => shortName(node.name));
  if (names.length === 1) return names[0] as string;
  const [head, ...rest] = names.map((name) => name.split(/[/.]/));
  let common = 0;
  while (head && common < head.length - 1 && rest.every((parts) => parts[common] === head[common])) common++;
  const joined = names[0]
    ?.split(/(?<=[/.])/)
    .slice(0, common)
    .join("")
    .replace(/[/.]$/, "");
  return joined || `${names[0]} to ${names.at(-1)}`;
}
