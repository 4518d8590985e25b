/**
 * Group normalization as PyTorch exports it below opset 21: the channels' groups become the channels of a smaller view,
 * instance normalization is applied there, and the view is taken back. Made one node again, on the image itself.
 *
 * What the view does to every number is followed number by number, so that nothing but this very thing is taken for it.
 */
import { consumersOf, producersOf, shapeOf } from "../graph/queries";
import { type Graph, type Node, type Shape, sizeOf, type ValueId } from "../graph/types";
import { type NodeOf, rewrite } from "./rewriting";

const VIEWS: ReadonlySet<string> = new Set(["transpose", "reshape"]);

export function recognizeGroupNorm(graph: Graph): Graph {
  if (!graph.nodes.some(({ operation }) => operation.op === "groupNorm")) return graph;
  const producers = producersOf(graph.nodes);
  const consumers = consumersOf(graph.nodes);
  const ends = new Map<string, Node>();
  for (const node of graph.nodes) {
    if (node.operation.op !== "groupNorm") continue;
    const found = onImage(graph, node as NodeOf<"groupNorm">, producers, consumers);
    if (found) ends.set(found.last.name, found.replacement);
  }
  return ends.size === 0 ? graph : rewrite(graph, (node) => (node.operation.op === "groupNorm" ? null : taken(ends, node.name)));
}

/** Each replacement once. */
function taken(ends: Map<string, Node>, name: string): Node | null {
  const found = ends.get(name) ?? null;
  ends.delete(name);
  return found;
}

function onImage(
  graph: Graph,
  norm: NodeOf<"groupNorm">,
  producers: ReadonlyMap<ValueId, Node>,
  consumers: ReadonlyMap<ValueId, readonly Node[]>,
): { last: Node; replacement: Node } | null {
  const { operation } = norm;
  const groups = shapeOf(graph, norm.output).at(-1) as number;
  const plain = operation.scale.data.every((value) => value === 1) && operation.shift.data.every((value) => value === 0);
  if (operation.groups !== groups || !plain) return null;
  const before: Node[] = [];
  for (let node = producers.get(norm.inputs[0] as ValueId); node && VIEWS.has(node.operation.op); node = producers.get(node.inputs[0] as ValueId))
    before.unshift(node);
  const after: Node[] = [];
  for (let value = norm.output; ; ) {
    const users = consumers.get(value) ?? [];
    const [next] = users;
    if (!next || users.length > 1 || !VIEWS.has(next.operation.op) || graph.outputs.includes(value)) break;
    after.push(next);
    value = next.output;
  }
  const first = before[0];
  const last = after.at(-1);
  const x = first?.inputs[0];
  if (x === undefined || !last) return null;
  const shape = shapeOf(graph, x);
  const channels = shape.at(-1) as number;
  if (shape.length !== 3 || channels % groups !== 0 || shapeOf(graph, last.output).join() !== shape.join()) return null;
  const seen = followed(graph, x, before);
  const back = followed(graph, norm.output, after);
  const each = channels / groups;
  for (let i = 0; i < seen.length; i++) if (Math.floor(((seen[i] as number) % channels) / each) !== i % groups) return null;
  for (let i = 0; i < back.length; i++) if (seen[back[i] as number] !== i) return null;
  const constant = (value: number) => ({ shape: [channels], data: new Float32Array(channels).fill(value) });
  const replacement = { op: "groupNorm", groups, epsilon: operation.epsilon, scale: constant(1), shift: constant(0) } as const;
  return { last, replacement: { ...last, inputs: [x], operation: replacement } };
}

/** For every number after some views, which number of `value` it is. */
function followed(graph: Graph, value: ValueId, views: readonly Node[]): Int32Array {
  let shape: Shape = shapeOf(graph, value);
  let places = Int32Array.from({ length: sizeOf(shape) }, (_, i) => i);
  for (const { operation, output } of views) {
    const to = shapeOf(graph, output);
    if (operation.op === "transpose") places = transposed(places, shape, operation.perm);
    shape = to;
  }
  return places;
}

function transposed(places: Int32Array<ArrayBuffer>, shape: Shape, perm: readonly number[]): Int32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const to = perm.map((axis) => shape[axis] as number);
  const result = new Int32Array(places.length);
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let from = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const extent = to[axis] as number;
      from += (rest % extent) * (strides[perm[axis] as number] as number);
      rest = Math.floor(rest / extent);
    }
    result[i] = places[from] as number;
  }
  return result;
}
