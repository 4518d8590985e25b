/**
 * TF.js graph models: a frozen TensorFlow graph as a list of nodes. Reading is one walk over the nodes that the outputs need: a node
 * whose inputs are all constants is folded, any other is converted, and what is neither is refused by name.
 */
import { BadInput, OpenInputSize } from "../../../base/errors";
import { GraphBuilder } from "../../../graph/builder";
import type { Graph, Pads } from "../../../graph/types";
import { shapeRule } from "../../../operators";
import type { ReadOptions } from "../../format";
import type { At, Sources } from "../build";
import type { Tfjs } from "../library";
import { isObject, type Json, type ModelJson } from "../model-json";
import { Refused } from "../refused";
import type { Constant } from "../weights";
import { ARITHMETIC } from "./arithmetic";
import { CONVOLUTIONS, convolution } from "./convolutions";
import { fold, isFoldable } from "./folding";
import { JOINS } from "./joins";
import { type GraphNode, readNodes, type Source, shapeOf, sourceOf } from "./nodes";
import { quantized, quantizerInputs } from "./quantizers";
import { REDUCTIONS } from "./reductions";
import { SHAPES } from "./shapes";
import { SLICES } from "./slices";
import { type Activation, activation, type Conversion, type Converter, made, type Value, wholes } from "./values";

const CONVERTERS: Readonly<Record<string, Converter>> = { ...CONVOLUTIONS, ...ARITHMETIC, ...SHAPES, ...SLICES, ...JOINS, ...REDUCTIONS };

/** What has no inputs, and the pair of nodes that stands for a dilated convolution. */
const OTHERS: readonly string[] = ["Const", "Placeholder", "Shape", "SpaceToBatchND", "BatchToSpaceND"];

export function readGraphModel(tf: Tfjs, model: ModelJson, weights: ReadonlyMap<string, Constant>, fileName: string, options: ReadOptions): Graph {
  const nodes = readNodes(model.modelTopology, fileName);
  const outputs = outputsOf(model, nodes, fileName);
  const order = inOrder(nodes, outputs, fileName);
  refuseUnknown(order, fileName);
  const placeholders = order.filter(({ op }) => op === "Placeholder");
  const [input] = placeholders;
  if (!input || placeholders.length > 1)
    throw new BadInput(
      `${fileName} takes ${placeholders.length} inputs (${placeholders.map(({ name }) => name).join(", ")}); the lab quantizes networks of one image input.`,
    );
  const dims = inputDims(input, model, fileName, options);
  const first = channelsFirst(dims);
  const shape = first ? [dims[2] as number, dims[3] as number, dims[1] as number] : dims.slice(1);
  const graph = new GraphBuilder(fileName, input.name, shape, shapeRule);
  const sources: Sources = new Map();
  const at = (node: GraphNode): At => ({
    ...{ graph, sources, name: node.name },
    fail: (reason) => new BadInput(`Node "${node.name}" (${node.op}) of ${fileName} ${reason}.`),
  });

  const values = new Map<string, readonly Value[]>();
  const valueAt = ({ node, index }: Source, reader: GraphNode): Value => {
    const value = values.get(node)?.[index];
    if (!value) throw at(reader).fail(`reads output ${index} of "${node}", which that node does not have`);
    return value;
  };
  for (const node of order) {
    if (node.op === "Placeholder") {
      const image: Activation = { kind: "activation", id: input.name, dims: [1, ...shape], batched: true };
      values.set(node.name, [first ? firstAsIn(at(node), image) : image]);
    } else if (node.op === "Const") values.set(node.name, [weightOf(node, weights, fileName)]);
    else if (node.op !== "SpaceToBatchND") {
      const quantizer = quantizerInputs(node, nodes);
      if (quantizer) {
        const inputs = quantizer.map((source) => valueAt(source, node));
        values.set(node.name, [quantized({ ...at(node), tf, node, inputs })]);
        continue;
      }
      const spaced = node.op === "BatchToSpaceND" ? spacedConvolution(node, nodes) : null;
      const read = spaced ? [spaced.space.inputs[0] as Source, ...spaced.convolution.inputs.slice(1)] : node.inputs;
      const inputs = read.map((source) => valueAt(source, node));
      const conversion: Conversion = { ...at(node), tf, node: spaced?.convolution ?? node, inputs };
      const made = spaced ? dilated(conversion, spaced, (source) => valueAt(source, node)) : convert(conversion);
      values.set(node.name, Array.isArray(made) ? made : [made as Value]);
    }
  }
  const results = outputs.map(({ source }) => {
    const value = values.get(source.node)?.[source.index];
    if (value?.kind !== "activation")
      throw new BadInput(`${fileName} does not compute its output "${source.node}" from the image; the file is damaged.`);
    return { id: value.id, name: source.index === 0 ? source.node : `${source.node}:${source.index}` };
  });
  // Values lie as the file has them, whatever its layout is.
  const distinct = results.filter(({ id }, i) => results.findIndex((other) => other.id === id) === i);
  return { ...graph.build(distinct.map(({ id }) => id)), fileOutputs: distinct.map(({ name }) => ({ name, channelsFirst: false })) };
}

function convert(at: Conversion): Value | readonly Value[] {
  const { node, inputs } = at;
  const [first] = inputs;
  if (node.op === "Shape" && first) return { kind: "constant", dims: [first.dims.length], dtype: "int32", data: Int32Array.from(first.dims) };
  if (isFoldable(node.op) && inputs.every((input) => input.kind === "constant")) return fold(at, inputs as readonly Constant[]);
  const converter = CONVERTERS[node.op];
  if (!converter) throw at.fail("computes from the image what the lab computes from constants alone");
  return converter(at);
}

/** Names of the outputs: the signature's, or of the nodes that no other reads. */
function outputsOf({ signature }: ModelJson, nodes: ReadonlyMap<string, GraphNode>, fileName: string): { source: Source }[] {
  const named = isObject(signature) && isObject(signature.outputs) ? Object.values(signature.outputs) : [];
  const sources = named.flatMap((output) => (isObject(output) && typeof output.name === "string" ? [sourceOf(output.name)] : []));
  if (sources.length === 0) {
    const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
    for (const { name, op } of nodes.values())
      if (!read.has(name) && !["Const", "Placeholder", "NoOp"].includes(op)) sources.push({ node: name, index: 0 });
  }
  const unknown = sources.find(({ node }) => !nodes.has(node));
  if (sources.length === 0 || unknown)
    throw new BadInput(`${fileName} has no node for its output${unknown ? ` "${unknown.node}"` : ""}; the file is damaged or truncated.`);
  return sources.map((source) => ({ source }));
}

/** What a node's value is computed from. */
function dependencies(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): readonly Source[] {
  const quantizer = quantizerInputs(node, nodes);
  if (quantizer) return quantizer;
  if (node.op !== "BatchToSpaceND") return node.inputs;
  const spaced = spacedConvolution(node, nodes);
  return spaced ? [...node.inputs.slice(1), ...spaced.space.inputs, ...spaced.convolution.inputs.slice(1)] : node.inputs;
}

/** The nodes that the outputs need, each after those it reads. @throws BadInput for a cycle, or a node that is missing */
function inOrder(nodes: ReadonlyMap<string, GraphNode>, outputs: readonly { source: Source }[], fileName: string): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<string, "open" | "done">();
  for (const { source } of outputs) {
    const stack: { node: GraphNode; reads: readonly Source[]; next: number }[] = [];
    const enter = (name: string, reader: string) => {
      const node = nodes.get(name);
      if (!node) throw new BadInput(`Node "${reader}" of ${fileName} reads "${name}", which the file does not define; it is damaged or truncated.`);
      if (state.get(name) === "done") return;
      if (state.get(name) === "open")
        throw new BadInput(`Node "${name}" of ${fileName} depends on its own output; the lab reads networks without cycles.`);
      state.set(name, "open");
      stack.push({ node, reads: dependencies(node, nodes), next: 0 });
    };
    enter(source.node, source.node);
    while (stack.length > 0) {
      const top = stack.at(-1) as (typeof stack)[number];
      const read = top.reads[top.next++];
      if (read) enter(read.node, top.node.name);
      else {
        stack.pop();
        state.set(top.node.name, "done");
        order.push(top.node);
      }
    }
  }
  return order;
}

function refuseUnknown(order: readonly GraphNode[], fileName: string): void {
  const refused = new Refused();
  for (const { op, name } of order) if (!(op in CONVERTERS) && !OTHERS.includes(op) && !isFoldable(op)) refused.add(op, name);
  refused.throwIfAny(fileName, "operator", [...new Set([...Object.keys(CONVERTERS), ...OTHERS])]);
}

function inputDims(node: GraphNode, { signature }: ModelJson, fileName: string, { inputSize }: ReadOptions): number[] {
  const declared = isObject(signature) && isObject(signature.inputs) ? Object.values(signature.inputs) : [];
  const own = declared.find(
    (entry): entry is { tensorShape: Json } => isObject(entry) && typeof entry.name === "string" && sourceOf(entry.name).node === node.name,
  );
  const extents = node.attributes.shape("shape") ?? shapeOf(own?.tensorShape);
  const text = extents ? `[${extents.map((extent) => (extent > 0 ? extent : "?")).join(", ")}]` : "no shape";
  const known = extents?.every((extent) => Number.isSafeInteger(extent) && extent < 2 ** 24);
  if (!extents || !known || (extents.length !== 4 && extents.length !== 2))
    throw new BadInput(
      `Input "${node.name}" of ${fileName} has ${extents ? `shape ${text}` : text}; expected images [batch, height, width, channels].`,
    );
  return extents.map((extent, axis) => {
    if (axis === 0) return 1;
    const given = extents.length === 4 && axis < 3 ? inputSize?.[axis - 1] : undefined;
    const size = extent > 0 ? extent : given;
    if (size) return size;
    if (axis === extents.length - 1)
      throw new BadInput(`Input "${node.name}" of ${fileName} leaves its channels open (${text}); convert the model with a fixed number.`);
    throw new OpenInputSize(
      `Input "${node.name}" of ${fileName} leaves its size open (${text}); give images, or set a resize or crop (--resize, --crop), or convert the model with a fixed size.`,
    );
  });
}

/** Whether an input is an image with its channels first, as networks that came from PyTorch have it. */
function channelsFirst(dims: readonly number[]): boolean {
  const few = (extent: number | undefined) => extent === 1 || extent === 3;
  return dims.length === 4 && few(dims[1]) && !few(dims[3]) && dims[3] !== 4;
}

/** The image in the file's order, from ours. */
function firstAsIn(at: At, { id }: Activation): Activation {
  const operation = { op: "transpose", perm: [2, 0, 1] } as const;
  const output = at.graph.add(`${at.name}/channels_first`, operation, [id]);
  at.sources.set(output, { operation, inputs: [id] });
  return made(at, output);
}

function weightOf({ name }: GraphNode, weights: ReadonlyMap<string, Constant>, fileName: string): Constant {
  const weight = weights.get(name);
  if (!weight) throw new BadInput(`Constant "${name}" of ${fileName} has no weight in the weightsManifest; the file is damaged or truncated.`);
  return weight;
}

interface Spaced {
  readonly space: GraphNode;
  readonly convolution: GraphNode;
  readonly batch: GraphNode;
}

/** SpaceToBatchND, a convolution, BatchToSpaceND: how TensorFlow writes a dilated convolution. */
function spacedConvolution(batch: GraphNode, nodes: ReadonlyMap<string, GraphNode>): Spaced | null {
  const conv = nodes.get(batch.inputs[0]?.node ?? "");
  const space = nodes.get(conv?.inputs[0]?.node ?? "");
  const isConv = conv && /^(_FusedConv2D|Conv2D|DepthwiseConv2dNative|FusedDepthwiseConv2dNative)$/.test(conv.op);
  return isConv && space?.op === "SpaceToBatchND" ? { space, convolution: conv, batch } : null;
}

function dilated(at: Conversion, { space, batch }: Spaced, valueAt: (source: Source) => Value): Value {
  const numbers = ([, blocks, extents]: readonly Source[]) => {
    const inputs = [blocks, extents].map((source) => valueAt(source as Source));
    return [wholes({ ...at, inputs }, 0, "block"), wholes({ ...at, inputs }, 1, "paddings or crops")] as const;
  };
  const [block, pads] = numbers(space.inputs);
  const [back, crops] = numbers(batch.inputs);
  const { attributes } = at.node;
  const plain = (attributes.ints("strides") ?? []).every((stride) => stride === 1) && attributes.string("padding", "VALID") === "VALID";
  if (block.length !== 2 || block.join() !== back.join() || pads.length !== 4 || crops.length !== 4 || !plain)
    throw at.fail("spreads blocks of pixels over the batch in a way that is no dilated convolution");
  const own = pads.map((extent, side) => extent - (crops[side] as number));
  if (own.some((extent) => extent < 0)) throw at.fail("crops more than it pads");
  return made(at, convolution(at, activation(at, 0).id, { dilations: [block[0] as number, block[1] as number], pads: own as unknown as Pads }));
}
