/** Writes NumPy's .npy (format 1.0) and .npz (a zip of them, uncompressed, as numpy.savez does). */
import { zipSync } from "fflate";

export interface FloatArray {
  readonly shape: readonly number[];
  /** In C order. */
  readonly data: Float32Array;
}

/** Bytes before the header's text. */
const PREFIX = 10;
/** The data begins at a multiple of this. */
const ALIGNMENT = 64;

/** A float32 array as a .npy file. */
export function writeNpy({ shape, data }: FloatArray): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${extents}), }`;
  const start = Math.ceil((PREFIX + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${dictionary.padEnd(start - PREFIX - 1)}\n`;
  const bytes = new Uint8Array(start + 4 * data.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), PREFIX);
  new Float32Array(bytes.buffer, start).set(data);
  return bytes;
}

/** Arrays by name as a .npz file. */
export function writeNpz(arrays: ReadonlyMap<string, FloatArray>): Uint8Array {
  return zipSync(Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)])), { level: 0 });
}
