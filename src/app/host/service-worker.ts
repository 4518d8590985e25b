/**
 * The lab's service worker. It does three things that a plain static host does not:
 *
 * - **Threads.** It answers for the lab's files with the headers that isolate the page (policy.ts), so that memory may be shared.
 * - **Offline.** It keeps the files of its version: the essential ones when the page asks for it, once its network is drawn, and each other
 *   one (what proves exports is tens of megabytes) when it is first used.
 * - **Whole versions.** A version's files are answered from its own cache, so that a page never gets half of another one. A newer version
 *   fetches all that is essential, then waits until the page tells it to take over, which a person decides (host.ts).
 *
 * The first one of all waits for nothing and keeps nothing yet: the page reloads as soon as it is active, before there is anything to lose.
 */
import { HEADERS } from "./policy";

/** Written before this script by the build (hosting/service-worker-plugin.ts): paths are relative to the lab's folder. */
declare const LAB: { readonly version: string; readonly essential: readonly string[]; readonly others: readonly string[] };

/** What the page says. */
export type ToServiceWorker = "keep" | "takeOver";

const scope = globalThis as unknown as ServiceWorkerGlobalScope;
const FOLDER = new URL("./", scope.location.href).href;
const PREFIX = `brecq-lab ${FOLDER} `;
const CACHE = PREFIX + LAB.version;
const OWN = new Set([...LAB.essential, ...LAB.others]);
/** Named by their content: the same name is the same file in every version. */
const isHashed = (path: string) => path.startsWith("assets/");

scope.addEventListener("install", (event) => {
  event.waitUntil(scope.registration.active ? keep() : scope.skipWaiting());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([scope.clients.claim(), forget()]));
});

scope.addEventListener("message", (event) => {
  if ((event.data as ToServiceWorker) === "keep") event.waitUntil(keep());
  if ((event.data as ToServiceWorker) === "takeOver") event.waitUntil(scope.skipWaiting());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(FOLDER) || request.headers.has("range")) return;
  event.respondWith(answer(request));
});

async function answer(request: Request): Promise<Response> {
  const path = pathOf(request.url);
  const kept = await find(path);
  if (kept) return isolated(kept);
  const response = await fetch(request);
  if (OWN.has(path) && response.ok && response.type === "basic") await (await caches.open(CACHE)).put(FOLDER + path, response.clone());
  return isolated(response);
}

function pathOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return (origin + pathname).slice(FOLDER.length) || "index.html";
}

/** A kept file: of this version, or, for a page of the version before that is still open, one that only that version had. */
async function find(path: string): Promise<Response | undefined> {
  if (OWN.has(path)) return (await caches.open(CACHE)).match(FOLDER + path, { ignoreVary: true });
  if (!isHashed(path)) return undefined;
  for (const name of await ownCaches()) {
    const found = await (await caches.open(name)).match(FOLDER + path, { ignoreVary: true });
    if (found) return found;
  }
  return undefined;
}

/** The response under the lab's headers. Bodies come unpacked, whatever the host packed them with. */
function isolated(response: Response): Response {
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Fetches what this version lacks of its essential files, and takes over from the version before what is the same. */
async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  const before = await Promise.all((await ownCaches()).filter((name) => name !== CACHE).map((name) => caches.open(name)));
  for (const path of [...LAB.essential, ...LAB.others.filter(isHashed)]) {
    const url = FOLDER + path;
    if (await cache.match(url, { ignoreVary: true })) continue;
    const same = isHashed(path) ? (await Promise.all(before.map((one) => one.match(url, { ignoreVary: true })))).find(Boolean) : undefined;
    if (same) await cache.put(url, same);
    else if (LAB.essential.includes(path)) {
      const response = await fetch(url, { cache: isHashed(path) ? "default" : "no-cache" });
      if (!response.ok) throw new Error(`${path} could not be fetched (${response.status})`);
      await cache.put(url, response);
    }
  }
}

/** Caches of this folder's lab, oldest first. */
async function ownCaches(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

/** Deletes all versions but this one and the one before, which pages that are still open may need. */
async function forget(): Promise<void> {
  const others = (await ownCaches()).filter((name) => name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
}
