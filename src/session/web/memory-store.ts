/** The store of a page that may keep nothing: what is fetched lasts until the page is closed. */
import type { Content, KeptEntry, WebStore } from "./store";

export function memoryStore(): WebStore {
  const contents = new Map<string, Blob>();
  const entries = new Map<string, KeptEntry>();
  return {
    place: "this page's memory, until it is closed",
    get: (sha256) => Promise.resolve(blobContent(contents.get(sha256))),
    async put(parts, finish) {
      const all: BlobPart[] = [];
      for await (const part of parts) all.push(part as Uint8Array<ArrayBuffer>);
      contents.set(finish(), new Blob(all));
    },
    async delete(sha256) {
      contents.delete(sha256);
    },
    entries: () => Promise.resolve([...entries.values()]),
    async setEntry(entry) {
      entries.set(entry.key, entry);
    },
    async deleteEntry(key) {
      entries.delete(key);
    },
  };
}

/** A blob as content. */
export function blobContent(blob: Blob | undefined): Content | null {
  return blob ? { size: blob.size, bytes: async () => new Uint8Array(await blob.arrayBuffer()), blob: () => Promise.resolve(blob) } : null;
}
