/**
 * The lab's service worker. It does three things that a plain static host does not:
 *
 * - **Threads.** It answers for the lab's files with the headers that isolate the page (policy.ts), so that memory may be shared. Requests
 *   to other hosts pass it by: the lab fetches them under CORS, which isolation allows.
 * - **Offline.** It keeps the files of its version: the essential ones when the page asks for it, once its network is drawn, and each other
 *   one (what proves exports is tens of megabytes) when it is first used.
 * - **Whole versions.** A version's files are answered from its own cache, and only bytes with the digest that the build wrote down get
 *   into it: not the next version's from a host that is just being filled, nor a page that says "not found" under a script's name. A
 *   newer version fetches all that is essential, then waits until the page tells it to take over, which a person decides (host.ts).
 *
 * The first one of all waits for nothing and keeps nothing yet: the page reloads as soon as it is active, before there is anything to lose.
 * That, and the digests, are why no library for service workers is used: theirs fetch everything before they become active.
 */
import { HEADERS } from "./policy";

/** Written before this script by the build (hosting/service-worker-plugin.ts): digests by path, which is relative to the lab's folder. */
declare const LAB: {
  readonly version: string;
  readonly essential: Readonly<Record<string, string>>;
  readonly others: Readonly<Record<string, string>>;
};

/** What the page says. */
export type ToServiceWorker = "keep" | "takeOver";

const scope = globalThis as unknown as ServiceWorkerGlobalScope;
const FOLDER = new URL("./", scope.location.href).href;
const PREFIX = `brecq-lab ${FOLDER} `;
const CACHE = PREFIX + LAB.version;
const DIGESTS = new Map(Object.entries({ ...LAB.essential, ...LAB.others }));
/** Files that are fetched at a time. */
const LANES = 6;
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
  if (request.method === "GET" && request.url.startsWith(FOLDER) && !request.headers.has("range")) event.respondWith(answer(event));
});

async function answer(event: FetchEvent): Promise<Response> {
  const path = pathOf(event.request.url);
  const kept = await find(path);
  if (kept) return isolated(kept);
  const response = await fetch(event.request);
  if (DIGESTS.has(path) && response.ok) event.waitUntil(store(path, response.clone()).catch(() => false));
  return isolated(response);
}

function pathOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return (origin + pathname).slice(FOLDER.length) || "index.html";
}

/** A kept file: of this version, or, for a page of the version before that is still open, one that only that version had. */
async function find(path: string): Promise<Response | undefined> {
  if (DIGESTS.has(path)) return (await caches.open(CACHE)).match(FOLDER + path);
  return isHashed(path) ? findBefore(path) : undefined;
}

async function findBefore(path: string): Promise<Response | undefined> {
  for (const name of await ownCaches()) {
    const found = name === CACHE ? undefined : await (await caches.open(name)).match(FOLDER + path);
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

/** Keeps a file if it is this version's; says whether it is. */
async function store(path: string, response: Response): Promise<boolean> {
  const bytes = await response.arrayBuffer();
  const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!digest.startsWith(DIGESTS.get(path) as string)) return false;
  const headers = { "content-type": response.headers.get("content-type") ?? "application/octet-stream" };
  await (await caches.open(CACHE)).put(FOLDER + path, new Response(bytes, { headers }));
  return true;
}

/** Fetches what this version lacks of its essential files, and takes over from the version before what is the same. */
async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  const here = new Set((await cache.keys()).map(({ url }) => url));
  const missing = [...DIGESTS.keys()].filter((path) => !here.has(FOLDER + path));
  const lane = async () => {
    for (let path = missing.pop(); path !== undefined; path = missing.pop()) {
      const before = await findBefore(path);
      if (before && (await store(path, before))) continue;
      if (path in LAB.essential) await fetchInto(path);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function fetchInto(path: string): Promise<void> {
  // Some hosts send whoever asks for index.html to the folder.
  const response = await fetch(path === "index.html" ? FOLDER : FOLDER + path, { cache: isHashed(path) ? "default" : "no-cache" });
  if (!response.ok || !(await store(path, response))) throw new Error(`${path} is not the host's own of this version (${response.status})`);
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
