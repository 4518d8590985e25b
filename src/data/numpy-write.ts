/** Writes NumPy's .npy (format 1.0) and .npz (a zip of them, uncompressed, as numpy.savez does). */
import { zipSync } from "fflate";

export interface NumpyArray {
  readonly shape: readonly number[];
  /** In C order. */
  readonly data: Float32Array | Uint8Array | Int32Array;
}

/** Bytes before the header's text. */
const PREFIX = 10;
/** The data begins at a multiple of this. */
const ALIGNMENT = 64;

/** An array as a .npy file. */
export function writeNpy({ shape, data }: NumpyArray): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const type = data instanceof Float32Array ? "<f4" : data instanceof Uint8Array ? "|u1" : "<i4";
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${extents}), }`;
  const start = Math.ceil((PREFIX + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${dictionary.padEnd(start - PREFIX - 1)}\n`;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), PREFIX);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/** Arrays by name as a .npz file. */
export function writeNpz(arrays: ReadonlyMap<string, NumpyArray>): Uint8Array {
  return zipSync(Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)])), { level: 0 });
}
