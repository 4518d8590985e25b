/**
 * A checkpoint as a file: one line that names format, version and SHA-256 of what follows, then a safetensors file. A torn write, a
 * flipped bit and a file of another kind are told from a sound one before anything is read.
 */
import { hashBytes } from "../inputs/hash";

/** As long as a multiple of 8 with the hash and the end of the line, so that tensors lie at multiples of their size. */
const TITLE = "BRECQ-LAB CHECKPOINT";
const VERSION = 1;
const DIGITS = 64;
const LINE = `${TITLE} ${VERSION} `.length + DIGITS + 1;

export async function seal(content: Uint8Array): Promise<Uint8Array> {
  const line = new TextEncoder().encode(`${TITLE} ${VERSION} ${await hashBytes(content)}\n`);
  const bytes = new Uint8Array(LINE + content.length);
  bytes.set(line);
  bytes.set(content, LINE);
  return bytes;
}

/** What was sealed, or why it is not to be used. */
export async function unseal(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | { readonly problem: string }> {
  const found = new RegExp(`^${TITLE} (\\d+) ([0-9a-f]{${DIGITS}})\\n$`).exec(new TextDecoder("latin1").decode(bytes.subarray(0, LINE)));
  if (!found) return { problem: "it is no checkpoint, or its beginning is lost" };
  if (Number(found[1]) !== VERSION) return { problem: `it is of version ${found[1]}, and this lab reads version ${VERSION}` };
  const content = bytes.slice(LINE);
  if ((await hashBytes(content)) !== found[2]) return { problem: "its checksum does not fit: it was cut short or changed" };
  return content;
}
