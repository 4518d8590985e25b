import { expect, test } from "vitest";
import { matchingRate, PRESETS, scheduleTable } from "../../src/quantize/training/schedule";

test("the rate that is offered keeps the presets' product, and stops where Adam overshoots", () => {
  for (const { iterations, learningRate } of Object.values(PRESETS)) expect(matchingRate(iterations)).toBe(learningRate);
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
