/**
 * tar and tar.gz. A tar has no table of contents: it is gone through once for the names, and once more for the files
 * that are wanted, so that memory holds those alone. A gzip around it is known by its first bytes.
 */
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { BadInput } from "../../base/errors";
import { byPath, type InputFile } from "../files";
import { checkEntries, checkEntry } from "../limits";
import { gunzip, isGzip } from "./gunzip";
import type { FileTree } from "./tree";

/** Bytes of a plain tar that are looked at at a time. */
const PART = 2 ** 20;

/** Its paths start with the archive's own. @throws BadInput where it is damaged, truncated or larger than is read */
export async function tarTree(archive: InputFile): Promise<FileTree> {
  const paths = new Set<string>();
  let entries = 0;
  await visit(archive, async ({ header, body }) => {
    checkEntries(archive.path, ++entries);
    const path = pathOf(archive, header.name);
    if (header.type === "file") {
      checkEntry(path, header.size);
      paths.add(path);
    }
    await body.cancel();
  });
  return {
    paths: [...paths].sort(byPath),
    async fetch(wanted) {
      const left = new Set(wanted);
      const found = new Map<string, Uint8Array>();
      await visit(archive, async ({ header, body }) => {
        const path = pathOf(archive, header.name);
        if (header.type === "file" && left.has(path)) found.set(path, await contentOf(body, header.size));
        else await body.cancel();
      });
      return wanted.map((path) => ({ path, bytes: found.get(path) as Uint8Array }));
    },
  };
}

function pathOf(archive: InputFile, name: string): string {
  return `${archive.path}/${name.replace(/^(\.?\/)+/, "")}`;
}

/** Goes through all entries in order; each is to be read or cancelled before the next one comes. */
async function visit(archive: InputFile, look: (entry: ParsedTarEntry) => Promise<void>): Promise<void> {
  const parts = isGzip(archive.bytes) ? gunzip(archive) : partsOf(archive.bytes);
  // What goes wrong while the archive is unpacked, rather than in its entries.
  let cause: unknown = null;
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        cause = error;
        controller.error(error);
      }
    },
    cancel: async () => {
      await parts.return(undefined);
    },
  });
  const reader = source.pipeThrough(createTarDecoder({ strict: true })).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await look(value);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    if (cause ?? error instanceof BadInput) throw cause ?? error;
    throw new BadInput(`${archive.path} is not a readable tar archive; it is damaged or truncated.`);
  }
}

async function* partsOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PART) yield bytes.subarray(at, at + PART);
}

async function contentOf(body: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes.set(value, at);
    at += value.length;
  }
}
