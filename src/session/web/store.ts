/**
 * What was fetched, kept by content: each file under its SHA-256, and an entry for each address that says which files it
 * gave. With them everything works offline. Where it is kept is for the caller: browser-store.ts, node/web-folder.ts.
 * No token is ever written, nor a URL's query, which may hold one.
 */

import { z } from "../../base/zod";
import { hashBytes } from "../inputs/hash";
import { formatAddress, type WebAddress } from "./address";

export interface KeptFile {
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** What one address gave. */
export interface KeptEntry {
  /** The hash of the address of this very content. */
  readonly key: string;
  /** Hashes of other addresses that gave it when they were asked last: a branch, a repository whose only model this is. */
  readonly others: readonly string[];
  /** The address for a recipe; null where it is not kept. */
  readonly from: string | null;
  readonly host: string;
  /** What a person calls it. */
  readonly name: string;
  readonly use: "model" | "images";
  /** The file that names the others first. */
  readonly files: readonly KeptFile[];
  /** A URL's ETag or date of change. */
  readonly validator: string | null;
  /** Sentences on the content. */
  readonly notes: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A file's content; for a page without its bytes in memory. */
export interface Content {
  readonly size: number;
  /** @throws BadInput where it was damaged since it was kept */
  bytes(): Promise<Uint8Array>;
  blob(): Promise<Blob>;
}

export interface WebStore {
  /** Where files are kept, as a person calls it. */
  readonly place: string;
  /** The content of this hash, or null. */
  get(sha256: string): Promise<Content | null>;
  /** Writes the parts; `finish` then gives their hash, or throws, and nothing is kept. */
  put(parts: AsyncIterable<Uint8Array>, finish: () => string): Promise<void>;
  delete(sha256: string): Promise<void>;
  entries(): Promise<readonly KeptEntry[]>;
  setEntry(entry: KeptEntry): Promise<void>;
  deleteEntry(key: string): Promise<void>;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const entrySchema: z.ZodType<KeptEntry> = z.object({
  key: sha256,
  others: z.array(sha256),
  from: z.string().nullable(),
  host: z.string(),
  name: z.string(),
  use: z.enum(["model", "images"]),
  files: z.array(z.object({ path: z.string(), sha256, size: z.number().min(0) })).min(1),
  validator: z.string().nullable(),
  notes: z.array(z.string()),
  at: z.number(),
});

/** An entry from its JSON; null for what is none, which is then fetched anew. */
export function parseEntry(text: string): KeptEntry | null {
  try {
    return entrySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** An address as the store knows it. */
export function keyOf(address: WebAddress): Promise<string> {
  return hashBytes(new TextEncoder().encode(formatAddress(address)));
}

/** The newest entry that an address gave, whose files are all there. */
export async function findEntry(store: WebStore, address: WebAddress): Promise<KeptEntry | null> {
  const key = await keyOf(address);
  const found = (await store.entries()).filter((entry) => entry.key === key || entry.others.includes(key)).sort((a, b) => b.at - a.at);
  for (const entry of found) {
    const contents = await Promise.all(entry.files.map((file) => store.get(file.sha256)));
    if (contents.every((content, i) => content?.size === entry.files[i]?.size)) return entry;
  }
  return null;
}

/** Keeps an entry in the place of the one that the same address gave before. */
export async function keepEntry(store: WebStore, entry: KeptEntry): Promise<void> {
  const old = (await store.entries()).find(({ key }) => key === entry.key);
  await store.setEntry({ ...entry, others: [...new Set([...(old?.others ?? []), ...entry.others])] });
  if (old) await deleteUnneeded(store, old.files);
}

/** Deletes an entry, and its files as far as no other entry has them. */
export async function deleteEntry(store: WebStore, entry: KeptEntry): Promise<void> {
  await store.deleteEntry(entry.key);
  await deleteUnneeded(store, entry.files);
}

/** Deletes files that no entry has. */
export async function deleteUnneeded(store: WebStore, files: readonly KeptFile[]): Promise<void> {
  const needed = new Set((await store.entries()).flatMap((entry) => entry.files.map((file) => file.sha256)));
  for (const { sha256 } of files) if (!needed.has(sha256)) await store.delete(sha256);
}
