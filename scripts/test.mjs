/**
 * Runs the unit tests, those that read shared data once more with that data hidden (as on a newcomer's machine), and
 * the browser tests; ends with one line that counts them all.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser } from "./browser.mjs";

process.env.CHROMIUM_PATH = ensureBrowser();
const out = "test-results";
mkdirSync(out, { recursive: true });
const reports = { vitest: `${out}/vitest.json`, hidden: `${out}/hidden.json`, playwright: `${out}/playwright.json` };
for (const path of Object.values(reports)) rmSync(path, { force: true });

/** The suites that import the shared data's helper. */
const readers = readdirSync("tests", { recursive: true })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => join("tests", name))
  .filter((path) => readFileSync(path, "utf8").includes("support/shared"));

const run = (command, args, env = {}) => spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status ?? 1;
const vitest = (report, files = [], env = {}) =>
  run("npx", ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...files], env);

const statuses = [
  run("npm", ["run", "--silent", "prepare"]),
  vitest(reports.vitest),
  vitest(reports.hidden, readers, { BRECQ_HIDE_SHARED: "1" }),
  run("npx", ["vite", "build", "--logLevel", "warn"]),
  run("npx", ["playwright", "test", "--reporter=list,json"], { PLAYWRIGHT_JSON_OUTPUT_NAME: reports.playwright }),
];

const count = { passed: 0, failed: 0, skipped: 0 };
const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
};
const results = Object.fromEntries(Object.entries(reports).map(([name, path]) => [name, read(path)]));
for (const unit of [results.vitest, results.hidden])
  if (unit) {
    count.passed += unit.numPassedTests;
    count.failed += unit.numFailedTests;
  }
// What hiding the data skips has run before.
if (results.vitest) count.skipped += results.vitest.numPendingTests + results.vitest.numTodoTests;
if (results.playwright) {
  const { stats } = results.playwright;
  count.passed += stats.expected + stats.flaky;
  count.failed += stats.unexpected;
  count.skipped += stats.skipped;
}
const broken = statuses.some((status) => status !== 0) || Object.values(results).some((result) => !result);
if (broken && count.failed === 0) count.failed = 1;
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(broken ? 1 : 0);
