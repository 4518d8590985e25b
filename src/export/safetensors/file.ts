/**
 * A safetensors file (huggingface/safetensors, "Format"): the length of a JSON header as 8 bytes, the header, then the
 * tensors' bytes one after the other, little-endian and in rows. The header is padded with spaces so that tensors begin at a
 * multiple of 8, and wider elements come first, so that each lies at a multiple of its own size.
 */

export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

const TYPES = { Float32Array: "F32", Int32Array: "I32", BigInt64Array: "I64" } as const;

/** @param metadata text by name, for `__metadata__` */
export function safetensorsFile(tensors: readonly FileTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const sorted = [...tensors].sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, data } of sorted) {
    if (name in header) throw new Error(`Two tensors are called ${name}`);
    const type = TYPES[data.constructor.name as keyof typeof TYPES];
    header[name] = { dtype: type, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  let at = start;
  for (const { data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
