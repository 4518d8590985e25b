/** The normal distribution against known values and a numerical integral. */
import { describe, expect, test } from "vitest";
import { clipped, cumulative, density, exp } from "../../src/base/normal";

test("e^x against Math.exp", () => {
  for (const x of [-700, -30.5, -1, -1e-9, 0, 0.3, 1, 12.25, 80]) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-12);
  expect(exp(-1000)).toBe(0);
});

test("density and distribution at points from tables", () => {
  expect(density(0)).toBeCloseTo(0.3989422804, 9);
  expect(density(1.5)).toBeCloseTo(0.1295175957, 9);
  for (const [x, p] of [
    [0, 0.5],
    [1, 0.8413447461],
    [-1.96, 0.0249978951],
    [4, 0.9999683288],
  ] as const)
    expect(Math.abs(cumulative(x) - p)).toBeLessThan(1e-7);
});

describe("a clipped normal variable", () => {
  for (const [mean, variance, low, high] of [
    [0, 1, 0, Number.POSITIVE_INFINITY],
    [-0.7, 2, 0, 6],
    [5, 4, 0, 6],
    [0.2, 0.01, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ] as const)
    test(`mean ${mean}, variance ${variance}, in ${low}..${high}`, () => {
      const deviation = Math.sqrt(variance);
      let [first, second] = [0, 0];
      const step = 1e-4;
      for (let z = -8; z < 8; z += step) {
        const x = Math.min(high, Math.max(low, mean + deviation * (z + step / 2)));
        first += x * density(z + step / 2) * step;
        second += x * x * density(z + step / 2) * step;
      }
      const found = clipped(mean, variance, low, high);
      expect(found.mean).toBeCloseTo(first, 5);
      expect(found.variance).toBeCloseTo(second - first * first, 5);
    });
});
