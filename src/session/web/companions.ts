/**
 * The files that belong to a model's main file: the external data of an .onnx, and the shards of a TF.js model.json. The
 * main file names them; nothing is guessed.
 */
import { BadInput } from "../../base/errors";
import { safePath } from "./address";

/** Files that one model may consist of. */
const MOST_FILES = 1000;

/** The paths, relative to the main file's folder, of what a model file needs beside itself. @throws BadInput */
export function companionsOf(bytes: Uint8Array, path: string): string[] {
  const found = path.toLowerCase().endsWith(".json")
    ? shardsOf(bytes, path)
    : path.toLowerCase().endsWith(".onnx")
      ? externalDataOf(bytes, path)
      : [];
  if (found.length > MOST_FILES) throw new BadInput(`${path} names ${found.length} further files; expected at most ${MOST_FILES}.`);
  return found.map((companion) => safePath(companion.replace(/^\.\//, ""), path));
}

/** `weightsManifest[].paths` of TF.js's model.json. */
function shardsOf(bytes: Uint8Array, path: string): string[] {
  let manifest: unknown;
  try {
    manifest = (JSON.parse(new TextDecoder().decode(bytes)) as { weightsManifest?: unknown } | null)?.weightsManifest;
  } catch {
    throw new BadInput(`${path} is not JSON; expected a TF.js model.json.`);
  }
  const groups = Array.isArray(manifest) ? (manifest as unknown[]) : null;
  const paths = groups?.flatMap((group) => (group as { paths?: unknown } | null)?.paths ?? [null]);
  if (!paths?.every((one) => typeof one === "string"))
    throw new BadInput(`${path} is no TF.js model: its weightsManifest does not list the files of its weights.`);
  return [...new Set(paths)];
}

/*
 * Field numbers of onnx.proto: ModelProto.graph, GraphProto.node and .initializer, NodeProto.attribute,
 * AttributeProto.t, TensorProto.external_data (entries of key and value). Bodies of If and Loop are not looked into:
 * the lab reads no such networks.
 */
const TO_TENSORS: readonly (readonly number[])[] = [
  [7, 5],
  [7, 1, 5, 5],
];
const EXTERNAL_DATA = 13;

/** `location` of every tensor whose data lies outside; the bytes are walked, not decoded, so that large files stay cheap. */
function externalDataOf(bytes: Uint8Array, path: string): string[] {
  const locations = new Set<string>();
  const text = new TextDecoder();
  try {
    for (const way of TO_TENSORS)
      descend(bytes, way, (tensor) =>
        descend(tensor, [EXTERNAL_DATA], (entry) => {
          const [key] = fieldsOf(entry, 1);
          const [value] = fieldsOf(entry, 2);
          if (key && value && text.decode(key) === "location") locations.add(text.decode(value));
        }),
      );
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(`${path} is not a readable ONNX file: it breaks off or is damaged; export or download it again.`);
  }
  return [...locations];
}

/** Visits all messages at the end of a way of field numbers. */
function descend(message: Uint8Array, way: readonly number[], visit: (message: Uint8Array) => void): void {
  const [field, ...rest] = way;
  if (field === undefined) visit(message);
  else for (const inner of fieldsOf(message, field)) descend(inner, rest, visit);
}

/** The length-delimited values of one field. @throws RangeError where the message breaks off (protobuf's wire format) */
function* fieldsOf(message: Uint8Array, field: number): Generator<Uint8Array> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (let i = 0; i < 10; i++) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError("breaks off");
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
    throw new RangeError("no number");
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === 0) varint();
    else if (kind === 1 || kind === 5) at += kind === 1 ? 8 : 4;
    else if (kind === 2) {
      const length = varint();
      if (length > message.length - at) throw new RangeError("breaks off");
      if (Math.floor(tag / 8) === field) yield message.subarray(at, at + length);
      at += length;
    } else throw new RangeError("unknown wire type");
  }
}
