/** Whole numbers of a few bits each, one after the other from the lowest bit of each byte up. */

/** @param values 0..2^bits - 1; @param bits 0 to 16 */
export function packBits(values: readonly number[], bits: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((values.length * bits) / 8));
  values.forEach((value, i) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      if ((value >> bit) & 1) bytes[at >> 3] = (bytes[at >> 3] as number) | (1 << (at & 7));
    }
  });
  return bytes;
}

export function unpackBits(bytes: Uint8Array, count: number, bits: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      value |= (((bytes[at >> 3] as number) >> (at & 7)) & 1) << bit;
    }
    return value;
  });
}
