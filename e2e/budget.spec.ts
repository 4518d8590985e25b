/** What is sent before the network is drawn: the page's first script, and the worker that draws it. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";

const ASSETS = "dist/page/assets/";

/** A script and all that it imports at once, not what it loads on demand. */
function closure(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(ASSETS + name, "utf8");
  for (const [, own] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) closure(own as string, found);
  return found;
}

const kilobytes = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + gzipSync(readFileSync(ASSETS + name)).length, 0) / 1000;

test("the first script is under 200 kB and holds no training code; with the worker under 330 kB", () => {
  const entry = /src="\.\/assets\/([^"]+\.js)"/.exec(readFileSync("dist/page/index.html", "utf8"))?.[1] as string;
  const worker = readdirSync(ASSETS).find((name) => /^worker-.*\.js$/.test(name)) as string;
  const [page, work] = [closure(entry), closure(worker)];
  console.log(`first script ${kilobytes(page).toFixed(0)} kB, worker ${kilobytes(work).toFixed(0)} kB`);
  expect(kilobytes(page)).toBeLessThan(200);
  expect(kilobytes(page) + kilobytes(work)).toBeLessThan(330);
  const text = [...page].map((name) => readFileSync(ASSETS + name, "utf8")).join();
  for (const step of ["roundAdam", "squaredError", "klDivergence", "winogradConv"]) expect(text).not.toContain(step);
  expect([...work].map((name) => readFileSync(ASSETS + name, "utf8")).join()).toContain("roundAdam");
});
