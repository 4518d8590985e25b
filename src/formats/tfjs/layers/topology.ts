/**
 * The topology of a layers model (Keras's serialization), looked over before TensorFlow.js builds it: unknown layers are refused all
 * at once, references must lead somewhere and in no circle (or its deserialization would not end), and widths must be those of weights.
 */
import { BadInput, OpenInputSize } from "../../../base/errors";
import type { ReadOptions } from "../../format";
import { isObject, type Json, type JsonObject } from "../model-json";
import type { Refused } from "../refused";

const MODELS: readonly string[] = ["Model", "Functional", "Sequential"];

/** Layers of a real network, nested ones too. */
const MOST_LAYERS = 10_000;
const MOST_DEPTH = 16;

/** Keys of one object, characters of one text, and how deep JSON lies in JSON: far more than any layer's configuration has. */
const MOST_JSON = { keys: 1000, characters: 10_000, depth: 200 } as const;

export interface TopologyContext {
  readonly fileName: string;
  readonly known: readonly string[];
  readonly refused: Refused;
  /** Extents of the weights. */
  readonly extents: ReadonlySet<number>;
  readonly options: ReadOptions;
}

/** The topology with the size of its images put in where it is open. @throws BadInput where it is damaged, OpenInputSize */
export function checkedTopology(topology: JsonObject, context: TopologyContext): JsonObject {
  checkPlausible(topology, context);
  const root = isObject(topology.model_config) ? topology.model_config : topology;
  const count = { layers: 0 };
  return checkedModel(root, context, 0, count);
}

/** TensorFlow.js converts every key and text, so that a few megabytes of them would take it long. */
function checkPlausible(topology: JsonObject, context: TopologyContext): void {
  const left: [value: Json | undefined, depth: number][] = [[topology, 0]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [value, depth] = next;
    const long = typeof value === "string" && value.length > MOST_JSON.characters;
    if (long || depth > MOST_JSON.depth || (isObject(value) && Object.keys(value).length > MOST_JSON.keys))
      throw damaged(context, "holds texts, lists of keys or nested values in its modelTopology that are far longer than any layer's");
    if (typeof value === "object" && value !== null) for (const inner of Object.values(value) as Json[]) left.push([inner, depth + 1]);
  }
}

function damaged(context: TopologyContext, reason: string): BadInput {
  return new BadInput(`${context.fileName} ${reason}; it is damaged: convert or download the model again.`);
}

function checkedModel(model: JsonObject, context: TopologyContext, depth: number, count: { layers: number }): JsonObject {
  const { class_name: kind, config } = model;
  if (typeof kind !== "string" || !MODELS.includes(kind))
    throw damaged(context, `describes a "${String(kind)}" where a model is expected (${MODELS.join(", ")})`);
  const layers = isObject(config) ? config.layers : config;
  if (!Array.isArray(layers) || layers.length === 0 || !layers.every(isObject)) throw damaged(context, "has a model without a list of layers");
  count.layers += layers.length;
  if (depth > MOST_DEPTH || count.layers > MOST_LAYERS)
    throw damaged(context, `nests or lists more than ${MOST_DEPTH} levels or ${MOST_LAYERS} layers`);
  const checked = layers.map((layer) => checkedLayer(layer, context, depth, count));
  if (kind !== "Sequential") checkReferences(layers, context);
  return { ...model, config: isObject(config) ? { ...config, layers: checked } : checked };
}

function checkedLayer(layer: JsonObject, context: TopologyContext, depth: number, count: { layers: number }): JsonObject {
  const { class_name: kind } = layer;
  if (typeof kind !== "string") throw damaged(context, "has a layer without a class_name");
  const name = nameOf(layer);
  if (MODELS.includes(kind)) return checkedModel(layer, context, depth + 1, count);
  if (!context.known.includes(kind)) context.refused.add(kind, name);
  const config = isObject(layer.config) ? layer.config : {};
  for (const field of ["filters", "units"]) {
    const width = config[field];
    if (width !== undefined && !(typeof width === "number" && context.extents.has(width)))
      throw damaged(context, `has a layer "${name}" (${kind}) with ${field} ${JSON.stringify(width)}, which no weight has`);
  }
  if ("batch_shape" in config)
    throw new BadInput(
      `${context.fileName} is written as Keras 3 writes models, which TensorFlow.js does not read; save it with Keras 2 (tf_keras), or convert it to a graph model.`,
    );
  return { ...layer, config: { ...config, ...withSize(config, name, context) } };
}

/** The shape of an input layer, its open height and width filled in. */
function withSize(config: JsonObject, name: string, { fileName, options: { inputSize } }: TopologyContext): JsonObject {
  const shape = config.batch_input_shape;
  if (!Array.isArray(shape) || shape.length !== 4 || (shape[1] !== null && shape[2] !== null)) return {};
  if (!inputSize)
    throw new OpenInputSize(
      `Input "${name}" of ${fileName} leaves its size open ([${shape.map((extent) => extent ?? "?").join(", ")}]); give images, or set a resize or crop (--resize, --crop), or convert the model with a fixed size.`,
    );
  return { batch_input_shape: [shape[0] as Json, shape[1] ?? inputSize[0], shape[2] ?? inputSize[1], shape[3] as Json] };
}

function nameOf(layer: JsonObject): string {
  const own = isObject(layer.config) ? layer.config.name : undefined;
  return String(layer.name ?? own ?? layer.class_name);
}

/** Every call of a layer, by "name:index", and the calls that it reads. */
function checkReferences(layers: readonly JsonObject[], context: TopologyContext): void {
  const reads = new Map<string, string[]>();
  for (const layer of layers) {
    const name = nameOf(layer);
    // A nested model's call 0 is its own definition.
    const first = MODELS.includes(String(layer.class_name)) ? 1 : 0;
    const calls = layer.inbound_nodes ?? [];
    if (!Array.isArray(calls)) throw damaged(context, `has a layer "${name}" without a list of inbound_nodes`);
    if (calls.length === 0) reads.set(`${name}:0`, []);
    for (const [i, call] of calls.entries()) reads.set(`${name}:${first + i}`, referencesOf(call, name, context));
  }
  const done = new Set<string>();
  const readers = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [call, sources] of reads) {
    for (const source of sources) {
      if (!reads.has(source)) throw damaged(context, `has a layer "${call}" that reads "${source}", which it does not define`);
      readers.set(source, [...(readers.get(source) ?? []), call]);
    }
    open.set(call, sources.length);
  }
  const ready = [...reads.keys()].filter((call) => open.get(call) === 0);
  for (let call = ready.pop(); call !== undefined; call = ready.pop()) {
    done.add(call);
    for (const reader of readers.get(call) ?? []) {
      const left = (open.get(reader) as number) - 1;
      open.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  const circular = [...reads.keys()].find((call) => !done.has(call));
  if (circular) throw damaged(context, `has a layer "${circular}" that depends on its own output`);
}

function referencesOf(call: Json, name: string, context: TopologyContext): string[] {
  if (!Array.isArray(call)) throw damaged(context, `has a layer "${name}" whose inputs are not lists of a layer and its indices`);
  return call.map((reference) => {
    if (!Array.isArray(reference) || typeof reference[0] !== "string" || !Number.isSafeInteger(reference[1]))
      throw damaged(context, `has a layer "${name}" whose inputs are not lists of a layer and its indices`);
    return `${reference[0]}:${reference[1]}`;
  });
}
