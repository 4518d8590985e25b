/**
 * What takes too long for every change: the tests named *.verify.ts, then the demo in three browsers. Writes what came of the tests to
 * docs/results/verify.md, which is committed; the browsers have a page of their own beside it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { relative } from "node:path";

const REPORT = "test-results/verify.json";
mkdirSync("test-results", { recursive: true });
rmSync(REPORT, { force: true });
const run = (command, args) => spawnSync(command, args, { stdio: "inherit" }).status ?? 1;
const statuses = [
  run("npx", ["vitest", "run", "--config", "vitest.verify.config.ts", "--reporter=default", "--reporter=json", `--outputFile.json=${REPORT}`]),
  run("npm", ["run", "--silent", "verify:browsers"]),
];

const { testResults } = JSON.parse(readFileSync(REPORT, "utf8"));
const rows = testResults
  .flatMap(({ name, assertionResults }) => assertionResults.map((result) => ({ file: relative(".", name), ...result })))
  .sort((a, b) => a.file.localeCompare(b.file))
  .map(
    ({ file, fullName, status, duration }) => `| ${file} | ${fullName.replaceAll("|", "\\|")} | ${status} | ${((duration ?? 0) / 1000).toFixed(0)} |`,
  );
writeFileSync(
  "docs/results/verify.md",
  `# Long tests

\`npm run verify\`, last on ${new Date().toISOString().slice(0, 10)} (Node ${process.versions.node}, ${cpus().length} cores). The demo in other browsers: [browsers.md](browsers.md).

| file | test | result | seconds |
| --- | --- | --- | --- |
${rows.join("\n")}
`,
);
process.exit(statuses.some((status) => status !== 0) ? 1 : 0);
