/** Runs the unit tests and the browser tests and ends with one line that counts both. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { ensureBrowser } from "./browser.mjs";

process.env.CHROMIUM_PATH = ensureBrowser();
const out = "test-results";
mkdirSync(out, { recursive: true });
const reports = { vitest: `${out}/vitest.json`, playwright: `${out}/playwright.json` };
for (const path of Object.values(reports)) rmSync(path, { force: true });

const run = (command, args, env = {}) => spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status ?? 1;

const statuses = [
  run("npm", ["run", "--silent", "prepare"]),
  run("npx", ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${reports.vitest}`]),
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
const unit = read(reports.vitest);
if (unit) {
  count.passed += unit.numPassedTests;
  count.failed += unit.numFailedTests;
  count.skipped += unit.numPendingTests + unit.numTodoTests;
}
const page = read(reports.playwright);
if (page) {
  count.passed += page.stats.expected + page.stats.flaky;
  count.failed += page.stats.unexpected;
  count.skipped += page.stats.skipped;
}
const broken = statuses.some((status) => status !== 0) || !unit || !page;
if (broken && count.failed === 0) count.failed = 1;
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(broken ? 1 : 0);
