/** Runs as a file: what goes out comes in again, and what is wrong is named. */
import { expect, test } from "vitest";
import { MOST_CHARACTERS, RunsFileError, readRuns, writeRuns } from "../../../src/app/runs/file";
import { type KeptRun, keptRun } from "../../../src/app/runs/record";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import { CIRCUMSTANCES, finished, reportOf } from "./support";

const run = keptRun(finished(), CIRCUMSTANCES);

function problemOf(content: string): unknown {
  try {
    readRuns(content);
  } catch (error) {
    return error instanceof RunsFileError ? error.problem : error;
  }
  return null;
}

const changed = (change: object, report: object = {}) => writeRuns([{ ...run, ...change, report: { ...run.report, ...report } } as KeptRun]);

test("what is exported is imported as it was", () => {
  expect(readRuns(writeRuns([run, { ...run, id: "2", classes: null }]))).toEqual([run, { ...run, id: "2", classes: null }]);
  expect(readRuns(changed({}, { size: { fullPrecision: 700_000, quantized: 50_000 } }))[0]?.report.size?.quantized).toBe(50_000);
});

test("a loss that diverged is one when it comes back", () => {
  const units = reportOf().units.map((unit) => ({ ...unit, loss: { ...unit.loss, last: Number.NaN } }));
  expect(readRuns(changed({}, { units }))[0]?.report.units[0]?.loss.last).toBeNaN();
});

test("a recipe of version 1 is read as what it meant", () => {
  const { inputs: _inputs, ...rest } = demoRecipe();
  const { firstLastBits: _bits, ...weights } = rest.weights;
  const [read] = readRuns(changed({}, { recipe: { ...rest, version: 1, asym: false, weights: { ...weights, ends: false } } }));
  expect(read?.report.recipe).toMatchObject({ version: 2, inputs: "full", weights: { firstLastBits: null } });
});

test.each([
  ["no JSON", "no", { kind: "notJson" }],
  ["another file", '{"version":1}', { kind: "notRuns" }],
  ["no object", "null", { kind: "notRuns" }],
  ["a newer file", '{"format":"brecq-runs","version":2,"runs":[]}', { kind: "newer", version: 2 }],
  ["a name that is none", changed({ name: 7 }), { kind: "invalid", where: "runs[0].name" }],
  ["a curve that is too long", changed({ curves: [{ ...run.curves[0], mean: new Array(129).fill(1) }] }), { where: "runs[0].curves[0].mean" }],
  ["an unknown device", changed({}, { device: { kind: "tpu", description: "", reason: "" } }), { where: "runs[0].report.device.kind" }],
  ["a recipe out of bounds", changed({}, { recipe: { ...demoRecipe(), iterations: -1 } }), { where: "runs[0]", what: /iterations/ }],
  ["a field that nobody knows", changed({ script: "x" }), { where: "runs[0]" }],
])("%s is refused and said", (_, content, problem) => {
  const found = problemOf(content) as Record<string, unknown>;
  for (const [key, value] of Object.entries(problem))
    if (value instanceof RegExp) expect(found[key]).toMatch(value);
    else expect(found[key]).toEqual(value);
});

test("a file that is too large is not read at all", () => {
  expect(problemOf(" ".repeat(MOST_CHARACTERS + 1))).toEqual({ kind: "large", megabytes: 65, most: 64 });
});
