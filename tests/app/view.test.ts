import { expect, test } from "vitest";
import { EMPTY, reduce, type View } from "../../src/app/state/view";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { LabEvent } from "../../src/session/worker/events";

const play = (events: LabEvent[], from: View = EMPTY) => events.reduce(reduce, from);

const accuracy = { top1: 90, agreement: 100, images: 10 };
const point = (iteration: number) => ({ iteration, reconstruction: 1, regularizer: 0 });
const run = { first: 0, reconstruction: new Float32Array(1), regularizer: new Float32Array(1) };

test("losses leave the view as it is, and a unit's report closes it", () => {
  const view = play([
    { type: "unit", index: 0, name: "a" },
    { type: "losses", unit: 0, points: [point(1)], run },
    { type: "losses", unit: 0, points: [point(2), point(3)], run },
    { type: "unit", index: 1, name: "b" },
    { type: "losses", unit: 1, points: [point(1)], run },
  ]);
  expect(view.units).toEqual([
    { name: "a", report: null },
    { name: "b", report: null },
  ]);
  expect(play([{ type: "losses", unit: 1, points: [point(2)], run }], view)).toBe(view);
  expect(view.current).toBe(1);
});

test("a run that fails while loading leaves the last run's results; one that loads replaces them", () => {
  const before = play([
    { type: "accuracy", name: "fullPrecision", accuracy, on: "test" },
    { type: "unit", index: 0, name: "a" },
  ]);
  const failed = play(
    [
      { type: "state", state: "loading" },
      { type: "failed", message: "images of x are 16x16", badInput: true },
      { type: "state", state: "failed" },
    ],
    before,
  );
  expect(failed).toMatchObject({ state: "failed", error: "images of x are 16x16", accuracy: { fullPrecision: accuracy } });
  expect(failed.units).toHaveLength(1);
  const loaded = play(
    [
      { type: "state", state: "loading" },
      { type: "recipe", recipe: demoRecipe() },
    ],
    failed,
  );
  expect(loaded).toMatchObject({ state: "loading", error: null, accuracy: {}, units: [] });
});

test("another network takes the results of the one before with it; the same in other units does not", () => {
  const layer = {
    name: "a",
    id: "a",
    kind: "conv 3x3",
    kernel: [3, 3, 1, 1],
    output: [1, 1, 1],
    parameters: 9,
    macs: 9,
    reads: [],
    position: "inner",
  } as const;
  const unit = { name: "u", unit: 0, layers: [layer], operations: [], nodes: [], output: [1, 1, 1] };
  const network = { name: "one", input: [1, 1, 1], classes: 2, parameters: 9, macs: 9, units: [unit] };
  const seen = (one: typeof network): LabEvent => ({ type: "network", network: one });
  const before = play([seen(network), { type: "accuracy", name: "nearest", accuracy, on: "test" }]);
  const again = play([seen({ ...network, units: [{ ...unit, name: "v" }] })], before);
  expect(again).toMatchObject({ accuracy: { nearest: accuracy }, network: { units: [{ name: "v" }] } });
  const other = play([seen({ ...network, name: "two" })], again);
  expect(other).toMatchObject({ accuracy: {}, network: { name: "two" } });
});

test("a run that fails later keeps what it measured", () => {
  const view = play([
    { type: "recipe", recipe: demoRecipe() },
    { type: "accuracy", name: "nearest", accuracy, on: "test" },
    { type: "failed", message: "The GPU device was lost", badInput: false },
    { type: "state", state: "failed" },
  ]);
  expect(view).toMatchObject({ accuracy: { nearest: accuracy }, error: "The GPU device was lost" });
});
