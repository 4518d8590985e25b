/** What was fetched from the web, as the worker takes it. */
import { BadInput } from "../../base/errors";
import type { KeptEntry, WebStore } from "../../session/web/store";
import type { SentFiles } from "../../session/worker/protocol";

/** Kept files; their bytes stay in the browser's storage until the worker reads them. @throws BadInput where they are gone */
export async function sentOf(entry: KeptEntry, store: WebStore): Promise<SentFiles> {
  const files = await Promise.all(
    entry.files.map(async ({ path, sha256 }) => {
      const content = await store.get(sha256);
      if (!content) throw new BadInput(`${path} is no longer in ${store.place}; fetch it again.`);
      return { path, file: new File([await content.blob()], path.slice(path.lastIndexOf("/") + 1)) };
    }),
  );
  return { name: entry.name, files };
}
