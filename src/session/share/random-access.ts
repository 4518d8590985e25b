/** Bytes that are read where they are wanted: a dropped file of gigabytes is looked into without being held. */
export interface RandomAccess {
  readonly size: number;
  /** Bytes from the first to the one before `end`. */
  read(first: number, end: number): Promise<Uint8Array>;
}

export function accessToBlob(blob: Blob): RandomAccess {
  return { size: blob.size, read: async (first, end) => new Uint8Array(await blob.slice(first, end).arrayBuffer()) };
}

export function accessToBytes(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: async (first, end) => bytes.subarray(first, end) };
}
