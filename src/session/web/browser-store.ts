/**
 * The store of a browser: its Cache API, under addresses that no host serves. A file is written while it comes under a
 * name of its own, and moved to its hash when it is whole, so that the page never holds its bytes.
 */
import { BadInput } from "../../base/errors";
import { blobContent, memoryStore } from "./memory-store";
import { parseEntry, type WebStore } from "./store";

const NAME = "brecq-lab-web";
const ROOT = "https://brecq-lab.invalid/";

/** Milliseconds after which a file that was never finished is no other tab's download any more. */
const STALE = 24 * 3600 * 1000;

/** The browser's store, or one in memory where the browser keeps nothing: pages that are no secure context, some private windows. */
export async function browserStore(): Promise<WebStore> {
  try {
    const cache = await caches.open(NAME);
    for (const request of await cache.keys())
      if (request.url.startsWith(`${ROOT}part/`) && Date.now() - Number(request.url.split("/")[4]) > STALE) await cache.delete(request);
    return cacheStore(cache);
  } catch {
    return memoryStore();
  }
}

function cacheStore(cache: Cache): WebStore {
  const contentAt = (sha256: string) => `${ROOT}sha256/${sha256}`;
  const entryAt = (key: string) => `${ROOT}entry/${key}`;
  return {
    place: "this browser's storage",
    async get(sha256) {
      return blobContent(await (await cache.match(contentAt(sha256)))?.blob());
    },
    async put(parts, finish) {
      const part = `${ROOT}part/${Date.now()}/${Math.random()}`;
      const source = streamOf(parts);
      try {
        await cache.put(part, new Response(source.stream)).catch((error: unknown) => {
          throw source.error() ?? refused(error);
        });
        const sha256 = finish();
        const whole = await cache.match(part);
        if (whole) await cache.put(contentAt(sha256), whole).catch((error: unknown) => Promise.reject(refused(error)));
      } finally {
        await cache.delete(part);
      }
    },
    async delete(sha256) {
      await cache.delete(contentAt(sha256));
    },
    async entries() {
      const requests = (await cache.keys()).filter(({ url }) => url.startsWith(entryAt("")));
      const texts = await Promise.all(requests.map(async (request) => (await cache.match(request))?.text() ?? ""));
      return texts.map(parseEntry).filter((entry) => entry !== null);
    },
    async setEntry(entry) {
      await cache.put(entryAt(entry.key), new Response(JSON.stringify(entry)));
    },
    async deleteEntry(key) {
      await cache.delete(entryAt(key));
    },
  };
}

function refused(error: unknown): BadInput {
  const why = error instanceof Error ? error.message : String(error);
  return new BadInput(
    `The browser does not keep the file (${why.replace(/\.$/, "")}); delete files that were fetched before, or make room on the disk.`,
  );
}

/** Parts as a stream that remembers why it broke off, which the Cache API does not tell. */
function streamOf(parts: AsyncIterable<Uint8Array>): { stream: ReadableStream<Uint8Array>; error(): unknown } {
  const source = parts[Symbol.asyncIterator]();
  let failed: unknown = null;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        failed = error;
        controller.error(error);
      }
    },
    async cancel() {
      await source.return?.();
    },
  });
  return { stream, error: () => failed };
}
