/**
 * The file as it grows. A node makes one tensor, which is called as the node; constants are nodes too. Values have here the order that
 * they have in the lab, with the batch before it.
 */
import { shapeOf } from "../../graph/queries";
import { type Graph, type Shape, sizeOf, type ValueId } from "../../graph/types";
import { take } from "../names";
import { type Attribute, type Attributes, FLOAT, INT32, type NodeJson, type Weight } from "./topology";

export class Emitter {
  readonly nodes: NodeJson[] = [];
  readonly weights: Weight[] = [];
  private readonly tensors = new Map<ValueId, string>();

  /** @param names a set of all node names that are taken */
  constructor(
    readonly graph: Graph,
    private readonly names: Set<string>,
  ) {}

  shape(value: ValueId): Shape {
    return shapeOf(this.graph, value);
  }

  /** The tensor that holds a value. */
  read(value: ValueId): string {
    const tensor = this.tensors.get(value);
    if (tensor === undefined) throw new Error(`Value ${value} is read before it is made`);
    return tensor;
  }

  define(value: ValueId, tensor: string): void {
    this.tensors.set(value, tensor);
  }

  /** Appends a node under a name that is free, or one like it; returns what it is called. */
  emit(name: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitNamed(take(plainName(name), this.names), op, inputs, attributes);
  }

  /** Appends a node whose name is taken already. */
  emitNamed(name: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    this.nodes.push({ name, op, input: inputs, attr: attributes });
    return name;
  }

  floats(name: string, shape: Shape, data: Float32Array): string {
    return this.constant(name, shape, "float32", data, FLOAT);
  }

  /** Whole numbers: one, or of a shape, [length] by default. */
  integers(name: string, values: number | readonly number[], shape?: Shape): string {
    const list = typeof values === "number" ? [values] : values;
    return this.constant(name, shape ?? (typeof values === "number" ? [] : [list.length]), "int32", Int32Array.from(list), INT32);
  }

  /** Whole numbers from 0 to 255, a byte each. */
  codes(name: string, shape: Shape, codes: Uint8Array): string {
    return this.constant(name, shape, "int32", codes, INT32);
  }

  private constant(name: string, shape: Shape, dtype: Weight["dtype"], stored: Weight["stored"], type: Attribute): string {
    if (stored.length !== sizeOf(shape)) throw new Error(`Constant ${name} of shape [${shape.join(", ")}] has ${stored.length} numbers`);
    const own = this.emit(name, "Const", [], { dtype: type });
    this.weights.push({ name: own, shape, dtype, stored });
    return own;
  }
}

/** A name without what TF.js reads as more than a name: the number of an output after ":", and "^" before what only orders nodes. */
export function plainName(name: string): string {
  return name.replaceAll(":", "_").replace(/^\^/, "_") || "_";
}
