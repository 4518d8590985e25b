/** The built page on a plain static host, which sends no headers of its own, in a folder below its root: threads, offline use, updates. */
import { createReadStream, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { extname, join, normalize } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { demoRecipe } from "../src/session/recipe/defaults";
import type { Recipe } from "../src/session/recipe/recipe";
import { ARITHMETIC_VERSION } from "../src/session/share/arithmetic";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";
import { networkNode, runToEnd, SHORT } from "./support";

test.use({ serviceWorkers: "allow" });

const FOLDER = "/somewhere/lab/";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

let server: Server;
let home: string;
/** What is put before the service worker's script: other bytes are another version. */
let before = "";
/** Milliseconds by which the service worker comes late. */
let late = 0;

test.beforeEach(async () => {
  [before, late] = ["", 0];
  server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const file = path.startsWith(FOLDER) ? join("dist/page", path.slice(FOLDER.length) || "index.html") : "";
    if (!file || !statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    const worker = file.endsWith("service-worker.js");
    if (worker) await new Promise((resolve) => setTimeout(resolve, late));
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    if (worker) response.write(before);
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}${FOLDER}`;
});
test.afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Counts how often the page is loaded. */
function loads(page: Page): { count: number } {
  const found = { count: 0 };
  page.on("load", () => found.count++);
  return found;
}

async function isolated(page: Page): Promise<boolean> {
  return page.evaluate(() => crossOriginIsolated).catch(() => false);
}

/** Waits until the page came through its service worker and draws. */
async function openIsolated(page: Page): Promise<void> {
  await page.goto(home);
  await expect.poll(() => isolated(page), { timeout: 30_000 }).toBe(true);
  await expect(networkNode(page, "layer1.0")).toBeVisible({ timeout: 30_000 });
}

/** Waits until all that is essential is kept. */
async function kept(page: Page): Promise<void> {
  const missing = () =>
    page.evaluate(async () => {
      const [first = ""] = (await (await fetch("service-worker.js")).text()).split(";\n");
      const { essential } = JSON.parse(first.slice(first.indexOf("{"))) as { essential: string[] };
      const found = await Promise.all(essential.map((path) => caches.match(new URL(path, document.baseURI), { ignoreVary: true })));
      return found.filter((one) => !one).length;
    });
  await expect.poll(missing, { timeout: 60_000 }).toBe(0);
}

test("one reload brings threads; then the lab runs its demo offline", async ({ page, context }) => {
  const found = loads(page);
  await openIsolated(page);
  expect(found.count).toBe(2);
  await kept(page);
  await context.setOffline(true);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await page.reload();
  await expect(networkNode(page, "layer1.0")).toBeVisible({ timeout: 30_000 });
  await page.close();

  const again = await context.newPage();
  const recipe: Recipe = { ...demoRecipe(), ...SHORT, device: "wasm" };
  await again.goto(writeLink(home, sharedRecipe(recipe, ARITHMETIC_VERSION), null));
  await expect(networkNode(again, "layer1.0")).toBeVisible({ timeout: 30_000 });
  expect(await isolated(again)).toBe(true);
  await runToEnd(again);
  const threads = again.workers().filter((worker) => worker.url().includes("thread-worker"));
  expect(threads.length > 0).toBe(availableParallelism() > 1);
});

test("a page that a person has touched is not reloaded: threads are offered, and a click brings them", async ({ page }) => {
  late = 4000;
  const found = loads(page);
  await page.goto(home);
  await page.keyboard.press("Tab");
  const notice = page.locator('[data-host="offered"]');
  await expect(notice).toBeVisible({ timeout: 30_000 });
  expect(found.count).toBe(1);
  await notice.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => isolated(page), { timeout: 30_000 }).toBe(true);
  await expect(page.locator("[data-host]")).toHaveCount(0);
});

test("a newer version waits until it is taken, by one reload", async ({ page }) => {
  await openIsolated(page);
  await kept(page);
  before = "// newer\n";
  const found = loads(page);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const notice = page.locator('[data-host="update"]');
  await expect(notice).toBeVisible({ timeout: 60_000 });
  expect(found.count).toBe(0);
  await notice.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => found.count).toBe(1);
  await expect(networkNode(page, "layer1.0")).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("[data-host]")).toHaveCount(0);
  expect(await isolated(page)).toBe(true);
});
