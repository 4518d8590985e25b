/** The built page on a plain static host, which sends no headers of its own, in a folder below its root: threads, offline use, updates. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { extname, join, normalize } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { demoRecipe } from "../src/session/recipe/defaults";
import { parseRecipe } from "../src/session/recipe/schema";
import { ARITHMETIC_VERSION } from "../src/session/share/arithmetic";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";
import { networkNode, runButton, runToEnd } from "./support";

test.use({ serviceWorkers: "allow" });

const FOLDER = "/somewhere/lab/";
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

let server: Server;
let home: string;
/** Milliseconds by which the service worker comes late. */
let late = 0;
/** Files of a newer version that is there already, by path. */
let newer: ReadonlyMap<string, string> = new Map();

test.beforeEach(async () => {
  [late, newer] = [0, new Map()];
  server = createServer(async (request, response) => {
    const asked = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const path = asked.startsWith(FOLDER) ? asked.slice(FOLDER.length) || "index.html" : "none";
    const file = join("dist/page", path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    if (path === "service-worker.js") await new Promise((resolve) => setTimeout(resolve, late));
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(newer.get(path) ?? readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}${FOLDER}`;
});
test.afterEach(stopServer);

async function stopServer(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** The built page with another mark in its head, and the service worker that the build would give it. */
function newerVersion(): Map<string, string> {
  const page = readFileSync("dist/page/index.html", "utf8").replace("<title>", '<meta name="newer" /><title>');
  const digest = createHash("sha256").update(page).digest("hex").slice(0, 16);
  const worker = readFileSync("dist/page/service-worker.js", "utf8")
    .replace(/"version":"\w+"/, `"version":"${digest}"`)
    .replace(/"index.html":"\w+"/, `"index.html":"${digest}"`);
  return new Map([
    ["index.html", page],
    ["service-worker.js", worker],
  ]);
}

/** Counts how often the page's document is asked for: a reload may come before the load of the one before has ended. */
function loads(page: Page): { count: number } {
  const found = { count: 0 };
  page.on("response", (response) => {
    if (response.request().isNavigationRequest() && response.frame() === page.mainFrame()) found.count++;
  });
  return found;
}

/** What the content security policy had to stop, in the page and in its workers. */
async function violationsOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  const listen = `addEventListener("securitypolicyviolation", (event) => console.error("VIOLATION " + event.effectiveDirective + " " + event.blockedURI))`;
  page.on("console", (message) => void (/VIOLATION|Content Security Policy/.test(message.text()) && found.push(message.text())));
  page.on("worker", (worker) => void worker.evaluate(listen).catch(() => undefined));
  await page.addInitScript(listen);
  return found;
}

async function isIsolated(page: Page): Promise<boolean> {
  return page.evaluate(() => crossOriginIsolated).catch(() => false);
}

async function isDrawn(page: Page): Promise<void> {
  await expect(networkNode(page, "layer1.0")).toBeVisible({ timeout: 30_000 });
}

/** Waits until the page came through its service worker and draws. */
async function openIsolated(page: Page): Promise<void> {
  await page.goto(home);
  await expect.poll(() => isIsolated(page), { timeout: 30_000 }).toBe(true);
  await isDrawn(page);
}

/** Waits until all that is essential is kept. */
async function kept(page: Page): Promise<void> {
  const missing = () =>
    page.evaluate(async () => {
      const [first = ""] = (await (await fetch("service-worker.js")).text()).split(";\n");
      const { essential } = JSON.parse(first.slice(first.indexOf("{"))) as { essential: Record<string, string> };
      const found = await Promise.all(Object.keys(essential).map((path) => caches.match(new URL(path, document.baseURI))));
      return found.filter((one) => !one).length;
    });
  await expect.poll(missing, { timeout: 60_000 }).toBe(0);
}

/** A run of seconds, under a host's headers; the link that holds its result. */
async function sharedRun(page: Page): Promise<string> {
  const demo = demoRecipe();
  const [calibration, evaluation] = [
    { ...demo.calibration, count: 32 },
    { ...demo.evaluation, count: 64 },
  ];
  const recipe = parseRecipe({ ...demo, calibration, evaluation, iterations: 5, learningRate: 0.3, batch: 8, device: "wasm" }, "short");
  await page.goto(`/${writeLink("", sharedRecipe(recipe, ARITHMETIC_VERSION), null)}`);
  await runToEnd(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  return page.getByTestId("link").inputValue();
}

test("one reload brings threads; then every view opens offline, and a run has the very result that it has under a host's headers", async ({
  page,
  context,
}) => {
  const found = loads(page);
  const link = await sharedRun(page);
  // Under headers the service worker changes nothing.
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active !== null);
  expect(found.count).toBe(1);
  await page.close();

  const first = await context.newPage();
  const loaded = loads(first);
  const start = performance.now();
  await openIsolated(first);
  console.log(`drawn on a plain host, reload and all, after ${(performance.now() - start).toFixed(0)} ms`);
  expect(loaded.count).toBe(2);
  await kept(first);
  await first.close();

  await context.setOffline(true);
  await stopServer();
  const offline = await context.newPage();
  const violations = await violationsOf(offline);
  await offline.goto(home + new URL(link).hash);
  await isDrawn(offline);
  expect(await isIsolated(offline)).toBe(true);
  await offline.getByRole("button", { name: "Reproduce it" }).click();
  await expect(offline.locator("[data-outcome]")).toHaveAttribute("data-outcome", "reproduced", { timeout: 60_000 });
  expect(offline.workers().some((worker) => worker.url().includes("thread-worker"))).toBe(availableParallelism() > 1);
  for (const view of ["Compare", "Mixed precision", "Inspect", "Learn", "Quantize"]) {
    await offline.getByRole("navigation").getByRole("link", { name: view, exact: true }).click();
    await expect(offline.getByRole("main", { name: view })).not.toBeEmpty();
    await expect(offline.getByText(/^Loading/)).toHaveCount(0);
    await expect(offline.getByRole("alert").filter({ hasText: /\S/ })).toHaveCount(0);
  }
  expect(violations).toEqual([]);
});

test("a page that a person has touched is not reloaded: threads are offered, and a click brings them", async ({ page }) => {
  late = 2500;
  const found = loads(page);
  await page.goto(home);
  await page.keyboard.press("Tab");
  const notice = page.locator('[data-host="offered"]');
  await expect(notice).toBeVisible({ timeout: 30_000 });
  expect(found.count).toBe(1);
  await notice.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => isIsolated(page), { timeout: 30_000 }).toBe(true);
  await expect(page.locator("[data-host]")).toHaveCount(0);
});

test("a newer version is whole, and waits until it is taken, by one reload and not during a run", async ({ page }) => {
  const mark = page.locator('meta[name="newer"]');
  const notice = page.locator('[data-host="update"]');
  const lookForUpdate = () => page.evaluate(async () => (await navigator.serviceWorker.ready).update().catch(() => undefined));
  await openIsolated(page);
  await kept(page);
  const found = loads(page);
  // A host that is just being filled: the script is new, the page is not.
  const version = newerVersion();
  newer = new Map([...version].filter(([path]) => path === "service-worker.js"));
  await lookForUpdate();
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).installing)).toBe(null);
  await expect(notice).toHaveCount(0);

  newer = version;
  await lookForUpdate();
  await expect(notice).toBeVisible({ timeout: 30_000 });
  const take = notice.getByRole("button", { name: "Reload" });
  await runButton(page).click();
  await expect(take).toBeDisabled();
  await page.getByRole("banner").getByRole("button", { name: "Cancel" }).click();
  await expect(take).toBeEnabled();
  expect([found.count, await mark.count()]).toEqual([0, 0]);
  await take.click();
  await expect(mark).toHaveCount(1);
  await isDrawn(page);
  expect(found.count).toBe(1);
  expect(await isIsolated(page)).toBe(true);
  await expect(page.locator("[data-host]")).toHaveCount(0);
});
