/**
 * Uses the built page in other people's browsers: Chromium, Firefox and WebKitGTK.
 *
 *     npm run verify:browsers -- [chromium] [firefox] [webkit]
 *
 * Without names all three must be there, and docs/results/browsers.md is written. Screenshots of each browser are left in
 * test-results/browsers.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Report } from "../../src/session/run/report";
import { CHECKS, type Found } from "./checks";
import type { Browser } from "./driver";
import { Lab, PHONE } from "./lab";
import { chromium, firefox } from "./puppeteer";
import { type NodeOutcome, type Outcome, resultsOf } from "./results";
import { type Server, serve } from "./server";
import { webkit } from "./webkit";

const BROWSERS: Readonly<Record<string, Browser>> = { chromium, firefox, webkit };
const PORT = 5187;
const OUT = "docs/results/browsers.md";
const PICTURES = "test-results/browsers";

/** The demo by the command line, as the page runs it; the device is the one whose bits are the same everywhere. */
async function inNode(folder: string): Promise<NodeOutcome> {
  const [recipe, out] = [join(folder, "recipe.json"), join(folder, "node.json")];
  writeFileSync(recipe, JSON.stringify(demoRecipe()));
  const began = performance.now();
  await promisify(execFile)(process.execPath, ["bin/brecq-lab.mjs", "quantize", "--recipe", recipe, "--out", out]);
  const { fingerprint, device } = JSON.parse(readFileSync(out, "utf8")) as Report;
  const threads = /(\d+) threads?/.exec(device.description)?.[1] ?? "–";
  return { version: process.version, threads, seconds: (performance.now() - began) / 1000, fingerprint };
}

async function inBrowser(browser: Browser, folder: string, server: Server): Promise<Outcome> {
  const own = join(folder, browser.title);
  mkdirSync(own, { recursive: true });
  const driver = await browser.start(browser.path as string, own);
  const found: Found = {};
  const checks = new Map<string, string | null>();
  console.log(`${browser.title}: ${driver.version}`);
  try {
    const lab = new Lab(driver, server.address);
    const picture = (name: string) => driver.screenshot(join(PICTURES, `${browser.title.toLowerCase()}-${name}.png`));
    server.told();
    for (const [i, check] of CHECKS.entries()) {
      const began = performance.now();
      try {
        await check.run(lab, found, server);
        checks.set(check.title, null);
      } catch (error) {
        checks.set(check.title, error instanceof Error ? error.message || error.name : String(error));
        await picture(`wrong-${i}`).catch(() => undefined);
      }
      const why = checks.get(check.title);
      console.log(
        `  ${why === null ? "right" : "WRONG"} (${((performance.now() - began) / 1000).toFixed(1)} s): ${check.title}${why ? `: ${why}` : ""}`,
      );
      if (check.title.startsWith("Run ")) await picture("run");
      if (why !== null && check.isNeeded) break;
    }
    await lab.open("?lang=en&theme=light", PHONE);
    await lab.count("[data-wrong]", 12);
    await picture("phone");
  } finally {
    await driver.close();
  }
  return { title: browser.title, version: driver.version, found, checks };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BROWSERS));
const chosen = Object.entries(BROWSERS).flatMap(([name, browser]) => (asked.length === 0 || asked.includes(name) ? [browser] : []));
const missing = chosen.filter(({ path }) => path === null);
if (unknown.length > 0) console.error(`No browser is called ${unknown.join(", ")}; there are ${Object.keys(BROWSERS).join(", ")}.`);
for (const { title, missing: what } of missing) console.error(`${title} is not here: install ${what}, or name the browsers that are.`);
if (unknown.length > 0 || missing.length > 0) process.exit(2);

mkdirSync(PICTURES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "brecq-lab-browsers-"));
const server = await serve(PORT);
const outcomes: Outcome[] = [];
let failed = false;
try {
  const node = await inNode(folder);
  console.log(`Node ${node.version}: ${node.fingerprint.rounding}`);
  for (const browser of chosen) outcomes.push(await inBrowser(browser, folder, server));
  const isSame = ({ found }: Outcome) => isDeepStrictEqual(found.report?.fingerprint, node.fingerprint);
  for (const outcome of outcomes) {
    console.log(`${outcome.title}: the fingerprint is ${isSame(outcome) ? "Node's" : "NOT Node's"}`);
    failed ||= !isSame(outcome) || [...outcome.checks.values()].some((why) => why !== null);
  }
  if (asked.length === 0) {
    writeFileSync(OUT, resultsOf(outcomes, node, isSame));
    console.log(`Written: ${OUT}`);
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
