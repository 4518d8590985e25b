/** Runs that are kept: in the browser's storage, across versions, and where it refuses. */
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, expect, test, vi } from "vitest";
import { DATABASE, openRuns, type RunsDatabase } from "../../../src/app/runs/database";
import { bitsOf, freeName, KEPT_POINTS, keptRun, nameOf } from "../../../src/app/runs/record";
import { createRuns, type RunsState } from "../../../src/app/runs/store";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import { CIRCUMSTANCES, finished, reportOf } from "./support";

beforeEach(async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

let ids = 0;
const storeOn = (open: () => Promise<RunsDatabase>) =>
  createRuns({ open, now: () => new Date(Date.UTC(2026, 10, 26, 3, ids)), newId: () => `run-${++ids}`, app: "0.1.0" });

/** What a page that is opened now finds. */
async function reopened(): Promise<RunsState> {
  const store = storeOn(openRuns);
  return new Promise((resolve) => {
    const look = () => store.getState().storage !== "opening" && resolve(store.getState());
    store.subscribe(look);
    look();
  });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

test("a finished run is kept with its recipe, bounded curves and what was drawn of it, under a name from its recipe", () => {
  const run = keptRun(finished(), CIRCUMSTANCES);
  expect(run.name).toBe("shapes-resnet14 BRECQ W2");
  expect(run.outline).toEqual([
    { name: "a", layers: 2 },
    { name: "b", layers: 1 },
  ]);
  const [a, b] = run.curves;
  expect(a?.mean.length).toBeLessThanOrEqual(KEPT_POINTS);
  expect(a).toMatchObject({ unit: "a", phase: "weights", iterations: 500, every: 4 });
  // Joined runs keep their mean, and the first value is still the greatest.
  const sum = (a?.mean ?? []).reduce((total, mean) => total + 4 * mean, 0);
  expect(sum).toBeCloseTo(
    Array.from({ length: 500 }, (_, i) => 1 / (i + 1)).reduce((x, y) => x + y, 0),
    2,
  );
  expect(a?.high[0]).toBe(1);
  expect(b?.mean).toEqual([1, 0.2]);
  expect(run.soFar).toEqual([{ method: "quantized", phase: "weights", unit: 0, name: "a", noise: 0.0123457, top1: 94, agreement: 94 }]);
  expect(run.classes?.confusion?.nearest).toEqual([30, 20, 16, 34]);
});

test("names tell method and bits, and are told apart", () => {
  const recipe = demoRecipe();
  expect(bitsOf({ ...recipe, activations: { bits: 4, assignment: null } as never })).toBe("W2 A4");
  expect(bitsOf({ ...recipe, weights: { ...recipe.weights, assignment: { a: 3 } } })).toBe("W mixed");
  expect(nameOf({ ...recipe, method: "nearest", model: { kind: "file", name: "r20.onnx", sha256: null } })).toMatch(/^r20 .* W2$/);
  expect(freeName("a", ["a", "a (2)"])).toBe("a (3)");
});

test("runs survive the page: renamed, starred, deleted and brought back", async () => {
  const store = storeOn(openRuns);
  for (let i = 0; i < 3; i++) store.getState().keep(finished(), null);
  const [third, second, first] = store.getState().runs.map(({ id }) => id) as [string, string, string];
  store.getState().rename(first, "  the first  ");
  store.getState().star(second, true);
  store.getState().choose(third, true);
  store.getState().remove([third, first]);
  expect(store.getState()).toMatchObject({ chosen: [], deleted: [{ id: third }, { id: first }] });
  await settled();
  expect((await reopened()).runs.map(({ id, star }) => [id, star])).toEqual([[second, true]]);
  store.getState().undo();
  await settled();
  const state = await reopened();
  expect(state).toMatchObject({ storage: "kept", unknown: 0 });
  expect(state.runs.map(({ id, name }) => [id, name])).toEqual([
    [third, "shapes-resnet14 BRECQ W2 (3)"],
    [second, "shapes-resnet14 BRECQ W2 (2)"],
    [first, "the first"],
  ]);
});

test("a name that is taken gets a number, an empty one is not taken", () => {
  const store = storeOn(openRuns);
  for (let i = 0; i < 2; i++) store.getState().keep(finished(), null);
  const [second, first] = store.getState().runs.map(({ id }) => id) as [string, string];
  store.getState().rename(first, "x");
  store.getState().rename(second, "x");
  store.getState().rename(second, " ");
  expect(store.getState().runs.map(({ name }) => name)).toEqual(["x (2)", "x"]);
});

test("a record of an older recipe is read as what it meant, one of a newer page is left alone and counted", async () => {
  const run = keptRun(finished(), CIRCUMSTANCES);
  const { inputs: _inputs, ...rest } = demoRecipe();
  const { firstLastBits: _bits, ...weights } = rest.weights;
  const old = { ...rest, version: 1, asym: false, weights: { ...weights, ends: true } };
  const database = await openDB(DATABASE, 1, { upgrade: (opened) => opened.createObjectStore("runs", { keyPath: "id" }) });
  await database.put("runs", { ...run, id: "old", report: { ...run.report, recipe: old } });
  await database.put("runs", { ...run, id: "newer", format: 2 });
  database.close();
  const state = await reopened();
  expect(state.unknown).toBe(1);
  expect(state.runs.map(({ id, report }) => [id, report.recipe.version, report.recipe.inputs, report.recipe.weights.firstLastBits])).toEqual([
    ["old", 2, "full", 8],
  ]);
  const kept = await openDB(DATABASE);
  expect(await kept.count("runs")).toBe(2);
  kept.close();
});

test("a later version of the database takes its own step only and keeps the runs; the page before it says that it is older", async () => {
  const first = await openRuns();
  await first.put([keptRun(finished(), CIRCUMSTANCES)]);
  const later = await openRuns([
    () => {
      throw new Error("taken already");
    },
    (opened) => opened.createObjectStore("more" as never),
  ]);
  expect((await later.all()).runs).toHaveLength(1);
  expect(await reopened()).toMatchObject({ storage: "newer", runs: [] });
});

test.each([
  ["QuotaExceededError", "full"],
  ["UnknownError", "refused"],
] as const)("where writing fails by %s the runs stay in memory, and the page says so", async (name, storage) => {
  const store = storeOn(async () => ({
    all: async () => ({ runs: [], unknown: 0 }),
    put: async () => {
      throw new DOMException("no", name);
    },
    remove: async () => {},
  }));
  store.getState().keep(finished(), null);
  await settled();
  expect(store.getState()).toMatchObject({ storage, runs: [{ report: reportOf() }] });
});

test("where nothing can be opened the runs stay in memory", async () => {
  const store = storeOn(async () => {
    throw new DOMException("no", "SecurityError");
  });
  await settled();
  store.getState().keep(finished(), null);
  await settled();
  expect(store.getState().storage).toBe("refused");
  expect(store.getState().runs).toHaveLength(1);
});
