/** Axes: where they end and what is written at them. */
import { expect, test } from "vitest";
import { linearTicks, logDomain, logScale, logTicks, tickText } from "../../../src/app/charts/axes";

test.each([
  [0.3, 4, [0.2, 5]],
  [0.2, 5, [0.2, 5]],
  [1, 1, [0.5, 1]],
  [0.0731, 0.0732, [0.05, 0.1]],
  [3e-7, 12, [2e-7, 20]],
  [1, 10, [1, 10]],
  [Number.POSITIVE_INFINITY, 0, [0.1, 1]],
])("losses from %d to %d stand on a round axis", (low, high, ends) => {
  expect(logDomain(low, high)).toEqual(ends);
});

test.each([
  [0.05, 0.1],
  [0.2, 5],
  [2e-7, 20],
  [1e-12, 1e9],
])("the ticks of an axis from %d to %d are few, inside, in order, and differ in their texts", (low, high) => {
  for (const most of [3, 6, 12]) {
    const ticks = logTicks([low, high], most);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(most);
    expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
    const values = ticks.map(({ value }) => value);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values[0]).toBeGreaterThanOrEqual(low * (1 - 1e-9));
    expect(values.at(-1)).toBeLessThanOrEqual(high * (1 + 1e-9));
  }
});

test("a tick's text says the number", () => {
  expect([0.002, 0.3, 5, 20, 1000, 20000, 1e5, 2e-5, 0, -2.5].map(tickText)).toEqual([
    ...["0.002", "0.3", "5", "20", "1000", "20000", "1e5", "2e−5", "0", "−2.5"],
  ]);
  expect(linearTicks([1, 20_000], 4).map(({ text }) => text)).toEqual(["5000", "10000", "15000", "20000"]);
});

test("a logarithmic scale gives each decade the same room", () => {
  const y = logScale([0.01, 10], [300, 0]);
  expect([0.01, 0.1, 1, 10].map((value) => Math.round(y(value)))).toEqual([300, 200, 100, 0]);
});
