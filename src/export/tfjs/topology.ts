/**
 * A graph model's JSON: nodes and attributes as TensorFlow's GraphDef has them (node_def.proto, attr_value.proto, as JSON), and the
 * manifest of its weights (tfjs-core, src/io/types.ts).
 */
import type { Shape } from "../../graph/types";

export type Attribute =
  | { readonly i: string }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly type: string }
  | { readonly shape: ShapeJson }
  | { readonly list: { readonly i: readonly string[] } | { readonly s: readonly string[] } };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface ShapeJson {
  readonly dim: readonly { readonly size: string }[];
}

export interface NodeJson {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Attributes;
}

/** A constant. `stored` are its bytes; codes are stored as uint8 that stand for int32. */
export interface Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: "float32" | "int32";
  readonly stored: Float32Array | Int32Array | Uint8Array;
}

export const FLOAT: Attribute = { type: "DT_FLOAT" };
export const INT32: Attribute = { type: "DT_INT32" };

/** Bytes of text are base64. */
export const text = (value: string): Attribute => ({ s: btoa(value) });
export const whole = (value: number): Attribute => ({ i: String(value) });
export const wholes = (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });
export const texts = (values: readonly string[]): Attribute => ({ list: { s: values.map((value) => btoa(value)) } });

/** A value's shape with the batch before it, whose extent is left open. */
export function batched(shape: Shape): ShapeJson {
  return { dim: [-1, ...shape].map((extent) => ({ size: String(extent) })) };
}

/** An entry of a manifest. TF.js undoes the storage of codes itself: 1 times a code plus 0, as an int32. */
export function specOf({ name, shape, dtype, stored }: Weight): object {
  const quantization = stored instanceof Uint8Array ? { quantization: { dtype: "uint8", scale: 1, min: 0, original_dtype: dtype } } : {};
  return { name, shape, dtype, ...quantization };
}
