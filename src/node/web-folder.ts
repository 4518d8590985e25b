/**
 * Where the command line keeps what it fetched: a folder of files named by their SHA-256, and an entry for each address.
 * A file is moved into its place when it is whole, so that one that is there is whole, whenever the process ends.
 */
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BadInput } from "../base/errors";
import { hashBytes } from "../session/inputs/hash";
import { type Content, parseEntry, type WebStore } from "../session/web/store";

/** The user's folder for caches, as each system has it. */
export function defaultCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === "win32") return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "brecq-lab", "Cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "brecq-lab");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "brecq-lab");
}

/** Milliseconds after which a file that was never finished is no other process's download any more. */
const STALE = 24 * 3600 * 1000;

async function removeStale(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((one) => one.endsWith(".part"))) {
    const path = join(folder, name);
    const changed = (await stat(path).catch(() => null))?.mtimeMs ?? Date.now();
    if (Date.now() - changed > STALE) await rm(path, { force: true });
  }
}

/** @throws BadInput where the folder cannot be made */
export async function folderStore(folder: string): Promise<WebStore> {
  const contentAt = (sha256: string) => join(folder, "sha256", sha256);
  const entryAt = (key: string) => join(folder, "entries", `${key}.json`);
  try {
    for (const name of ["sha256", "entries"]) {
      await mkdir(join(folder, name), { recursive: true });
      await removeStale(join(folder, name));
    }
  } catch (error) {
    throw new BadInput(`${folder} cannot hold what is fetched: ${(error as Error).message}. Name another folder with --web-cache DIR.`);
  }
  /** Written beside its place, then moved there. */
  const write = async (path: string, content: AsyncIterable<Uint8Array> | string, finish: () => string) => {
    const part = `${path}.${randomUUID()}.part`;
    try {
      if (typeof content === "string") await writeFile(part, content);
      else await pipeline(Readable.from(content, { objectMode: true }), createWriteStream(part));
      await rename(part, finish());
    } finally {
      await rm(part, { force: true });
    }
  };
  return {
    place: folder,
    async get(sha256) {
      const path = contentAt(sha256);
      const size = (await stat(path).catch(() => null))?.size;
      return size === undefined ? null : contentOf(path, sha256, size);
    },
    put: (parts, finish) => write(join(folder, "sha256", "new"), parts, () => contentAt(finish())),
    delete: (sha256) => rm(contentAt(sha256), { force: true }),
    async entries() {
      const names = (await readdir(join(folder, "entries"))).filter((name) => name.endsWith(".json"));
      const texts = await Promise.all(names.map((name) => readFile(join(folder, "entries", name), "utf8").catch(() => "")));
      return texts.map(parseEntry).filter((entry) => entry !== null);
    },
    setEntry: (entry) => write(entryAt(entry.key), `${JSON.stringify(entry, null, 1)}\n`, () => entryAt(entry.key)),
    deleteEntry: (key) => rm(entryAt(key), { force: true }),
  };
}

function contentOf(path: string, sha256: string, size: number): Content {
  const bytes = async () => {
    const content = new Uint8Array(await readFile(path));
    if ((await hashBytes(content)) !== sha256)
      throw new BadInput(`${path} was damaged since it was fetched; delete it, and it will be fetched anew.`);
    return content;
  };
  return { size, bytes, blob: async () => new Blob([(await bytes()) as Uint8Array<ArrayBuffer>]) };
}
