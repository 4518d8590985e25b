/** The record of rounding variables: what it keeps of each layer, when it begins again, and when it forgets. */
import { expect, test, vi } from "vitest";
import { Roundings } from "../../../src/app/charts/roundings";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import type { LabEvent } from "../../../src/session/worker/events";

const sample = (unit: number, iteration: number, ...names: string[]): LabEvent => ({
  type: "rounding",
  sample: {
    unit,
    iteration,
    layers: names.map((name) => ({
      name,
      floor: Float32Array.of(1),
      h: Float32Array.of(iteration / 10),
      levels: 4,
      histogram: Uint32Array.of(iteration),
    })),
  },
});

test("each layer's samples are kept in order, those of units that are done too", () => {
  const roundings = new Roundings();
  roundings.feed([sample(0, 0, "a", "b"), sample(0, 5, "a", "b")]);
  roundings.feed([sample(1, 0, "c")]);
  expect(roundings.of("a")?.iterations).toEqual([0, 5]);
  expect(roundings.of("b")?.histograms).toEqual([Uint32Array.of(0), Uint32Array.of(5)]);
  expect(roundings.of("b")?.last.h[0]).toBe(0.5);
  expect(roundings.of("c")?.iterations).toEqual([0]);
  expect(roundings.of("d")).toBeNull();
});

test("a unit that is trained again begins anew, a new run forgets all, and listeners hear of what changes them", () => {
  const roundings = new Roundings();
  const heard = vi.fn();
  const end = roundings.subscribe(heard);
  roundings.feed([sample(0, 0, "a"), sample(0, 9, "a"), sample(0, 0, "a")]);
  expect(roundings.of("a")?.iterations).toEqual([0]);
  expect(heard).toHaveBeenCalledTimes(1);
  roundings.feed([{ type: "state", state: "quantizing" }]);
  expect(heard).toHaveBeenCalledTimes(1);
  roundings.feed([{ type: "recipe", recipe: demoRecipe() }]);
  expect(roundings.of("a")).toBeNull();
  end();
  roundings.clear();
  expect(heard).toHaveBeenCalledTimes(2);
});
