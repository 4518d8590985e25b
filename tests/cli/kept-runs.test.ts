/** Finished runs are reused only where recipe, file contents and arithmetic are the same, and people are told. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeptRuns, whyNot } from "../../src/cli/kept-runs";
import { InputCache } from "../../src/session/inputs/cache";
import { filesInMemory, type Sources } from "../../src/session/inputs/sources";
import { parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";
import { ARITHMETIC_VERSION } from "../../src/session/share/arithmetic";

const recipe = parseRecipe(
  { version: 2, model: { kind: "file", name: "a.onnx" }, calibration: { kind: "files", name: "c.npz" }, weights: { bits: 4 } },
  "r",
);

const sourcesWith = (content: string): Sources => ({
  builtinModel: () => Promise.reject(new Error("none")),
  model: filesInMemory("a.onnx", [{ path: "a.onnx", bytes: new TextEncoder().encode("model") }]),
  calibration: filesInMemory("c.npz", [{ path: "c.npz", bytes: new TextEncoder().encode(content) }]),
  evaluation: null,
});

async function keptBy(content: string, folder: string): Promise<KeptRuns> {
  const kept = new KeptRuns(folder, sourcesWith(content));
  const own = await new InputCache().withHashes(recipe, sourcesWith(content));
  await kept.keep("run", { arithmetic: ARITHMETIC_VERSION, recipe: own } as Report);
  return kept;
}

test("the same content is skipped; changed data under the same name is run again; so is an older arithmetic", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brecq-lab-"));
  const kept = await keptBy("images", folder);
  expect(await kept.find("run", recipe, new InputCache())).not.toBeNull();
  expect(kept.summary()).toEqual(["Skipped 1 finished runs: run, seed 0."]);

  const changed = new KeptRuns(folder, sourcesWith("other images"));
  expect(await changed.find("run", recipe, new InputCache())).toBeNull();
  expect(changed.summary()).toEqual(["Repeated 1 runs: run, seed 0 (the calibration images have changed)."]);

  const [file] = readdirSync(folder).map((name) => join(folder, name));
  const { arithmetic: _arithmetic, ...old } = JSON.parse(readFileSync(file as string, "utf8"));
  writeFileSync(file as string, JSON.stringify(old));
  const older = new KeptRuns(folder, sourcesWith("images"));
  expect(await older.find("run", recipe, new InputCache())).toBeNull();
  expect(older.summary().join()).toMatch(/computed with arithmetic version 1, today's is \d/);
});

test("threads, memory and diagnosis make no other run; everything else does", () => {
  const report = { arithmetic: ARITHMETIC_VERSION, recipe } as Report;
  expect(whyNot(report, { ...recipe, threads: 1, memory: 99, diagnose: true })).toBeNull();
  expect(whyNot(report, { ...recipe, iterations: 7 })).toBe("its settings have changed");
  expect(whyNot(report, { ...recipe, model: { kind: "file", name: "a.onnx", sha256: "0".repeat(64) } })).toBe("the model file has changed");
});
