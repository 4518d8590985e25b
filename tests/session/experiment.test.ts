/** Experiments: what they expand to, what they refuse, and the table they leave. */

import { describe, expect, test } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { type Experiment, parseExperiment, rowsOf } from "../../src/session/experiments/experiment";
import { runExperiment } from "../../src/session/experiments/queue";
import { meanOf, meanText, type ResultRow, resultsCsv, resultsMarkdown } from "../../src/session/experiments/results";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { READY_MADE } from "../../src/session/recipe/ready-made";
import type { Report } from "../../src/session/run/report";
import type { LabEvent } from "../../src/session/worker/events";
import { builtinBytes } from "../support/builtin";

const demo = demoRecipe();
const base = {
  ...demo,
  calibration: { ...demo.calibration, count: 32 },
  evaluation: { ...demo.evaluation, count: 50 },
  iterations: 3,
} as unknown as Record<string, unknown>;

function experiment(value: object): Experiment {
  return parseExperiment({ version: 2, recipe: {}, ...value }, "experiment.json", base);
}

describe("what an experiment expands to", () => {
  test("cases times the grid times seeds, in order, with labels", () => {
    const rows = rowsOf(
      experiment({ cases: [{ label: "a", set: {} }, { set: { iterations: 5 } }], grid: { "weights.bits": [4, 2], unit: ["layer"] }, seeds: [7, 8] }),
    );
    expect(rows.map(({ label }) => label)).toEqual(["a, W4, layer", "a, W2, layer", "5 iterations, W4, layer", "5 iterations, W2, layer"]);
    expect(rows[3]?.recipes.map(({ seed, iterations, weights }) => [seed, iterations, weights.bits])).toEqual([
      [7, 5, 2],
      [8, 5, 2],
    ]);
  });

  test("a method without units appears once under a grid of units", () => {
    const rows = rowsOf(experiment({ grid: { unit: ["layer", "block"], method: ["adaround", "brecq"] }, seeds: [0] }));
    expect(rows.map(({ label }) => label)).toEqual(["layer, adaround", "layer, brecq", "block, brecq"]);
  });

  test("every ready-made experiment is one", () => {
    for (const [name, value] of Object.entries(READY_MADE)) expect(rowsOf(parseExperiment(value, name, base)).length, name).toBeGreaterThan(1);
  });

  for (const [what, value, message] of [
    ["an unknown path", { grid: { "weights.width": [2] } }, /experiment.json: the recipe has no field "weights.width"/],
    ["a value that the field does not take", { grid: { "weights.bits": [9] } }, /experiment.json, W9: weights.bits is not valid/],
    [
      "a path into what is null",
      { grid: { "activations.bits": [4] } },
      /"activations.bits" cannot be set, since activations is null in the recipe; give activations a value first/,
    ],
    ["a path into a number", { grid: { "iterations.x": [4] } }, /"iterations.x" cannot be set, since iterations has no fields of its own/],
    ["__proto__ as a path", { grid: { "__proto__.polluted": [1] } }, /the recipe has no field "__proto__.polluted"/],
    ["constructor as a path", { cases: [{ set: { "constructor.name": 1 } }] }, /the recipe has no field "constructor.name"/],
    ["an empty axis", { grid: { unit: [] } }, /experiment.json: grid.unit is not valid/],
    [
      "more runs than any machine does",
      { grid: { iterations: Array.from({ length: 200 }, (_, i) => i + 1), batch: Array.from({ length: 60 }, (_, i) => i + 1) } },
      /experiment.json asks for \d+ runs: .* An experiment has at most 10000; cut it into several/,
    ],
    [
      "two rows of one name",
      {
        cases: [
          { label: "a", set: { iterations: 4 } },
          { label: "a", set: {} },
        ],
      },
      /two rows are called "a"/,
    ],
  ] as const)
    test(`${what} is refused by name`, () => {
      expect(() => experiment(value)).toThrow(message);
    });
});

describe("the table", () => {
  const row = (label: string, change: Partial<ResultRow> = {}): ResultRow => ({
    label,
    settings: { unit: label },
    seeds: [0, 1],
    top1: { mean: 91.5, spread: 0.25 },
    change: { mean: -0.5, spread: 0.25 },
    agreement: { mean: 95, spread: 0 },
    nearest: { top1: { mean: 24.5, spread: 0 }, agreement: { mean: 24.7, spread: 0 } },
    seconds: { mean: 12, spread: 1 },
    reference: null,
    failures: [],
    ...change,
  });

  test("mean and sample standard deviation; no spread for one seed", () => {
    expect(meanOf([1, 2, 3])).toEqual({ mean: 2, spread: 1 });
    expect(meanOf([5])).toEqual({ mean: 5, spread: null });
    expect(meanText(meanOf([1, 2, 3]), 1)).toBe("2.0 ± 1.0");
    expect(meanText(null)).toBe("–");
  });

  test("as CSV, quoted where needed", () => {
    const lines = resultsCsv([row("a"), row('say "b", c', { top1: null, failures: ["seed 1: no"] })]).split("\n");
    expect(lines[0]).toMatch(/^label,unit,seeds,top1,top1Spread,change/);
    expect(lines[1]).toMatch(/^a,a,2,91.5,0.25,-0.5/);
    expect(lines[2]).toMatch(/^"say ""b"", c"/);
    expect(lines[2]).toMatch(/seed 1: no$/);
  });

  test("as Markdown, with differences to a reference where there is one", () => {
    const text = resultsMarkdown([row("a", { reference: { top1: 92, agreement: 94.8 } }), row("b", { failures: ["seed 1: diverged"] })]);
    expect(text).toContain("| 92.0 | 94.8 | −0.5 / +0.2 |");
    expect(text).toContain("- b: seed 1: diverged");
  });
});

describe("the queue", () => {
  const sources = { builtinModel: async (name: string) => builtinBytes(name), model: null, calibration: null, evaluation: null };
  const run = (own: Experiment, finishedBefore: (label: string) => Report | null = () => null) => {
    const events: LabEvent[] = [];
    const finished: Report[] = [];
    const rows = runExperiment({
      experiment: own,
      sources,
      openDevice: async () => ({ device: await createWasmDevice(2), reason: "test" }),
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
      finishedBefore,
      finished: (_label, report) => {
        finished.push(report);
      },
    });
    return rows.then((result) => ({ result, events, finished }));
  };

  test("runs rows and seeds one after another; what is known is not run again; a failure stays in its row", async () => {
    const own = experiment({ grid: { method: ["nearest", "brecq"] }, seeds: [0, 1] });
    const { result, events, finished } = await run(own);
    expect(finished).toHaveLength(4);
    expect(result.map(({ label, seeds }) => [label, seeds])).toEqual([
      ["nearest", [0, 1]],
      ["brecq", [0, 1]],
    ]);
    expect(events.filter(({ type }) => type === "state").map((event) => "state" in event && event.state)).toContain("done");
    expect(events.filter((event) => event.type === "state" && event.state === "done")).toHaveLength(1);

    const again = await run(own, () => finished[0] as Report);
    expect(again.finished).toHaveLength(0);
    expect(again.result[0]?.agreement).toEqual(result[0]?.agreement);

    const broken = await run(
      experiment({
        cases: [
          { label: "too large", set: { batch: 64 } },
          { label: "fine", set: { method: "nearest" } },
        ],
        seeds: [0],
      }),
    );
    expect(broken.result[0]?.failures[0]).toMatch(/seed 0: .*fewer than a batch of 64/);
    expect(broken.result[1]?.seeds).toEqual([0]);
  });
});
