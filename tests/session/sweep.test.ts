/** Sweeps: what they measure, what runs share, and measurements that are kept from one search to the next. */

import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileStore } from "../../src/cli/measurements";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import { parseExperiment, rowsOf } from "../../src/session/experiments/experiment";
import { runExperiment } from "../../src/session/experiments/queue";
import type { ResultRow } from "../../src/session/experiments/results";
import { rankingOf, sweepMarkdown, sweepOf } from "../../src/session/experiments/sweep";
import type { Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";
import { runRecipe } from "../../src/session/run/run";
import { parseLimit } from "../../src/session/search/limit";
import { measurementKey } from "../../src/session/search/measurements";
import { withBits } from "../../src/session/search/result";
import { runSearch, type SearchOptions } from "../../src/session/search/run";
import { SEARCH_DEFAULTS, type SearchSettings, searchedRecipe } from "../../src/session/search/settings";
import type { LabEvent } from "../../src/session/worker/events";
import { builtin, builtinBytes } from "../support/builtin";

const demo = demoRecipe();
const recipe: Recipe = {
  ...demo,
  calibration: { ...demo.calibration, count: 64 } as Recipe["calibration"],
  evaluation: { ...demo.evaluation, count: 50 } as Recipe["evaluation"],
  iterations: 3,
};
const sources: Sources = { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null };
const common = {
  sources,
  openDevice: async () => ({ device: await createWasmDevice(2), reason: "test" }),
  emit(_event: LabEvent) {},
  signal: new AbortController().signal,
};
const settings: SearchSettings = { ...SEARCH_DEFAULTS, bits: [2, 4], limits: ["size=3bit", "size=2bit+10%"].map(parseLimit) };

async function searched(change: Partial<SearchOptions> = {}) {
  const events: LabEvent[] = [];
  const outcome = await runSearch({ ...common, recipe, settings, store: null, ...change, emit: (event: LabEvent) => void events.push(event) });
  return { outcome, events };
}

describe("a sweep", () => {
  test("has every uniform width, what was found under each limit, HAWQ-V2's choices and random assignments, as recipes that differ", async () => {
    const { outcome, events } = await searched();
    const sweep = sweepOf(outcome, { hawq: true, random: 3, seed: 0 });
    expect(sweep.points.map(({ kind }) => kind)).toEqual(["uniform", "uniform", "mixed", "mixed", "hawq", "hawq", "random", "random", "random"]);
    expect(sweep.points[2]?.label).toMatch(/^mixed, size=3bit: 0\.06\d+ MB$/);
    const own = parseExperiment({ ...sweep.experiment, recipe: {} }, "sweep", recipe as unknown as Record<string, unknown>);
    const rows = rowsOf(own);
    expect(rows.length).toBeGreaterThanOrEqual(sweep.points.length - 2);
    expect(Object.keys(rows[2]?.recipes[0]?.weights.assignment ?? {})).toHaveLength(layersOf(builtin("shapes-resnet14")).length);
    expect(rows[0]?.recipes[0]?.weights).toMatchObject({ bits: 2, assignment: null });

    const measured = (label: string, agreement: number) =>
      ({ label, seeds: [0], agreement: { mean: agreement, spread: null } }) as unknown as ResultRow;
    const random = sweep.points.filter(({ kind }) => kind === "random").sort((a, b) => a.predictedLoss - b.predictedLoss);
    const ranked = random.map(({ label }, i) => measured(label, 99 - i));
    expect(rankingOf(sweep, ranked)).toEqual({ correlation: 1, count: 3 });
    expect(sweepMarkdown(sweep, ranked)).toContain("over 3 random assignments: 1.000");

    // Beside the results: Fisher profiles of every block, and the trade-off of three.
    const profiles = events.findLast((event) => event.type === "fisher");
    expect(profiles?.type === "fisher" && profiles.profiles.find(({ block }) => block === "layer2.0")).toMatchObject({ height: 16, width: 16 });
    expect(outcome.tradeoff?.points.length).toBeGreaterThan(20);
    for (const { optimum, cost, limit, predictedLoss } of outcome.results) {
      expect(cost).toBeLessThanOrEqual(limit.value);
      expect(predictedLoss).toBeLessThanOrEqual((optimum?.predictedLoss as number) * 1.01);
    }
  });

  test("with bits of activations: found under a limit on bit operations, and runnable", async () => {
    const own: SearchSettings = { ...settings, activationBits: [4, 8], limits: [parseLimit("bitops=4bit")] };
    const { outcome } = await searched({ settings: own });
    const result = outcome.results[0] as (typeof outcome.results)[number];
    expect(result.cost).toBeLessThanOrEqual(result.limit.value);
    expect(new Set(result.assignment.map(({ activation }) => activation))).toEqual(new Set([null, 4, 8]));
    const base = searchedRecipe({ ...recipe, method: "nearest" }, own);
    expect(base.activations).toMatchObject({ bits: 8, assignment: null });
    const report = await runRecipe({ ...common, recipe: withBits(base, result.assignment) });
    expect(report.recipe.activations?.assignment).toEqual(
      Object.fromEntries(result.assignment.flatMap(({ layer, activation }) => (activation === null ? [] : [[layer, activation]]))),
    );
    expect(report.accuracy.quantized.agreement).toBeGreaterThan(30);
    const wrong = { ...base, activations: { ...base.activations, assignment: { nowhere: 4 } } } as Recipe;
    await expect(runRecipe({ ...common, recipe: wrong })).rejects.toThrow(/gives a bit width to a layer "nowhere"/);
  });

  test("units that runs share are reconstructed once, and the results are those of runs of their own", async () => {
    const names = layersOf(builtin("shapes-resnet14")).map(({ name }) => name);
    const late = Object.fromEntries(names.slice(-4, -1).map((name) => [name, 4]));
    const value = {
      version: 1,
      recipe: {},
      cases: [
        { label: "a", set: {} },
        { label: "b", set: { "weights.assignment": late } },
      ],
      seeds: [0],
    };
    const own = parseExperiment(value, "sweep", recipe as unknown as Record<string, unknown>);
    const reports: Report[] = [];
    await runExperiment({ ...common, experiment: own, finished: (_label, report) => void reports.push(report) });
    expect(reports.map(({ units }) => units.map(({ reused }) => reused))).toEqual([
      [false, false, false, false, false, false, false],
      [true, true, true, true, false, false, false],
    ]);
    const alone = await runRecipe({ ...common, recipe: parseRecipe({ ...recipe, weights: { ...recipe.weights, assignment: late } }, "test") });
    expect(reports[1]?.fingerprint).toEqual(alone.fingerprint);
  });
});

describe("measurements that are kept", () => {
  test("a search goes on with what an earlier one measured, also with other widths; a damaged file is refused", async () => {
    const folder = await mkdtemp(join(tmpdir(), "brecq-lab-"));
    const store = fileStore(folder);
    const first = await searched({ store });
    const entries = (events: readonly LabEvent[]) => events.filter(({ type }) => type === "sensitivity" || type === "measured").length - 1;
    expect(entries(first.events)).toBeGreaterThan(30);
    const again = await searched({ store });
    expect(entries(again.events)).toBe(0);
    expect(again.outcome.table).toEqual(first.outcome.table);
    const wider = await searched({ store, settings: { ...settings, bits: [2, 4, 8] } });
    expect(entries(wider.events)).toBe(14);
    expect(wider.events.filter(({ type }) => type === "fisher").at(-1)).toBeDefined();

    const [file] = await readdir(folder);
    await writeFile(join(folder, file as string), "{");
    await expect(searched({ store })).rejects.toThrow(/is not a measurement that was kept here; remove it/);
  });

  test("are another network's or another training's only where that makes no difference", () => {
    const key = (change: Partial<Recipe>, measure: SearchSettings["measure"] = "nearest") =>
      measurementKey({ ...recipe, ...change }, { measure }, "wasm");
    expect(key({ iterations: 99 })).toBe(key({}));
    expect(key({ iterations: 99 }, "reconstructed")).not.toBe(key({}, "reconstructed"));
    expect(key({ seed: 1 })).not.toBe(key({}));
    expect(key({ weights: { ...recipe.weights, bits: 7 } })).toBe(key({}));
    expect(key({ weights: { ...recipe.weights, symmetric: true } })).not.toBe(key({}));
  });

  test("a table of another network is refused by its layers", async () => {
    const { outcome } = await searched();
    const table = { ...outcome.table, layers: outcome.table.layers.slice(1) };
    await expect(searched({ settings: { ...settings, table } })).rejects.toThrow(/of another network: it has 15 layers, .* has 16; layer 1 is/);
  });
});
