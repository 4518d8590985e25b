/** The nodes of a graph model as its JSON has them (TensorFlow's GraphDef, node_def.proto and attr_value.proto), checked and decoded. */
import { BadInput } from "../../../base/errors";
import { isObject, type Json, type JsonObject } from "../model-json";

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Without those that only order the execution. */
  readonly inputs: readonly Source[];
  readonly attributes: Attributes;
  /** As the file has it. */
  readonly json: JsonObject;
}

/** Output `index` of a node. */
export interface Source {
  readonly node: string;
  readonly index: number;
}

/** "name", "name:1" or "name:output:1" in a node's inputs or a signature. */
export function sourceOf(text: string): Source {
  const parts = text.split(":");
  const index = parts.length > 1 ? Number(parts.at(-1)) : 0;
  return { node: parts[0] as string, index: Number.isSafeInteger(index) ? index : 0 };
}

/** The nodes by name. @throws BadInput where the topology lists no such nodes */
export function readNodes(topology: JsonObject, fileName: string): Map<string, GraphNode> {
  const fail = (reason: string) => new BadInput(`${fileName} ${reason}; it is damaged: convert or download the model again.`);
  if (!Array.isArray(topology.node) || topology.node.length === 0) throw fail("lists no nodes in its modelTopology");
  const nodes = new Map<string, GraphNode>();
  for (const json of topology.node as readonly Json[]) {
    if (!isObject(json) || typeof json.name !== "string" || typeof json.op !== "string") throw fail("has a node without a name or an op");
    const { name, op } = json;
    if (nodes.has(name)) throw fail(`has two nodes "${name}"`);
    const given = json.input ?? [];
    if (!Array.isArray(given) || !given.every((input) => typeof input === "string")) throw fail(`has a node "${name}" whose inputs are no names`);
    const inputs = given.filter((input) => !input.startsWith("^")).map(sourceOf);
    nodes.set(name, { name, op, inputs, attributes: new Attributes(isObject(json.attr) ? json.attr : {}), json });
  }
  return nodes;
}

/** A node's attributes by kind; `fallback` where it has none of that name and kind. */
export class Attributes {
  constructor(private readonly json: JsonObject) {}

  private value(name: string): JsonObject {
    const value = this.json[name];
    return isObject(value) ? value : {};
  }

  private list(name: string): JsonObject | null {
    const { list } = this.value(name);
    return isObject(list) ? list : null;
  }

  int(name: string, fallback: number): number {
    const { i } = this.value(name);
    return i === undefined || !Number.isSafeInteger(Number(i)) ? fallback : Number(i);
  }

  float(name: string, fallback: number): number {
    const { f } = this.value(name);
    return typeof f === "number" ? f : fallback;
  }

  bool(name: string): boolean {
    return this.value(name).b === true;
  }

  string(name: string, fallback: string): string {
    const { s } = this.value(name);
    return s === undefined ? fallback : textOf(s);
  }

  ints(name: string): number[] | null {
    const list = this.list(name)?.i;
    return Array.isArray(list) ? list.map(Number) : null;
  }

  strings(name: string): string[] {
    const list = this.list(name)?.s;
    return Array.isArray(list) ? list.map(textOf) : [];
  }

  /** Extents, -1 for open ones; null where the rank is open too. */
  shape(name: string): number[] | null {
    const { shape } = this.value(name);
    return shapeOf(shape);
  }
}

export function shapeOf(shape: Json | undefined): number[] | null {
  if (!isObject(shape) || shape.unknownRank === true || !Array.isArray(shape.dim)) return null;
  return shape.dim.map((dim) => (isObject(dim) ? Number(dim.size ?? -1) : -1));
}

/** Bytes as base64, or as a list of numbers. */
function textOf(value: Json): string {
  if (Array.isArray(value)) return String.fromCharCode(...value.map(Number));
  try {
    return atob(String(value));
  } catch {
    return String(value);
  }
}
