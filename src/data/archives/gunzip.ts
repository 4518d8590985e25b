/**
 * gzip, part by part, by the decompressor that browsers and Node have built in; it also compares the checksum. Parts
 * are handed on as they come, so that nobody holds more than they want, and what grows beyond measure is refused on the
 * way.
 */
import { BadInput } from "../../base/errors";
import type { InputFile } from "../files";
import { checkGrowth } from "../limits";

/** Bytes that are given to the decompressor at a time: few, for it unpacks all that it has been given before it can be stopped. */
const PART = 2 ** 14;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file in parts.
 * @throws BadInput where it is damaged or truncated, or grows beyond measure
 */
export async function* gunzip({ path, bytes }: InputFile): AsyncGenerator<Uint8Array> {
  let read = 0;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (read >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(read, read + PART));
      read += PART;
    },
  });
  const reader = source.pipeThrough(new DecompressionStream("gzip")).getReader();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.length;
      checkGrowth(path, Math.min(read, bytes.length), size);
      yield value;
    }
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(`${path} is not a readable gzip file; it is damaged or truncated.`);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The first `size` bytes, or all if there are fewer. */
export async function gunzipFirst(file: InputFile, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let found = 0;
  for await (const part of gunzip(file)) {
    parts.push(part);
    found += part.length;
    if (found >= size) break;
  }
  const out = new Uint8Array(Math.min(found, size));
  let at = 0;
  for (const part of parts) {
    out.set(part.subarray(0, out.length - at), at);
    at += part.length;
  }
  return out;
}
