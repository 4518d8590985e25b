/**
 * Finds a network's blocks from its graph alone, without class names.
 *
 * A residual block is a single-entry single-exit region around an addition or a concatenation: its entry
 * is the merge's immediate dominator (Cooper, Harvey and Kennedy's algorithm), its nodes are those on the
 * paths between, and no value but its output may leave it. Regions nest (a squeeze-excite inside an
 * inverted residual, two concatenations as branches of an Inception block): the outermost counts, unless it
 * holds two of which one follows the other, for then it is a stage or a U-net and not a block.
 *
 * A DenseNet's dense block concatenates its layers' outputs again and again: it is a stage, and its dense
 * layers (dense.ts) are the blocks.
 *
 * An inverted residual without a skip has no merge. It is found as a chain around a depthwise
 * convolution: the expanding 1x1 convolution before it and the projecting one after it, with the squeeze-excite between
 * them. A squeeze-excite is a region too, around a product; it belongs to the block around it, or to the layer that it gates.
 */

import { consumersOf, isBetweenLayers, producersOf } from "../graph/queries";
import { type Graph, isLayer, type Layer, type Node, type ValueId } from "../graph/types";
import { denseLayers } from "./dense";

/** Disjoint sets of nodes that are blocks, each in topological order. */
export function findBlocks(graph: Graph, first: Layer | undefined): Node[][] {
  const consumers = consumersOf(graph.nodes);
  const index = new Map(graph.nodes.map((node, i) => [node, i]));
  const merges = mergeRegions(graph, consumers).filter(({ nodes }) => !first || !nodes.has(first));
  const gateRegions = merges.filter(({ merge }) => merge.operation.op === "mul");
  const regions = merges.filter(({ merge }) => merge.operation.op !== "mul").map(({ nodes }) => withTail(graph, nodes, consumers));
  const blocks = outermost(graph, regions).flatMap((region) => denseLayers(graph, region) ?? [region]);
  const taken = new Set(blocks.flatMap((block) => [...block]));
  for (const block of blocks) addSqueeze(graph, block, taken, consumers, first);
  const gates = gateRegions.filter(({ nodes }) => ![...nodes].some((node) => taken.has(node)));
  for (const chain of depthwiseChains(graph, gates, taken, consumers, first)) blocks.push(chain);
  for (const gated of gatedLayers(graph, gates, taken, consumers, first)) blocks.push(gated);
  return blocks.map((block) => [...block].sort((a, b) => (index.get(a) as number) - (index.get(b) as number)));
}

/** The immediate dominator of each node, by index; -1 is the network's input. */
function dominators(graph: Graph): number[] {
  const producer = new Map<ValueId, number>(graph.nodes.map((node, i) => [node.output, i]));
  const idom: number[] = [];
  const depth = (i: number): number => (i < 0 ? 0 : 1 + depth(idom[i] as number));
  const meet = (a: number, b: number): number => {
    let [p, q] = [a, b];
    while (p !== q) {
      if (depth(p) >= depth(q)) p = idom[p] as number;
      else q = idom[q] as number;
    }
    return p;
  };
  for (const node of graph.nodes) {
    const sources = node.inputs.map((value) => producer.get(value) ?? -1);
    idom.push(sources.reduce(meet));
  }
  return idom;
}

/** The nodes between an entry and the node that merges its branches, the entry left out. */
interface Region {
  readonly entry: Node | undefined;
  readonly merge: Node;
  readonly nodes: Set<Node>;
}

const MERGES: ReadonlySet<string> = new Set(["add", "concat", "mul"]);

function mergeRegions(graph: Graph, consumers: Map<ValueId, Node[]>): Region[] {
  const idom = dominators(graph);
  const producers = producersOf(graph.nodes);
  const regions: Region[] = [];
  graph.nodes.forEach((merge, i) => {
    if (!MERGES.has(merge.operation.op) || new Set(merge.inputs).size < 2) return;
    const entry = graph.nodes[idom[i] as number];
    const region = new Set<Node>([merge]);
    const pending = [merge];
    for (let node = pending.pop(); node; node = pending.pop())
      for (const value of node.inputs) {
        const source = producers.get(value);
        if (!source || source === entry || region.has(source)) continue;
        region.add(source);
        pending.push(source);
      }
    const closed = [...region].every(
      (node) => node === merge || (!graph.outputs.includes(node.output) && (consumers.get(node.output) ?? []).every((user) => region.has(user))),
    );
    if (closed && [...region].some(isLayer) && !changesScaleTwice(region)) regions.push({ entry, merge, nodes: region });
  });
  return regions;
}

/** Whether values in a region get smaller and larger again: a U-net's level or a feature pyramid's, which is no block. */
function changesScaleTwice(region: ReadonlySet<Node>): boolean {
  const shrinks = ({ operation }: Node) => "strides" in operation && operation.op !== "dilate" && operation.strides.some((stride) => stride > 1);
  const grows = ({ operation }: Node) => operation.op === "dilate" || operation.op === "resize";
  return [...region].some(shrinks) && [...region].some(grows);
}

/** The one consumer of a value, if nothing else reads it. */
function onlyConsumer(graph: Graph, value: ValueId, consumers: Map<ValueId, Node[]>): Node | undefined {
  const users = consumers.get(value) ?? [];
  return users.length === 1 && !graph.outputs.includes(value) ? users[0] : undefined;
}

/** Adds the activation (and scale) that a region's output alone feeds. */
function withTail(graph: Graph, region: Set<Node>, consumers: Map<ValueId, Node[]>): Set<Node> {
  const nodes = [...region];
  let last = nodes.find((node) => !(consumers.get(node.output) ?? []).some((user) => region.has(user)));
  while (last) {
    const next = onlyConsumer(graph, last.output, consumers);
    if (!next || !isBetweenLayers(next)) break;
    nodes.push(next);
    last = next;
  }
  return new Set(nodes);
}

function outermost(graph: Graph, regions: Set<Node>[]): Set<Node>[] {
  const producers = producersOf(graph.nodes);
  const accepted: Set<Node>[] = [];
  for (const region of [...regions].sort((a, b) => a.size - b.size)) {
    const touching = accepted.filter((other) => [...other].some((node) => region.has(node)));
    const nested = touching.every((other) => [...other].every((node) => region.has(node)));
    if (!nested || touching.some((a) => touching.some((b) => a !== b && follows(a, b, producers)))) continue;
    for (const inner of touching) accepted.splice(accepted.indexOf(inner), 1);
    accepted.push(region);
  }
  return accepted;
}

/** Whether a node of `b` computes with what a node of `a` makes. */
function follows(a: Set<Node>, b: Set<Node>, producers: ReadonlyMap<ValueId, Node>): boolean {
  const seen = new Set<Node>();
  const pending = [...b];
  for (let node = pending.pop(); node; node = pending.pop())
    for (const value of node.inputs) {
      const source = producers.get(value);
      if (!source || seen.has(source)) continue;
      if (a.has(source)) return true;
      seen.add(source);
      pending.push(source);
    }
  return false;
}

/** The narrowing layer before a concatenation's branches (SqueezeNet's) belongs to its block. */
function addSqueeze(graph: Graph, block: Set<Node>, taken: Set<Node>, consumers: Map<ValueId, Node[]>, first: Layer | undefined): void {
  if (![...block].some((node) => node.operation.op === "concat")) return;
  const producers = producersOf(graph.nodes);
  const made = new Set([...block].map((node) => node.output));
  const entries = [...new Set([...block].flatMap((node) => node.inputs))].filter((value) => !made.has(value));
  const chain: Node[] = [];
  let value = entries.length === 1 ? (entries[0] as ValueId) : null;
  while (value !== null) {
    const node = producers.get(value);
    const inside = node && (consumers.get(node.output) ?? []).every((user) => block.has(user) || chain.includes(user));
    if (!node || !inside || taken.has(node) || node === first) return;
    chain.push(node);
    if (isLayer(node)) break;
    if (!isBetweenLayers(node)) return;
    value = node.inputs[0] as ValueId;
  }
  for (const node of chain) {
    block.add(node);
    taken.add(node);
  }
}

/** A squeeze-excite that is in no block yet makes one with the layer whose output it gates. */
function gatedLayers(
  graph: Graph,
  gates: readonly Region[],
  taken: Set<Node>,
  consumers: Map<ValueId, Node[]>,
  first: Layer | undefined,
): Set<Node>[] {
  const producers = producersOf(graph.nodes);
  const found: Set<Node>[] = [];
  for (const { entry, nodes } of gates) {
    if ([...nodes].some((node) => taken.has(node))) continue;
    const block = new Set(nodes);
    for (let at = entry; at && at !== first && !taken.has(at); at = producers.get(at.inputs[0] as ValueId)) {
      const inside = (consumers.get(at.output) ?? []).every((user) => block.has(user)) && !graph.outputs.includes(at.output);
      if (!inside || !(isLayer(at) || isBetweenLayers(at))) break;
      block.add(at);
      if (isLayer(at)) break;
    }
    for (const node of withTail(graph, block, consumers)) block.add(node);
    for (const node of block) taken.add(node);
    found.push(block);
  }
  return found;
}

function isDepthwise(node: Node): boolean {
  return node.operation.op === "conv2d" && node.operation.groups > 1 && node.operation.kernel.shape[2] === 1;
}

function isPointwise(node: Node): boolean {
  const { operation } = node;
  return operation.op === "conv2d" && operation.groups === 1 && operation.kernel.shape[0] === 1 && operation.kernel.shape[1] === 1;
}

function depthwiseChains(
  graph: Graph,
  gates: readonly Region[],
  taken: Set<Node>,
  consumers: Map<ValueId, Node[]>,
  first: Layer | undefined,
): Set<Node>[] {
  const producers = producersOf(graph.nodes);
  const chains: Set<Node>[] = [];
  for (const depthwise of graph.nodes) {
    if (!isDepthwise(depthwise) || taken.has(depthwise)) continue;
    const chain = new Set([depthwise]);
    const before = backwards(depthwise);
    const expands = before.at(-1);
    if (
      expands?.operation.op === "conv2d" &&
      isPointwise(expands) &&
      (expands.operation.kernel.shape[3] as number) > (expands.operation.kernel.shape[2] as number)
    )
      for (const node of before) chain.add(node);
    const after = forwards(depthwise);
    const gating = new Set(gates.flatMap(({ nodes }) => [...nodes]));
    const project = after.findLast((node) => isLayer(node) && !gating.has(node));
    if (!project || !isPointwise(project)) continue;
    for (const node of after) chain.add(node);
    for (const node of chain) taken.add(node);
    chains.push(chain);
  }
  return chains;

  /** The nodes before `node` up to a layer, if each feeds only the next. */
  function backwards(node: Node): Node[] {
    const path: Node[] = [];
    for (let at = producers.get(node.inputs[0] as ValueId); at && at !== first && !taken.has(at); at = producers.get(at.inputs[0] as ValueId)) {
      if (!onlyConsumer(graph, at.output, consumers)) return [];
      path.push(at);
      if (isLayer(at)) return path;
      if (!isBetweenLayers(at)) return [];
    }
    return [];
  }

  /** The activation after `node` and the squeeze-excite that gates it, the next layer, and that layer's activation. */
  function forwards(node: Node): Node[] {
    const path: Node[] = [];
    let layers = 0;
    let last = node;
    for (;;) {
      const gate = gates.find(({ entry }) => entry === last);
      const at = onlyConsumer(graph, last.output, consumers);
      if (gate) {
        path.push(...gate.nodes);
        last = gate.merge;
        continue;
      }
      if (!at || taken.has(at)) break;
      if (isLayer(at)) layers++;
      else if (!isBetweenLayers(at)) break;
      if (layers > 1) break;
      path.push(at);
      last = at;
    }
    return layers > 0 ? path : [];
  }
}
