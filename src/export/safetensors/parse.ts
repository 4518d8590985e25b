/** Tensors of a safetensors file (huggingface/safetensors, "Format"), as file.ts writes it. */
import { BadInput } from "../../base/errors";
import type { ModelFile } from "../../formats/format";
import type { FileTensor } from "./file";

const READERS = {
  F32: (buffer: ArrayBuffer) => new Float32Array(buffer),
  I32: (buffer: ArrayBuffer) => new Int32Array(buffer),
  I64: (buffer: ArrayBuffer) => new BigInt64Array(buffer),
} as const;

export interface SafetensorsContent {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

/** The header's text alone; null where the bytes begin otherwise. */
function headerOf(bytes: Uint8Array): { readonly text: string; readonly end: number } | null {
  if (bytes.length < 8) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) return null;
  const end = 8 + Number(length);
  return { text: new TextDecoder().decode(bytes.subarray(8, end)), end };
}

/** @throws BadInput that names the file and the tensor */
export function parseSafetensors({ path, bytes }: ModelFile): SafetensorsContent {
  const found = headerOf(bytes);
  if (!found)
    throw new BadInput(`${path} is no safetensors file, or it is cut off: its header does not fit in its ${bytes.length} bytes; export it again.`);
  let header: unknown;
  try {
    header = JSON.parse(found.text);
  } catch {
    throw new BadInput(`${path} has a header that is no JSON; it is damaged: export it again.`);
  }
  if (typeof header !== "object" || header === null) throw new BadInput(`${path} has a header that is no object; it is damaged: export it again.`);
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, unknown>;
  const tensors = Object.entries(entries).map(([name, entry]) => [name, tensorOf(path, name, entry, bytes.subarray(found.end))] as const);
  return { metadata: metadata as Record<string, unknown>, tensors: new Map(tensors) };
}

function tensorOf(path: string, name: string, entry: unknown, bytes: Uint8Array): FileTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const isList = (value: unknown): value is number[] => Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
  const damaged = (what: string) => new BadInput(`${path}: tensor "${name}" ${what}; the file is damaged: export it again.`);
  if (!isList(shape) || !isList(offsets) || offsets.length !== 2) throw damaged("has no shape or no place in the file");
  const reader = READERS[dtype as keyof typeof READERS];
  if (!reader) throw damaged(`has the type ${dtype}, where ${Object.keys(READERS).join(", ")} are expected`);
  const [from, to] = offsets as [number, number];
  const size = shape.reduce((product, extent) => product * extent, dtype === "I64" ? 8 : 4);
  if (from > to || to > bytes.length || to - from !== size)
    throw damaged(`of shape ${shape.join("x")} lies at bytes ${from} to ${to} of ${bytes.length}`);
  return { name, shape, data: reader(bytes.slice(from, to).buffer) };
}
