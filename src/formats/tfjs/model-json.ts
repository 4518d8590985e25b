/** What a model.json says, as far as the reader uses it (TensorFlow.js, tfjs-core/src/io/types.ts), and how it is told from other JSON. */
import { BadInput } from "../../base/errors";
import type { ModelFile } from "../format";

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

export interface WeightGroup {
  /** The files with its bytes, one after the other. */
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

/** JSON that nobody has checked. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export interface ModelJson {
  readonly modelTopology: JsonObject;
  readonly weightsManifest: readonly WeightGroup[];
  /** Names of inputs and outputs of a graph model. */
  readonly signature: Json | undefined;
}

/** A topology is kilobytes; weights lie in other files. */
const LARGEST = 64 * 2 ** 20;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a file's text holds the key of a network, without parsing it. */
export function mentionsTopology({ path, bytes }: ModelFile): boolean {
  return /\.json$/i.test(path) && bytes.length <= LARGEST && new TextDecoder().decode(bytes).includes('"modelTopology"');
}

/** @throws BadInput where the file is no JSON or lacks a topology or a manifest */
export function parseModelJson({ path, bytes }: ModelFile): ModelJson {
  const fail = (reason: string) => new BadInput(`${path} ${reason}; convert or download the model again.`);
  let json: Json;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    throw fail("is not readable JSON: it breaks off or is damaged");
  }
  if (!isObject(json) || !isObject(json.modelTopology)) throw fail("has no modelTopology that describes a network");
  const manifest = json.weightsManifest ?? [];
  if (!Array.isArray(manifest) || !manifest.every(isGroup))
    throw fail("has a weightsManifest that does not list files (paths) and weights with names, shapes and types");
  const metadata = json.userDefinedMetadata;
  const signature = isObject(json.signature) ? json.signature : isObject(metadata) ? metadata.signature : undefined;
  return { modelTopology: json.modelTopology, weightsManifest: manifest as unknown as readonly WeightGroup[], signature };
}

function isGroup(group: Json): boolean {
  if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) return false;
  return group.paths.every((path) => typeof path === "string") && group.weights.every(isSpec);
}

function isSpec(spec: Json): boolean {
  if (!isObject(spec) || typeof spec.name !== "string" || typeof spec.dtype !== "string" || !Array.isArray(spec.shape)) return false;
  const { quantization } = spec;
  if (quantization !== undefined && (!isObject(quantization) || typeof quantization.dtype !== "string")) return false;
  return spec.shape.every((extent) => Number.isSafeInteger(extent) && (extent as number) >= 0);
}
