import { expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { PUBLISHED_ANNEALING } from "../../src/quantize/settings";
import { drawBatches } from "../../src/quantize/training/reconstruct";
import { scheduleTable } from "../../src/quantize/training/schedule";
import { matchingRate, PRESETS } from "../../src/session/recipe/presets";

test("the rate that is offered keeps the presets' product, and stops where Adam overshoots", () => {
  const { quick, standard: _standard, ...others } = PRESETS;
  for (const { iterations, learningRate } of Object.values(others)) expect(matchingRate(iterations)).toBe(learningRate);
  expect(quick.iterations).toBeLessThanOrEqual(150);
  expect(matchingRate(20)).toBe(0.3);
});

test("a schedule's rows: regularizer off for a fifth, exponent from 20 to 2, Adam's corrections", () => {
  const iterations = 100;
  const rows = scheduleTable({ iterations, learningRate: 0.2, regularizer: 0.01 });
  const row = (i: number) => [...rows.slice(i * 4, i * 4 + 4)] as [number, number, number, number];
  for (let i = 0; i < iterations; i++) expect(row(i)[1]).toBeCloseTo(i + 1 < 20 ? 0 : 0.01, 7);
  expect(row(19)[0]).toBe(20);
  expect(row(99)[0]).toBe(2);
  expect(row(0)[2]).toBeCloseTo(0.2 / 0.1, 5);
  expect(row(0)[3]).toBeCloseTo(1 / Math.sqrt(0.001), 2);
});

test("a rate that decays falls to nothing at the end, along a line or a cosine", () => {
  const annealing = { ...PUBLISHED_ANNEALING, warmup: 0 };
  const rateAt = (decay: "linear" | "cosine", i: number) => {
    const rows = scheduleTable({ iterations: 100, learningRate: 0.2, regularizer: 0.01, annealing: { ...annealing, decay } });
    return (rows[i * 4 + 2] as number) * (1 - 0.9 ** (i + 1));
  };
  expect(rateAt("linear", 25)).toBeCloseTo(0.15, 5);
  expect(rateAt("cosine", 25)).toBeCloseTo(0.1 * (1 + Math.SQRT1_2), 5);
  expect(rateAt("linear", 99)).toBeCloseTo(0.002, 5);
});

test("shuffled batches show every image once before any again", () => {
  const indices = drawBatches(new Random(1, "b"), 10, 4, 7, "shuffled");
  expect(indices).toHaveLength(28);
  for (const first of [0, 10]) expect([...indices.slice(first, first + 10)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(new Set(indices.slice(20)).size).toBe(8);
});
