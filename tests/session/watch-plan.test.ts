/** How closely runs are watched: for a few percent of what they take. */
import { describe, expect, test } from "vitest";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { presetFields } from "../../src/session/recipe/presets";
import { parseRecipe } from "../../src/session/recipe/schema";
import { plannedWork } from "../../src/session/run/plan";
import { builtin } from "../support/builtin";

const graph = builtin("shapes-resnet14");
const IMAGES = { calibration: 1024, judged: 2000 };
const planned = (change: object) => plannedWork(graph, parseRecipe({ ...demoRecipe(), ...change }, "test"), IMAGES);

describe.each([
  ["published", {}],
  ["standard", {}],
  ["quick", {}],
  ["standard", { unit: "layer" }],
  ["standard", { activations: { bits: 4 } }],
] as const)("the demo under the preset %s with %j", (preset, change) => {
  const { watch, total } = planned({ ...presetFields(preset, undefined), ...change });

  test("is watched for at most 3 % of its work, by at least 24 images", () => {
    const all = Object.values(total).reduce((sum, work) => sum + work, 0);
    expect(total.watching / all).toBeLessThan(0.03);
    expect(watch.images).toBeGreaterThanOrEqual(24);
  });

  test("the last unit is measured, and each curve's work is that of its units", () => {
    expect(watch.points.has(watch.work.length - 1)).toBe(true);
    expect(watch.work.reduce((sum, work) => sum + work, 0)).toBeCloseTo(watch.curve, -3);
  });
});

test("long runs are watched after every unit by the whole sample", () => {
  const { watch } = planned(presetFields("published", undefined));
  expect(watch.images).toBe(161);
  expect(watch.points.size).toBe(7);
});

test("a short run of many units is watched after some of them, the last one among them", () => {
  // The demo on images of four times the side: only little of that work may go into watching.
  const shapes = [...graph.shapes].map(
    ([value, shape]) => [value, shape.length === 3 ? shape.map((size, axis) => (axis < 2 ? 4 * size : size)) : shape] as const,
  );
  const recipe = parseRecipe({ ...demoRecipe(), unit: "layer", iterations: 5 }, "test");
  const { watch } = plannedWork({ ...graph, shapes: new Map(shapes) }, recipe, IMAGES);
  expect(watch.points.size).toBeLessThan(watch.work.length);
  expect(watch.points.has(watch.work.length - 1)).toBe(true);
});
