/** What the Quantize view says and draws, from what is known. */
import { describe, expect, test } from "vitest";
import { columnsOf, moved, spansOf, WHOLE, zoomed } from "../../src/app/axis/depth";
import { ENTRY, EXIT, layoutUnit } from "../../src/app/axis/unit-layout";
import { EMPTY, type View } from "../../src/app/state/view";
import { accuracyDomain } from "../../src/app/views/quantize/accuracy-row";
import { dotsOf } from "../../src/app/views/quantize/moving";
import { storyOf } from "../../src/app/views/quantize/story";
import { isSameSetting } from "../../src/app/views/quantize/use-current";
import type { NodeView, UnitView } from "../../src/session/network/view";
import { demoRecipe } from "../../src/session/recipe/defaults";

const accuracy = (top1: number | null, agreement = top1 ?? 0) => ({ top1, agreement, images: 100 });
const node = (id: string, inputs: string[], layer = true, title = "conv 3x3"): NodeView => ({ id, inputs, layer, title });
const unit = (name: string, nodes: NodeView[]): UnitView => ({
  ...{ name, unit: 0, operations: [], output: [1, 1, 1], nodes },
  layers: nodes
    .filter(({ layer }) => layer)
    .map(({ id }) => ({
      name: id,
      id,
      kind: "conv 3x3",
      kernel: [3, 3, 1, 1],
      output: [1, 1, 1],
      parameters: 9,
      macs: 9,
      reads: [],
      position: "inner" as const,
    })),
});
const block = unit("block", [
  node("a", ["before"]),
  node("relu", ["a"], false, "ReLU"),
  node("b", ["relu"]),
  node("add", ["b", "before"], false, "add"),
  node("out", ["add"], false, "ReLU"),
]);

describe("a unit's layout", () => {
  const placed = layoutUnit(block);
  test("has its layers and joins; what reads one value is drawn with the node before", () => {
    expect(placed.nodes.map(({ id, with: others }) => [id, others])).toEqual([
      ["a", ["ReLU"]],
      ["b", []],
      ["add", ["ReLU"]],
    ]);
  });
  test("goes from left to right, its skip from the entry around the layers", () => {
    const x = (id: string) => placed.nodes.find((one) => one.id === id)?.x as number;
    expect(x("a")).toBeLessThan(x("b"));
    expect(x("b")).toBeLessThan(x("add"));
    const edges = placed.edges.map(({ from, to }) => `${from}>${to}`).sort();
    expect(edges).toEqual([`${ENTRY}>a`, `${ENTRY}>add`, "a>b", `add>${EXIT}`, "b>add"].sort());
    const skip = placed.edges.find(({ from, to }) => from === ENTRY && to === "add");
    const layer = placed.nodes.find(({ id }) => id === "a")?.y as number;
    expect(Math.max(...(skip?.points ?? []).map(([, y]) => Math.abs(y - layer)))).toBeGreaterThan(0.4);
  });
});

describe("the axis", () => {
  const units = Array.from({ length: 160 }, (_, i) => unit(`u${i}`, [node(`n${i}`, [i > 0 ? `n${i - 1}` : "image"])]));
  const columns = columnsOf({ name: "long", input: [1, 1, 1], classes: 2, parameters: 9, macs: 9, units });
  test("is filled by its columns, in order", () => {
    expect(columns).toHaveLength(160);
    expect(columns.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    const spans = spansOf(columns, WHOLE, 800);
    expect(spans.at(-1)?.left as number).toBeCloseTo(800 - (spans.at(-1)?.width as number), 6);
  });
  test("zooms around a point and stays within the whole", () => {
    const near = zoomed(WHOLE, 0.1, 0.5);
    expect(near).toEqual({ from: 0.45, to: 0.55 });
    expect(spansOf(columns, near, 800).length).toBeLessThan(20);
    expect(zoomed(near, 100, 0.5)).toEqual(WHOLE);
    expect(moved(near, 100).to).toBe(1);
  });
});

describe("the sentence", () => {
  const glimpse = (bits: number, top1: number) => ({ bits, bytes: 1, accuracy: accuracy(top1), predictions: [] });
  const before: View = { ...EMPTY, glimpses: [glimpse(32, 95), glimpse(2, 64)] };
  test("says what is at stake before a run", () => {
    expect(storyOf(before, 2, true)).toMatchObject({ stage: "before", full: 95, nearest: 64, method: null });
    expect(storyOf(before, 3, true)).toMatchObject({ stage: "before", nearest: null });
    expect(storyOf(EMPTY, 2, true).stage).toBe("unknown");
  });
  test("goes with the run, and ends with its figure", () => {
    const soFar = {
      method: "quantized" as const,
      phase: "weights" as const,
      unit: 3,
      name: "x",
      noise: 0.1,
      accuracy: accuracy(94),
      full: accuracy(95.1),
      predictions: [],
    };
    const during: View = { ...before, state: "quantizing", accuracy: { fullPrecision: accuracy(95.1), nearest: accuracy(64.3) }, soFar: [soFar] };
    expect(storyOf(during, 2, true)).toMatchObject({ stage: "during", full: 95.1, nearest: 64.3, method: 94, done: 4 });
    const after: View = { ...during, state: "done", accuracy: { ...during.accuracy, quantized: accuracy(94.5) } };
    expect(storyOf(after, 2, true)).toMatchObject({ stage: "after", method: 94.5 });
    // Under other settings the result is not these settings' story.
    expect(storyOf(after, 2, false)).toMatchObject({ stage: "before", full: 95, nearest: 64, method: null });
  });
  test("says agreement where there are no labels", () => {
    const view: View = { ...EMPTY, glimpses: [{ ...glimpse(32, 0), accuracy: accuracy(null, 100) }] };
    expect(storyOf(view, 2, true)).toMatchObject({ labelled: false, full: 100 });
  });
});

test("settings are the same whatever changes no result, and whatever the order of fields", () => {
  const demo = demoRecipe();
  expect(isSameSetting(demo, { ...demo, memory: 100, threads: 3, diagnose: true })).toBe(true);
  expect(isSameSetting(demo, Object.fromEntries(Object.entries(demo).reverse()) as unknown as typeof demo)).toBe(true);
  expect(isSameSetting(demo, { ...demo, seed: 1 })).toBe(false);
  expect(isSameSetting(demo, { ...demo, weights: { ...demo.weights, bits: 3 } })).toBe(false);
  expect(isSameSetting(demo, { ...demo, weights: { ...demo.weights, assignment: { a: 2 } } })).toBe(false);
});

test("dots stand on the grid where it is coarse, between two levels where it is fine", () => {
  const layer = { floor: Float32Array.of(0, 1, 2), h: Float32Array.of(0.5, 0, 1), levels: 4 };
  expect(dotsOf(layer)).toEqual([
    { x: 0.5 / 3, settled: false },
    { x: 1 / 3, settled: true },
    { x: 1, settled: true },
  ]);
  expect(dotsOf({ ...layer, levels: 256 }).map(({ x }) => x)).toEqual([0.5, 0, 1]);
});

test("the axis of accuracy holds all values on round figures", () => {
  expect(accuracyDomain([95, 64.3])).toEqual([60, 100]);
  expect(accuracyDomain([10.2])).toEqual([0, 100]);
  expect(accuracyDomain([])).toEqual([90, 100]);
});
