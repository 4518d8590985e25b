/** The package as people install it: packed, installed in an empty folder without network, and used there (scripts/check-package.mjs). */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/check-package.mjs", import.meta.url));

test("the installed package is small, runs, is typed, and names the packages that it lacks", { timeout: 900_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: "utf8" });
  expect(stdout + stderr).not.toMatch(/FAILED/);
  expect(stdout.match(/^ok: /gm)?.length).toBeGreaterThanOrEqual(10);
  expect(status).toBe(0);
});
