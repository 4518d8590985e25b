/**
 * What is sent before the network is drawn: the page's first script with what the first view loads, and the part of the worker that
 * draws. What trains, searches and exports comes after it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { networkNode, openLab } from "./support";

const ASSETS = "dist/page/assets/";

/** Bytes on the wire, in kB. */
const LIMITS = { first: 200, drawn: 330 };

/** A script and all that it imports at once, not what it loads on demand. */
function closure(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(ASSETS + name, "utf8");
  for (const [, own] of text.matchAll(/(?:from|import)\s*["`]\.\/([^"`]+\.js)["`]/g)) closure(own as string, found);
  return found;
}

const kilobytes = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + gzipSync(readFileSync(ASSETS + name)).length, 0) / 1000;
/** What index.html loads at once. */
const first = () => {
  const page = readFileSync("dist/page/index.html", "utf8");
  return [...page.matchAll(/<script[^>]* src="\.\/assets\/([^"]+\.js)"/g)].flatMap(([, name]) => [...closure(name as string)]);
};
const named = (pattern: RegExp) => readdirSync(ASSETS).find((name) => pattern.test(name)) as string;
/** The worker's entry, and the session that it waits for. */
const worker = () => new Set([...closure(named(/^worker-.*\.js$/)), ...closure(named(/^draw-.*\.js$/))]);
const textOf = (names: Iterable<string>) => [...names].map((name) => readFileSync(ASSETS + name, "utf8")).join();

test("the first script is under 200 kB, and neither it nor what draws holds training code or a schema", () => {
  const [page, work] = [new Set(first()), worker()];
  console.log(`first script ${kilobytes(page).toFixed(0)} kB, the worker's first ${kilobytes(work).toFixed(0)} kB`);
  expect(kilobytes(page)).toBeLessThan(LIMITS.first);
  for (const name of ["roundAdam", "squaredError", "klDivergence", "winogradConv", "ZodError"]) {
    expect(textOf(page), name).not.toContain(name);
    expect(textOf(work), name).not.toContain(name);
  }
  expect(textOf(readdirSync(ASSETS).filter((name) => /^work-.*\.js$/.test(name)))).toContain("roundAdam");
});

test("all script before the network is drawn is under 330 kB", async ({ page }) => {
  await page.addInitScript(() => {
    // The frame in which the network stands.
    const look = () => {
      const drawn = document.querySelector('svg [role="button"][aria-label*="layer1.0"]');
      if (drawn) (globalThis as unknown as { drawn: number }).drawn = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await openLab(page);
  await expect(networkNode(page, "layer1.0")).toBeVisible();
  const { drawn, loaded } = await page.evaluate(() => ({
    drawn: (globalThis as unknown as { drawn: number }).drawn,
    loaded: (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).map(({ name, startTime }) => ({ name, startTime })),
  }));
  const scripts = loaded.flatMap(({ name, startTime }) => (startTime < drawn ? (/\/assets\/([^/]+\.js)$/.exec(name)?.[1] ?? []) : []));
  const before = new Set([...first(), ...scripts, ...worker()]);
  console.log(`all script before the network is drawn ${kilobytes(before).toFixed(0)} kB; drawn after ${drawn.toFixed(0)} ms`);
  expect(kilobytes(before)).toBeLessThan(LIMITS.drawn);
});

test("no script imports a worker's entry, which WebKit would run a second time", () => {
  for (const name of readdirSync(ASSETS).filter((one) => one.endsWith(".js")))
    expect(readFileSync(ASSETS + name, "utf8"), name).not.toMatch(/(?:from|import)\s*["`]\.\/(?:thread-)?worker-/);
});
