/**
 * Where the nodes of a unit stand in its column, and how its branches run: layered by dagre, from left to right. What reads one
 * value and makes one (ReLU, batch norm, padding) is drawn with the node before it, so that the picture shows layers and the
 * places where branches meet.
 */
import dagre from "@dagrejs/dagre";
import type { NodeView, UnitView } from "../../session/network/view";

export interface PlacedNode {
  readonly id: string;
  readonly layer: boolean;
  readonly title: string;
  /** Operations that are drawn with it, in order. */
  readonly with: readonly string[];
  /** Middle, in columns and lanes from 0. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlacedUnit {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  /** Extent in columns and lanes. */
  readonly width: number;
  readonly height: number;
}

/** Ends of a unit, in edges: what comes in and what goes out. */
export const ENTRY = "\u0000in";
export const EXIT = "\u0000out";

interface Drawn {
  readonly node: NodeView;
  readonly with: string[];
}

/** The nodes to draw, and which of them stands for each node and for what comes from outside. */
function contract({ nodes }: UnitView): { drawn: readonly Drawn[]; standsFor: ReadonlyMap<string, string> } {
  const own = new Set(nodes.map(({ id }) => id));
  const drawn = new Map<string, Drawn>();
  const standsFor = new Map<string, string>();
  for (const node of nodes) {
    const [first] = node.inputs;
    const before = first !== undefined && own.has(first) ? standsFor.get(first) : ENTRY;
    const host = before === undefined ? undefined : drawn.get(before);
    if (node.layer || node.inputs.length > 1 || !host) {
      drawn.set(node.id, { node, with: [] });
      standsFor.set(node.id, node.id);
    } else {
      host.with.push(node.title);
      standsFor.set(node.id, host.node.id);
    }
  }
  return { drawn: [...drawn.values()], standsFor };
}

const STEP = 100;

export function layoutUnit(unit: UnitView): PlacedUnit {
  const { drawn, standsFor } = contract(unit);
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: STEP * 0.35, ranksep: STEP * 0.5, edgesep: STEP * 0.35, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(drawn.map(({ node }) => node.id));
  graph.setNode(ENTRY, { width: 1, height: 1 });
  for (const { node } of drawn) graph.setNode(node.id, { width: STEP * (node.layer ? 0.7 : 0.35), height: STEP * (node.layer ? 0.65 : 0.35) });
  graph.setNode(EXIT, { width: 1, height: 1 });
  const read = new Set<string>();
  for (const { node } of drawn) {
    for (const input of node.inputs) {
      const from = standsFor.get(input) ?? ENTRY;
      if (from === node.id) continue;
      graph.setEdge(from, node.id);
      read.add(from);
    }
  }
  // What nothing in the unit reads goes out.
  for (const id of ids) if (!read.has(id)) graph.setEdge(id, EXIT);
  if (ids.size === 0) graph.setEdge(ENTRY, EXIT);
  dagre.layout(graph);
  const at = (name: string) => graph.node(name) as { readonly x: number; readonly y: number };
  const size = graph.graph() as { readonly width?: number; readonly height?: number };
  return {
    nodes: drawn.map(({ node, with: others }) => ({
      ...{ id: node.id, layer: node.layer, title: node.title, with: others },
      ...{ x: at(node.id).x / STEP, y: at(node.id).y / STEP },
    })),
    edges: graph.edges().map(({ v, w }) => ({
      from: v,
      to: w,
      points: (graph.edge({ v, w }).points as { x: number; y: number }[]).map(({ x, y }) => [x / STEP, y / STEP] as const),
    })),
    width: (size.width ?? STEP) / STEP,
    height: (size.height ?? STEP) / STEP,
  };
}
