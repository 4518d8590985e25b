/** A graph while a pass replaces a few nodes by one: who makes a value, and whether anyone else reads it. */
import { consumersOf, producersOf } from "../graph/queries";
import type { Graph, Node, Operation, OperationName, ValueId } from "../graph/types";

export type NodeOf<Name extends OperationName> = Node & { readonly operation: Extract<Operation, { op: Name }> };

export interface Rewriting {
  /** The node that makes a value, if it is of that kind. */
  maker<Name extends OperationName>(value: ValueId | undefined, op: Name): NodeOf<Name> | null;
  /** The same, if nothing but one node reads the value. */
  only<Name extends OperationName>(value: ValueId | undefined, op: Name): NodeOf<Name> | null;
}

/**
 * Lets `find` replace nodes until it finds nothing more. It is asked for every node, and gives the one that takes its
 * place; nodes that then lead nowhere are dropped. A sweep makes all replacements that do not look at the same nodes.
 */
export function rewrite(graph: Graph, find: (node: Node, at: Rewriting) => Node | null): Graph {
  let nodes = graph.nodes;
  for (let replaced = new Map<Node, Node>(); ; replaced = new Map()) {
    const producers = producersOf(nodes);
    const consumers = consumersOf(nodes);
    const taken = new Set<Node>();
    let seen: Node[] = [];
    const maker = <Name extends OperationName>(value: ValueId | undefined, op: Name): NodeOf<Name> | null => {
      const node = value === undefined ? undefined : producers.get(value);
      if (node?.operation.op !== op) return null;
      seen.push(node);
      return node as NodeOf<Name>;
    };
    const only = <Name extends OperationName>(value: ValueId | undefined, op: Name): NodeOf<Name> | null => {
      const single = value !== undefined && consumers.get(value)?.length === 1 && !graph.outputs.includes(value);
      return single ? maker(value, op) : null;
    };
    for (const node of nodes) {
      seen = [node];
      const found = find(node, { maker, only });
      if (!found || seen.some((one) => taken.has(one))) continue;
      for (const one of seen) taken.add(one);
      replaced.set(node, found);
    }
    if (replaced.size === 0) return { ...graph, nodes };
    nodes = live(
      graph,
      nodes.map((node) => replaced.get(node) ?? node),
    );
  }
}

/** The nodes that lead to an output. */
function live(graph: Graph, nodes: readonly Node[]): Node[] {
  const needed = new Set(graph.outputs);
  return [...nodes]
    .reverse()
    .filter((node) => {
      if (!needed.has(node.output)) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    })
    .reverse();
}
