/** What a run is said to have come to: numbers first, then a sentence. */
import { expect, test } from "vitest";
import { fitVerdictText } from "../../src/session/fit/verdict";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { type JudgedReport, megabytes, verdictOf, verdictText } from "../../src/session/run/verdict";

function reportOf(
  method: Recipe["method"],
  top1: readonly (number | null)[],
  changes: Partial<JudgedReport["accuracy"]["nearest"]> = {},
): JudgedReport {
  const [fullPrecision, nearest, quantized] = top1.map((value, i) => ({
    top1: value,
    agreement: [100, 69.3, 98.95][i] as number,
    images: 2000,
    ...changes,
  })) as [JudgedReport["accuracy"]["nearest"], JudgedReport["accuracy"]["nearest"], JudgedReport["accuracy"]["nearest"]];
  return {
    recipe: { ...demoRecipe(), method },
    accuracy: { fullPrecision, nearest, quantized },
    size: { fullPrecision: 702_000, quantized: 94_100 },
  };
}

const say = (report: JudgedReport) => verdictText(verdictOf(report));

test("a run's verdict has what was lost and what rounding alone loses, in points of top-1", () => {
  const report = reportOf("brecq", [95, 64.3, 94.5]);
  const verdict = verdictOf(report);
  expect(verdict).toMatchObject({ kind: "method", measure: "top1", size: { fullPrecision: 702000, quantized: 94100 }, images: 2000 });
  expect(verdict.lost.nearest).toBeCloseTo(30.7);
  expect(say(report)).toBe("0.70 MB to 0.094 MB; rounding alone loses 30.7 points, this loses 0.5");
});

test("gains, nothing lost, rounding itself, and a report that does not say its size", () => {
  expect(say(reportOf("brecq", [95, 94.8, 95.3]))).toMatch(/rounding alone loses 0\.2 points, this gains 0\.3$/);
  expect(say(reportOf("brecq", [95, 95, 94.96]))).toMatch(/rounding alone loses nothing, this loses nothing$/);
  expect(say(reportOf("brecq", [95, 95, 93]))).toMatch(/rounding alone loses nothing, this loses 2\.0 points$/);
  expect(say(reportOf("nearest", [95, 64.3, 64.3]))).toBe("0.70 MB to 0.094 MB; rounding to nearest loses 30.7 points");
  const { size: _size, ...old } = reportOf("brecq", [95, 64.3, 94.5]);
  expect(say(old)).toBe("rounding alone loses 30.7 points, this loses 0.5");
});

test("without labels images that change class are counted, and of segmentation points of pixel accuracy", () => {
  const unlabelled = reportOf("brecq", [null, null, null]);
  expect(verdictOf(unlabelled).measure).toBe("agreement");
  expect(say(unlabelled)).toBe("0.70 MB to 0.094 MB; rounding alone changes the class of 30.7 % of images, this of 1.0 % of images");
  expect(say(reportOf("brecq", [90, 70, 88], { meanIou: 50 }))).toMatch(/loses 20\.0 points of pixel accuracy, this loses 2\.0$/);
});

test("a fit says whether its goal is met, and where the limit left no choice", () => {
  const best = verdictOf(reportOf("brecq", [95, 64.3, 94.5]));
  const size = { kind: "size", bytes: 100_000 } as const;
  expect(fitVerdictText({ kind: "met", goal: size, best, tried: 2, binding: true })).toBe(
    "Goal met: at most 100.0 kB. 0.70 MB to 0.094 MB; rounding alone loses 30.7 points, this loses 0.5.",
  );
  expect(fitVerdictText({ kind: "met", goal: size, best, tried: 1, binding: false })).toMatch(/the limit binds nothing\.$/);
  expect(fitVerdictText({ kind: "missed", goal: { kind: "loss", points: 0.1 }, best, tried: 5, binding: true })).toMatch(
    /^Goal missed: at most 0\.1 points lost\. The best of 5 that were tried: 0\.70 MB to /,
  );
});

test("sizes have two digits at least, in one unit", () => {
  expect([702_000, 94_100, 4_950, 11_200_000, 2_340_000].map(megabytes)).toEqual(["0.70 MB", "0.094 MB", "0.005 MB", "11.2 MB", "2.34 MB"]);
});
