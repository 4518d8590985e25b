/**
 * Dense layers (Huang et al., Densely Connected Convolutional Networks, CVPR 2017): each reads the concatenation of the
 * block's input and all outputs before its own. The block ends in a concatenation of all of them, and some of what it
 * concatenates is concatenated inside it already, for a later layer to read; that tells it from a block whose branches
 * merely end in one concatenation.
 */

import { producersOf } from "../graph/queries";
import { type Graph, isLayer, type Node, type ValueId } from "../graph/types";

/** The dense layers of a region, in order, each with the concatenation that it reads; null where it is no dense block. */
export function denseLayers(graph: Graph, region: ReadonlySet<Node>): Set<Node>[] | null {
  const order = graph.nodes.filter((node) => region.has(node));
  const concats = order.filter(({ operation }) => operation.op === "concat");
  const last = concats.at(-1);
  if (!last) return null;
  const joined = new Set(last.inputs);
  const repeated = concats.some((node) => node !== last && node.inputs.filter((value) => joined.has(value)).length > 1);
  if (!repeated) return null;
  const producers = producersOf(graph.nodes);
  const taken = new Set<Node>([last]);
  const layers: Set<Node>[] = [];
  for (const node of order) {
    if (!joined.has(node.output) || taken.has(node)) continue;
    const layer = ancestors(node, region, taken, producers);
    for (const one of layer) taken.add(one);
    if ([...layer].some(isLayer)) layers.push(layer);
  }
  return layers;
}

/** A node of a region and what it is computed from there, without what is taken. */
function ancestors(node: Node, region: ReadonlySet<Node>, taken: ReadonlySet<Node>, producers: ReadonlyMap<ValueId, Node>): Set<Node> {
  const found = new Set([node]);
  const pending = [node];
  for (let at = pending.pop(); at; at = pending.pop())
    for (const value of at.inputs) {
      const source = producers.get(value);
      if (!source || !region.has(source) || taken.has(source) || found.has(source)) continue;
      found.add(source);
      pending.push(source);
    }
  return found;
}
