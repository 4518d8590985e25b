/**
 * Weights of a TF.js model: the files that its manifest names, joined, checked against the sizes that it declares, and decoded by
 * tf.io, which also undoes their storage as uint8, uint16 or float16.
 */
import { BadInput } from "../../base/errors";
import { besides, type ModelFile } from "../format";
import type { Tfjs } from "./library";
import type { ModelJson, WeightGroup, WeightSpec } from "./model-json";

export interface Weights {
  /** All groups, in order. */
  readonly specs: readonly WeightSpec[];
  readonly data: ArrayBuffer;
}

/** A constant of the file. */
export interface Constant {
  readonly kind: "constant";
  readonly dims: readonly number[];
  readonly dtype: string;
  readonly data: Float32Array | Int32Array;
}

/** Bytes of one number, by dtype. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint16: 2, float16: 2, uint8: 1, bool: 1 };
/** What a weight may be stored as, by its dtype. */
const QUANTIZED: Readonly<Record<string, readonly string[]>> = { float32: ["uint8", "uint16", "float16"], int32: ["uint8", "uint16"] };

/**
 * The bytes of the weights.
 * @throws BadInput that names the weight file which is missing or has another size, and the size that it should have
 */
export function gatherWeights({ weightsManifest }: ModelJson, main: ModelFile, files: readonly ModelFile[]): Weights {
  const specs = weightsManifest.flatMap(({ weights }) => weights);
  const parts = weightsManifest.flatMap((group) => partsOf(group, main, files));
  const data = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { specs, data: data.buffer };
}

function partsOf({ paths, weights }: WeightGroup, main: ModelFile, files: readonly ModelFile[]): readonly Uint8Array[] {
  const expected = weights.reduce((sum, spec) => sum + bytesOf(spec, main.path), 0);
  const found = paths.map((path) => fileOf(path, main, files));
  const missing = paths.filter((_, i) => !found[i]);
  const present = found.flatMap((file) => (file ? [file] : []));
  const total = present.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (missing.length > 0) {
    const rest = `${expected - total} bytes${missing.length > 1 ? " together" : ""}`;
    throw new BadInput(
      `${main.path} needs the weight ${missing.length > 1 ? "files" : "file"} ${missing.join(", ")} (${rest}), which ${missing.length > 1 ? "are" : "is"} missing; choose model.json and its weight files together.`,
    );
  }
  if (total !== expected) {
    // Writers cut weights into parts of one size; only the last one is shorter.
    const odd = present.find(({ bytes }, i) => i < present.length - 1 && bytes.length !== present[0]?.bytes.length) ?? present.at(-1);
    const own = odd ? expected - (total - odd.bytes.length) : expected;
    throw new BadInput(
      odd
        ? `${odd.path} holds ${odd.bytes.length} bytes, but ${main.path} expects ${own} bytes there (${expected} in ${paths.join(", ")}); it is damaged, or of another model.`
        : `${main.path} declares ${expected} bytes of weights but names no file with them; convert or download the model again.`,
    );
  }
  return present.map(({ bytes }) => bytes);
}

/** By its path beside model.json, or by its name alone where files were chosen one by one. */
function fileOf(path: string, main: ModelFile, files: readonly ModelFile[]): ModelFile | undefined {
  const plain = path.replace(/^\.\//, "");
  const name = plain.slice(plain.lastIndexOf("/") + 1);
  return files.find((file) => file.path === besides(main, plain)) ?? files.find((file) => file.path.slice(file.path.lastIndexOf("/") + 1) === name);
}

function bytesOf({ name, shape, dtype, quantization }: WeightSpec, fileName: string): number {
  const stored = quantization?.dtype ?? dtype;
  const bytes = BYTES[stored];
  const known = quantization ? QUANTIZED[dtype]?.includes(stored) : bytes !== undefined && dtype !== "float16" && dtype !== "uint16";
  const scaled = !quantization || stored === "float16" || (Number.isFinite(quantization.scale) && Number.isFinite(quantization.min));
  if (bytes === undefined || !known || !scaled)
    throw new BadInput(
      `Weight "${name}" of ${fileName} is ${dtype}${quantization ? ` stored as ${stored}${scaled ? "" : " without scale and min"}` : ""}; the lab reads float32, int32 and bool, and float32 stored as uint8, uint16 or float16.`,
    );
  return shape.reduce((product, extent) => product * extent, bytes);
}

/** The weights by name. */
export function decodeWeights(tf: Tfjs, { specs, data }: Weights): Map<string, Constant> {
  const tensors = tf.io.decodeWeights(data, [...specs] as Parameters<typeof tf.io.decodeWeights>[1]);
  const constants = new Map<string, Constant>();
  for (const [name, tensor] of Object.entries(tensors)) {
    constants.set(name, constantOf(tensor));
    tensor.dispose();
  }
  return constants;
}

export function constantOf(tensor: { shape: number[]; dtype: string; dataSync(): ArrayLike<number> }): Constant {
  const values = tensor.dataSync();
  const data = values instanceof Float32Array || values instanceof Int32Array ? values : Int32Array.from(values);
  return { kind: "constant", dims: tensor.shape, dtype: tensor.dtype, data };
}
