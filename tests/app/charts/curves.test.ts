/** Loss curves outside React, and their reduction. */
import { expect, test } from "vitest";
import { LossCurves } from "../../../src/app/charts/curves";
import { GrowingFloats } from "../../../src/app/charts/growing";
import { iterationAt, reduceCurve, runAt } from "../../../src/app/charts/reduce";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import type { LabEvent } from "../../../src/session/worker/events";

const losses = (unit: number, first: number, values: readonly number[]): LabEvent => ({
  type: "losses",
  unit,
  points: [],
  run: { first, reconstruction: Float32Array.from(values), regularizer: Float32Array.from(values, () => 0) },
});

test("numbers are appended, written over and never parted", () => {
  const floats = new GrowingFloats();
  for (let i = 0; i < 1000; i += 10)
    floats.write(
      i,
      Float32Array.from({ length: 10 }, (_, j) => i + j),
    );
  expect([...floats.view()]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  floats.write(2, Float32Array.of(7));
  expect([...floats.view()]).toEqual([0, 1, 7]);
  expect(() => floats.write(4, Float32Array.of(1))).toThrow(/gap/);
});

test("a reduced curve keeps mean, least and greatest of each run, whatever the length", () => {
  for (const length of [1, 2, 255, 256, 257, 1000, 20_000]) {
    const values = Float32Array.from({ length }, (_, i) => Math.sin(i) + 2 + (i === 700 ? 1000 : 0));
    const curve = reduceCurve(values, 256);
    expect(curve.mean.length).toBeLessThanOrEqual(256);
    expect(curve.mean.length).toBeGreaterThan(Math.min(length, 256) / 2 - 1);
    // Weighted by their lengths the means are the mean of all: independent of how runs are cut.
    let sum = 0;
    for (let run = 0; run < curve.mean.length; run++) sum += (curve.mean[run] as number) * Math.min(curve.every, length - run * curve.every);
    expect(sum / length).toBeCloseTo(values.reduce((a, b) => a + b, 0) / length, 3);
    expect(Math.max(...Array.from(curve.high))).toBe(Math.max(...values));
    expect(Math.min(...Array.from(curve.low))).toBe(Math.min(...values));
    if (length > 700) expect(curve.high[runAt(curve, 701)]).toBeGreaterThan(1000);
    for (let run = 0; run < curve.mean.length; run++) expect(runAt(curve, iterationAt(curve, run))).toBe(run);
  }
});

test("a growing curve keeps its points until their number doubles", () => {
  const values = Float32Array.from({ length: 4096 }, (_, i) => Math.cos(i * i) + 2);
  const [before, after] = [reduceCurve(values.subarray(0, 3000), 256), reduceCurve(values, 256)];
  expect(after.every).toBe(before.every);
  expect(Array.from(after.mean).slice(0, 187)).toEqual(Array.from(before.mean).slice(0, 187));
});

test("curves follow a run: a unit that begins again loses its curve, a new run all of them, phases are told apart", () => {
  const curves = new LossCurves();
  let heard = 0;
  const end = curves.subscribe(() => heard++);
  curves.feed([
    { type: "recipe", recipe: demoRecipe() },
    { type: "unit", index: 0, name: "a" },
    losses(0, 0, [3, 2]),
    { type: "unit", index: 1, name: "a, activations" },
    losses(1, 0, [1]),
  ]);
  expect(curves.units.map(({ unit, phase, length }) => [unit, phase, length])).toEqual([
    ["a", "weights", 2],
    ["a", "activations", 1],
  ]);
  const drawn = curves.units[0]?.reduced("reconstruction");
  curves.feed([losses(1, 1, [0.5])]);
  expect(curves.units[0]?.reduced("reconstruction")).toBe(drawn);
  expect(Array.from(curves.units[1]?.reduced("reconstruction").mean ?? [])).toEqual([1, 0.5]);
  curves.feed([{ type: "unit", index: 1, name: "b" }]);
  expect(curves.units.map(({ unit, length }) => [unit, length])).toEqual([
    ["a", 2],
    ["b", 0],
  ]);
  expect(heard).toBe(3);
  curves.feed([{ type: "warning", message: "nothing of losses" }]);
  expect(heard).toBe(3);
  curves.feed([{ type: "recipe", recipe: demoRecipe() }]);
  expect(curves.units).toEqual([]);
  end();
});
