/** From the search panel's fields to limits, and when a search's results are out of date. */

import { expect, test } from "vitest";
import { FIELD_DEFAULTS, isOutdated, rivalOf, type SearchFields, settingsFrom, widthCounts } from "../../src/app/precision/search";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { withBits } from "../../src/session/search/result";

const from = (change: Partial<SearchFields>) => settingsFrom({ ...FIELD_DEFAULTS, ...change });

test("several limits are parted by commas, and each is taken once", () => {
  expect(from({ amounts: "3bit, 2bit+10.5%, 3bit,0.1 mb, 0.10MB, 100 kB" })).toMatchObject({
    limits: [
      { cost: "size", value: { bits: 3, plus: 0 } },
      { cost: "size", value: { bits: 2, plus: 0.105 } },
      { cost: "size", value: 0.1 },
    ],
  });
});

test.each([
  ["a decimal comma", { amounts: "0,05" }, { problem: "comma" }],
  ["no limit", { amounts: " , " }, { problem: "noLimit" }],
  ["no limit at all", { amounts: "much" }, { error: expect.stringMatching(/^Invalid limit "size=much": expected for example/) }],
  ["a limit without a unit", { amounts: "100" }, { error: expect.stringMatching(/100 has no unit; expected one of MB, kB/) }],
  ["no width of weights", { bits: [], activationBits: [4, 8] }, { problem: "noBits" }],
  ["nothing to choose between", { bits: [4], activationBits: [8] }, { problem: "oneWidth" }],
  ["no table", { cost: "table" }, { problem: "noTable" }],
] as const)("%s is refused", (_, change, problem) => {
  expect(from(change)).toEqual(problem);
});

test("what was found is compared with the widest uniform width that keeps the limit", () => {
  const uniform = [2, 4, 8].map((bits) => ({ bits, cost: bits, predictedLoss: 1 / bits }));
  const limit = (value: number) => ({ text: "", cost: "size", value, unit: "MB", origin: "" });
  expect(rivalOf({ uniform, limit: limit(4) })?.bits).toBe(4);
  expect(rivalOf({ uniform, limit: limit(7.9) })?.bits).toBe(4);
  expect(rivalOf({ uniform, limit: limit(1) })).toBeNull();
  expect(widthCounts([8, 2, 4, 2].map((bits, i) => ({ layer: `${i}`, bits, activation: null })))).toEqual([
    [2, 2],
    [4, 1],
    [8, 1],
  ]);
});

test("results are outdated by what measurements depend on, not by the bits that were found", () => {
  const recipe = demoRecipe();
  const searched = { recipe, measure: "nearest" } as const;
  const { weights } = recipe;
  expect(isOutdated(null, recipe)).toBe(false);
  expect(isOutdated(searched, withBits(recipe, [{ layer: "a", bits: 4, activation: null }]))).toBe(false);
  expect(isOutdated(searched, { ...recipe, iterations: 7, weights: { ...weights, bits: 5 } })).toBe(false);
  expect(isOutdated({ ...searched, measure: "reconstructed" }, { ...recipe, iterations: 7 })).toBe(true);
  for (const change of [
    { seed: recipe.seed + 1 },
    { weights: { ...weights, firstLastBits: null } },
    { weights: { ...weights, scale: "max" as const } },
  ])
    expect(isOutdated(searched, { ...recipe, ...change })).toBe(true);
});
