/**
 * Packed weights read again: the file has no network, so it is put onto the one that it was made from, chosen together with it.
 * Kernels become the levels that their codes stand for, biases and other parameters the file's, and every quantized
 * activation a `fakeQuantize` node, as in a quantized ONNX file: the network that comes out gives what the quantized
 * network gave.
 */
import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import type { ModelFile } from "../../formats/format";
import { type Graph, isLayer, type Layer, type Node, type Operation, type Tensor, type ValueId } from "../../graph/types";
import { levelsOf } from "../../quantize/quantizer";
import { tensorName } from "../artifact";
import { outputsLast, shapeOutputsFirst } from "../layout";
import type { FileTensor } from "./file";
import { unpackRows } from "./pack";
import { parseSafetensors, type SafetensorsContent } from "./parse";

const bits = z.int().check(z.gte(1), z.lte(32));
const CONFIG = z.object({
  layers: z.array(z.object({ name: z.string(), node: z.string(), stored_bits: bits })),
  activations: z.array(z.object({ tensor: z.string(), bits: z.int().check(z.gte(2), z.lte(8)), scale: z.number(), zero_point: z.number() })),
  clamps: z.array(z.object({ node: z.string(), low: z.nullable(z.number()), high: z.nullable(z.number()) })),
  recipe: z.object({ model: z.object({ name: z.string() }) }),
});
type Config = z.infer<typeof CONFIG>;

/** What the network's file was called that packed weights belong to; null where the file does not say. */
export function packedModelName(file: ModelFile): string | null {
  try {
    return configOf(file, parseSafetensors(file)).recipe.model.name;
  } catch {
    return null;
  }
}

/**
 * @param graph as it was quantized: prepared, batch normalization folded
 * @throws BadInput that names the file and the layer or tensor that is not the network's
 */
export function withPackedWeights(graph: Graph, file: ModelFile): Graph {
  const content = parseSafetensors(file);
  const config = configOf(file, content);
  const rows = new Map(config.layers.map((row) => [row.node, row]));
  const missing = config.layers.find(({ node }) => !graph.nodes.some((one) => isLayer(one) && one.name === node));
  if (missing)
    throw new BadInput(
      `${file.path} has weights of layer "${missing.node}", which ${graph.name} lacks; choose the model that it was made from, ${config.recipe.model.name}.`,
    );
  const site = { file, content, graph };
  const clamps = new Map(config.clamps.map((clamp) => [clamp.node, clamp]));
  const nodes = graph.nodes.map((node): Node => {
    const clamp = node.operation.op === "clamp" && clamps.get(node.name);
    if (clamp)
      return { ...node, operation: { op: "clamp", low: clamp.low ?? Number.NEGATIVE_INFINITY, high: clamp.high ?? Number.POSITIVE_INFINITY } };
    if (!isLayer(node)) return withParameters(site, node);
    const row = rows.get(node.name);
    if (!row) throw new BadInput(`${file.path} has no weights for layer "${node.name}" of ${graph.name}; choose the model that it was made from.`);
    return withKernel(site, node, row);
  });
  return withQuantizers({ ...graph, nodes }, file, config);
}

interface Site {
  readonly file: ModelFile;
  readonly content: SafetensorsContent;
  readonly graph: Graph;
}

function configOf({ path }: ModelFile, { metadata }: SafetensorsContent): Config {
  const text = metadata["brecq-lab"];
  if (typeof text !== "string")
    throw new BadInput(
      `${path} is no file of packed weights that this lab wrote (its metadata has no "brecq-lab"); load a network as ONNX or TensorFlow.js.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadInput(`${path} has metadata "brecq-lab" that is no JSON; the file is damaged: export it again.`);
  }
  const parsed = CONFIG.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadInput(`${path} has metadata "brecq-lab" without what is expected at ${parsed.error.issues[0]?.path.join(".")}; export it again.`);
}

function withKernel(site: Site, node: Layer, { name, stored_bits: stored }: Config["layers"][number]): Layer {
  const { kernel, bias } = node.operation;
  const shape = shapeOutputsFirst(kernel.shape);
  const data = outputsLast(stored > 8 ? floats(site, `${name}.weight`, kernel.data.length) : dequantized(site, name, stored, shape), kernel.shape);
  const own = site.content.tensors.has(`${name}.bias`) ? floats(site, `${name}.bias`, shape[0] as number) : null;
  const operation = {
    ...node.operation,
    kernel: { ...kernel, data },
    bias: own ? { ...bias, shape: [own.length], data: own } : null,
  } as Layer["operation"];
  return { ...node, operation };
}

/** Weights [out, in * kh * kw] of packed codes. */
function dequantized(site: Site, name: string, stored: number, [outputs = 1, ...rest]: readonly number[]): Float32Array {
  const columns = rest.reduce((product, extent) => product * extent, 1);
  const words = (columns * stored + 31) >> 5;
  const codes = unpackRows(integers(site, `${name}.weight_packed`, outputs * words), outputs, columns, stored);
  const scale = floats(site, `${name}.weight_scale`, outputs);
  const zeros = site.content.tensors.has(`${name}.weight_zero_point`)
    ? unpackRows(integers(site, `${name}.weight_zero_point`, (outputs * stored + 31) >> 5), 1, outputs, stored)
    : new Int32Array(outputs).fill(2 ** (stored - 1));
  return Float32Array.from(codes, (code, i) => {
    const row = Math.floor(i / columns);
    return (code - (zeros[row] as number)) * (scale[row] as number);
  });
}

function floats(site: Site, name: string, length: number): Float32Array {
  return tensor(site, name, length, Float32Array);
}

function integers(site: Site, name: string, length: number): Int32Array {
  return tensor(site, name, length, Int32Array);
}

function tensor<T extends FileTensor["data"]>({ file, content, graph }: Site, name: string, length: number, type: new (n: number) => T): T {
  const data = content.tensors.get(name)?.data;
  if (data instanceof type && data.length === length) return data;
  const found = data ? `${data.length} numbers in ${data.constructor.name}` : "nothing";
  throw new BadInput(
    `${file.path}: "${name}" holds ${found} where ${graph.name} takes ${length} in ${type.name}; choose the model that the file was made from.`,
  );
}

/** A node that is no layer, with the parameters of the file: NODE.FIELD. */
function withParameters(site: Site, node: Node): Node {
  const entries = Object.entries(node.operation).map(([field, value]) => {
    const name = `${node.name}.${field}`;
    if (typeof value !== "object" || value === null || !("data" in value) || !site.content.tensors.has(name)) return [field, value];
    const own = value as Tensor;
    return [field, { ...own, data: floats(site, name, own.data.length) }];
  });
  return { ...node, operation: Object.fromEntries(entries) as Operation };
}

/** The graph with a quantizer after each value that was quantized; all that read the value, read it quantized. */
function withQuantizers(graph: Graph, { path }: ModelFile, { activations }: Config): Graph {
  const values = new Map<string, ValueId>(graph.nodes.map(({ output }) => [tensorName(graph, output), output]));
  const quantized = new Map<ValueId, ValueId>();
  const made = new Map<ValueId, Node>();
  for (const { tensor: name, bits, scale, zero_point: zero } of activations) {
    const value = values.get(name);
    if (value === undefined)
      throw new BadInput(`${path} quantizes a value "${name}" that ${graph.name} lacks; choose the model that it was made from.`);
    const output = `${value}.quantized`;
    quantized.set(value, output);
    made.set(value, {
      name: `${value}/fakeQuantize`,
      inputs: [value],
      output,
      operation: { op: "fakeQuantize", scale, zero, levels: levelsOf(bits) },
    });
  }
  const renamed = (value: ValueId) => quantized.get(value) ?? value;
  const nodes = graph.nodes.flatMap((node) => {
    const own = { ...node, inputs: node.inputs.map(renamed) };
    const quantizer = made.get(node.output);
    return quantizer ? [own, quantizer] : [own];
  });
  const shapes = new Map(graph.shapes);
  for (const [value, output] of quantized) shapes.set(output, graph.shapes.get(value) ?? []);
  return { ...graph, nodes, shapes, output: renamed(graph.output), outputs: graph.outputs.map(renamed) };
}
