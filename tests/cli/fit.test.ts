/** `fit` on the command line: its report, its table and verdict, what it refuses, and how it ends where the goal is missed. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { type FitFlags, fit as fitTo, GoalMissed } from "../../src/cli/fit";
import type { FitState } from "../../src/session/fit/state";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "brecq-fit-"));
  said = [];
  vi.spyOn(console, "log").mockImplementation((line) => void said.push(line));
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

/** A recipe file: the demo with few images, rounded to nearest, so that a try is an evaluation. */
function recipeFile(): string {
  const demo = demoRecipe();
  const recipe = parseRecipe(
    {
      ...demo,
      calibration: { ...demo.calibration, count: 32 },
      evaluation: { ...demo.evaluation, count: 100 },
      weights: { ...demo.weights, scale: "max" },
      ...{ method: "nearest", device: "wasm", threads: 2 },
    },
    "test",
  );
  const path = join(folder, "recipe.json");
  writeFileSync(path, JSON.stringify(recipe));
  return path;
}

const run = (flags: Partial<FitFlags>) => fitTo(undefined, { recipe: recipeFile(), bits: [2, 4], export: [], ...flags });

test("a met goal: report with what was tried, exports, a table and the verdict last", async () => {
  const [out, packed, keep] = [join(folder, "new/report.json"), join(folder, "net.safetensors"), join(folder, "kept")];
  await run({ size: "60kB", out, export: [packed], keep });
  const { fit: state, ...report } = JSON.parse(readFileSync(out, "utf8")) as Report & { fit: FitState };
  expect(state).toMatchObject({ stage: "done", goal: { kind: "size", bytes: 60000 }, verdict: { kind: "met" } });
  expect(report.size?.quantized).toBeLessThanOrEqual(60000);
  expect(readFileSync(packed).length).toBeGreaterThan(40000);
  const [text] = said;
  expect(text).toMatch(/bits +size +predicted loss +points lost +by rounding +time/);
  expect(text).toMatch(/^\* +mixed +5\d\.\d kB/m);
  expect(text?.split("\n").at(-1)).toMatch(/^Goal met: at most 60\.0 kB\. 0\.70 MB to 0\.0\d+ MB; rounding to nearest loses \d+\.\d points\.$/);
  // The report holds a recipe like any other: it can be fitted again, from what was measured.
  await fitTo(undefined, { recipe: out, bits: [2, 4], export: [], size: "60kB", keep, out });
  expect(JSON.parse(readFileSync(out, "utf8")).fingerprint).toEqual(report.fingerprint);
});

test("a missed goal ends with an error of its own, with the best written", async () => {
  const out = join(folder, "report.json");
  await expect(run({ lose: 0, bits: [2], tries: 2, out })).rejects.toThrow(GoalMissed);
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ fit: { verdict: { kind: "missed", tried: 1 } } });
  expect(said[0]).toMatch(/Goal missed: at most 0 points lost\. The one that was tried: /);
});

const REFUSED: readonly (readonly [what: string, flags: Partial<FitFlags>, message: RegExp])[] = [
  ["no goal", {}, /^A fit needs a goal: --size 100kB/],
  ["two goals", { size: "1MB", lose: 1 }, /^One goal at a time/],
  ["no size", { size: "100" }, /100 has no unit; expected one of MB, kB/],
  ["too small a size", { size: "20kB" }, /does not fit in 20\.0 kB: with every layer at its narrowest it takes 49\.5 kB/],
  ["no loss", { lose: 200 }, /^A loss of 200 points is no goal/],
  ["no widths", { size: "1MB", bits: [1, 4] }, /^The bit widths to choose from, 1, 4, must be/],
  ["no tries", { size: "1MB", tries: 0 }, /^0 candidates cannot be tried/],
  ["no measure", { size: "1MB", measure: "guessed" }, /^--measure guessed is unknown/],
];

test.each(REFUSED)("%s is refused before anything is measured", async (_, flags, message) => {
  await expect(run(flags)).rejects.toThrow(message);
});
