/** Writes TF.js graph models node by node. */
import type { ModelFile } from "../../src/formats/format";
import { randoms } from "./numbers";
import { modelFiles } from "./tfjs";

type Attribute = number | boolean | string | number[] | string[] | { f: number };
interface Weight {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: "float32" | "int32";
  readonly values: ArrayLike<number>;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

function attributeOf(value: Attribute): object {
  if (typeof value === "number") return { i: String(value) };
  if (typeof value === "boolean") return { b: value };
  if (typeof value === "string") return value.startsWith("DT_") ? { type: value } : { s: base64(value) };
  if (!Array.isArray(value)) return value;
  return { list: typeof value[0] === "string" ? { s: (value as string[]).map(base64) } : { i: (value as number[]).map(String) } };
}

export class GraphFile {
  private readonly nodes: object[] = [];
  private readonly weights: Weight[] = [];
  private seed = 1;

  /** @param shape of the images; -1 for what is open */
  constructor(private readonly shape: readonly number[] = [-1, 8, 10, 4]) {
    const dim = shape.map((size) => ({ size: String(size) }));
    this.nodes.push({ name: "image", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } });
  }

  /** Adds a node; returns its name. */
  node(op: string, input: readonly string[], attr: Readonly<Record<string, Attribute>> = {}): string {
    const name = `${op}_${this.nodes.length}`;
    const dilations = "strides" in attr && !op.includes("Pool") ? { dilations: [1, 1, 1, 1] } : {};
    const attributes = Object.entries({ T: "DT_FLOAT", ...dilations, ...attr }).map(([key, value]) => [key, attributeOf(value)]);
    this.nodes.push({ name, op, input, attr: Object.fromEntries(attributes) });
    return name;
  }

  private constant(dtype: Weight["dtype"], shape: number[], values: ArrayLike<number>): string {
    const name = `const_${this.weights.length}`;
    this.weights.push({ name, shape, dtype, values });
    this.nodes.push({ name, op: "Const", attr: { dtype: { type: dtype === "int32" ? "DT_INT32" : "DT_FLOAT" } } });
    return name;
  }

  /** Whole numbers: one, or a list. */
  ints(values: number | readonly number[]): string {
    return typeof values === "number" ? this.constant("int32", [], [values]) : this.constant("int32", [values.length], values);
  }

  /** What goes before and after on each axis. */
  pads(values: readonly number[]): string {
    return this.constant("int32", [values.length / 2, 2], values);
  }

  /** Random numbers, or `values`. */
  floats(shape: number[], values?: ArrayLike<number>): string {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return this.constant("float32", shape, values ?? randoms(size, this.seed++, 0.5));
  }

  files(...outputs: string[]): ModelFile[] {
    const signature = {
      inputs: { image: { name: "image:0" } },
      outputs: Object.fromEntries(outputs.map((name, i) => [`out${i}`, { name: name.includes(":") ? name : `${name}:0` }])),
    };
    const specs = this.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
    const parts = this.weights.map(
      ({ dtype, values }) => new Uint8Array((dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values)).buffer),
    );
    return modelFiles(
      { format: "graph-model", signature, modelTopology: { node: this.nodes, versions: { producer: 1 } } },
      specs,
      new Uint8Array(Buffer.concat(parts)),
    );
  }

  get images(): readonly number[] {
    return this.shape.slice(1);
  }
}
