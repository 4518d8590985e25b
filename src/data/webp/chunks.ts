/**
 * What a WebP file says of itself before it is decoded: a RIFF container of chunks, of which the first is the picture,
 * lossy ("VP8 ") or lossless ("VP8L"), or an extended header ("VP8X") that may announce an animation
 * (RFC 9649, sections 2.3 to 2.7).
 */

export interface WebpOutline {
  readonly height: number;
  readonly width: number;
  readonly animated: boolean;
  /** Bytes of the whole file, as its header declares. */
  readonly size: number;
}

/** Whether a file is a WebP by its first bytes. */
export function isWebp(bytes: Uint8Array): boolean {
  return tag(bytes, 0) === "RIFF" && tag(bytes, 8) === "WEBP";
}

function tag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Null where the header is damaged or cut off. */
export function outlineWebp(bytes: Uint8Array): WebpOutline | null {
  if (bytes.length < 30 || !isWebp(bytes)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(4, true) + 8;
  const kind = tag(bytes, 12);
  const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (kind === "VP8X") return { width: three(24) + 1, height: three(27) + 1, animated: (view.getUint8(20) & 2) !== 0, size };
  // A key frame: three bytes of tag, a start code, then 14 bits each of width and height.
  if (kind === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, animated: false, size };
  if (kind !== "VP8L") return null;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, animated: false, size };
}
