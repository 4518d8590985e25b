/** Deflated text of a stranger: what it unpacks to is bounded while it is unpacked. */
import { Inflate } from "fflate";

/** @throws Error where it breaks off, is no UTF-8 or is longer than `most` bytes */
export function inflateText(bytes: Uint8Array, most: number, dictionary?: Uint8Array): string {
  const parts: Uint8Array[] = [];
  let length = 0;
  let whole = false;
  const stream = new Inflate(dictionary ? { dictionary } : {}, (part, final) => {
    length += part.length;
    if (length > most) throw new Error("The link unpacks to too much");
    parts.push(part);
    whole ||= final;
  });
  // Small pieces, so that the length is looked at before much is unpacked.
  for (let at = 0; at < bytes.length; at += 64) stream.push(bytes.subarray(at, at + 64), at + 64 >= bytes.length);
  if (!whole) throw new Error("The link breaks off");
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(all);
}
