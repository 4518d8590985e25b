/** What a run tells of the network quantized so far, of classes, and that watching changes nothing of it. */
import { beforeEach, expect, test, vi } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { InputCache } from "../../src/session/inputs/cache";
import type { Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { classResults, worstClasses } from "../../src/session/run/classes";
import type { Report } from "../../src/session/run/report";
import { type RunOptions, runRecipe } from "../../src/session/run/run";
import * as plan from "../../src/session/run/watch-plan";
import { WatchedRun } from "../../src/session/run/watched-run";
import { WatchedPictures } from "../../src/session/watch/pictures";
import type { LabEvent, SoFar } from "../../src/session/worker/events";
import { builtinBytes } from "../support/builtin";

const SOURCES: Sources = { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null };
const { planWatch } = plan;

// Short runs are watched by few images after few units: here all are looked at, and the plan has tests of its own.
beforeEach(() => {
  vi.spyOn(plan, "planWatch").mockImplementation((graph, recipe, available, _run, trains) => planWatch(graph, recipe, available, 1e15, trains));
  return () => vi.restoreAllMocks();
});

function small(change: object = {}): Recipe {
  const demo = demoRecipe();
  const images = { calibration: { ...demo.calibration, count: 64 }, evaluation: { ...demo.evaluation, count: 60 } };
  return parseRecipe({ ...demo, ...images, iterations: 12, learningRate: 0.2, ...change }, "test");
}

async function run(recipe: Recipe, more: Partial<RunOptions> = {}): Promise<{ report: Report; events: LabEvent[]; soFar: SoFar[] }> {
  const events: LabEvent[] = [];
  const openDevice = async () => ({ device: await createWasmDevice(2), reason: "test" });
  const signal = new AbortController().signal;
  const report = await runRecipe({ recipe, sources: SOURCES, openDevice, signal, emit: (event) => events.push(event), ...more });
  return { report, events, soFar: events.flatMap((event) => (event.type === "soFar" ? [event.soFar] : [])) };
}

test("the whole nearest curve comes after the first unit, before its own point, then a point after each unit; both begin and end where the run's accuracies are", async () => {
  const { report, events, soFar } = await run(small());
  const units = report.units.map(({ name }) => name);
  const of = (method: SoFar["method"]) => soFar.filter((one) => one.method === method);
  for (const method of ["nearest", "quantized"] as const) expect(of(method).map(({ name, unit }) => [unit, name])).toEqual([...units.entries()]);
  const order = events.flatMap((event) => (event.type === "soFar" ? [event.soFar.method] : event.type === "unit" ? ["unit"] : []));
  expect(order.indexOf("unit")).toBeLessThan(order.indexOf("nearest"));
  expect(order.lastIndexOf("nearest")).toBeLessThan(order.indexOf("quantized"));
  // All 60 images fit the plan: the last points are the networks that were evaluated.
  for (const method of ["nearest", "quantized"] as const) expect(of(method).at(-1)?.accuracy).toEqual(report.accuracy[method]);
  for (const { noise } of report.units) expect(noise?.quantized as number).toBeLessThan(noise?.nearest as number);
  expect(of("nearest").map(({ noise }) => noise)).toEqual(report.units.map(({ noise }) => noise?.nearest));
  for (const { predictions } of soFar) expect(predictions).toHaveLength(12);
});

test("full precision is told of the very images of each point, and noise does not depend on which pictures are shown", async () => {
  // Fewer images count than there are, as where a run is short.
  vi.spyOn(plan, "planWatch").mockImplementation((...given) => ({ ...planWatch(...given), images: 40 }));
  const recipe = small({ iterations: 2 });
  const first = await run(recipe);
  for (const { full, accuracy } of first.soFar) expect(full.images).toBe(accuracy.images);
  expect(first.soFar[0]?.accuracy.images).toBe(40);
  expect(new Set(first.soFar.map(({ full }) => JSON.stringify(full))).size).toBe(1);
  const pictures = new WatchedPictures();
  vi.spyOn(pictures, "get").mockReturnValue(Array.from({ length: 12 }, (_, i) => 3 * i + 1));
  const second = await run(recipe, { pictures });
  vi.restoreAllMocks();
  expect(second.report.units.map(({ noise }) => noise)).toEqual(first.report.units.map(({ noise }) => noise));
});

test("it changes nothing of the result: the fingerprint is the same where nobody watches", async () => {
  for (const change of [{}, { method: "qdrop", activations: { bits: 4, scale: "max", learn: false } }, { unit: "layer", loss: "fisher_diag" }]) {
    const recipe = small({ ...change, iterations: 5 });
    const seen = await run(recipe);
    const spies = (["nearest", "end"] as const).map((name) => vi.spyOn(WatchedRun.prototype, name).mockResolvedValue());
    spies.push(vi.spyOn(WatchedRun.prototype, "unitDone").mockResolvedValue(null) as never);
    const unseen = await run(recipe);
    expect(unseen.soFar).toEqual([]);
    expect(unseen.report.fingerprint).toEqual(seen.report.fingerprint);
    expect(unseen.report.accuracy).toEqual(seen.report.accuracy);
    for (const spy of spies) spy.mockRestore();
  }
});

test("with activations that are trained the network is told unit by unit in their phase too; the last is the network that is left", async () => {
  const { report, soFar } = await run(small({ activations: { bits: 3, scale: "max", iterations: 5 } }));
  const phases = soFar.flatMap(({ method, phase }) => (method === "quantized" ? [phase] : []));
  // The last layer makes no activation that is quantized.
  expect(phases).toEqual([...Array(7).fill("weights"), ...Array(6).fill("activations")]);
  expect(soFar.at(-1)?.accuracy).toEqual(report.accuracy.quantized);
  expect(soFar.filter(({ method }) => method === "nearest").at(-1)?.accuracy).toEqual(report.accuracy.nearest);
});

test("methods that train nothing give the nearest curve and where they end, AdaQuant the network with corrected biases", async () => {
  for (const [method, points] of [
    ["nearest", 1],
    ["dfq", 1],
  ] as const) {
    const { report, soFar } = await run(small({ method }));
    const own = soFar.filter((one) => one.method === "quantized");
    expect(own).toHaveLength(points);
    expect(own[0]?.accuracy).toEqual(report.accuracy.quantized);
    expect(soFar.length).toBeGreaterThan(5);
  }
  const { report, soFar } = await run(small({ method: "adaquant", iterations: 4 }));
  expect(soFar.at(-1)?.accuracy).toEqual(report.accuracy.quantized);
});

test("pictures that were chosen before stay; where none were, the run chooses, tells, and leaves them for others", async () => {
  const pictures = new WatchedPictures();
  const first = await run(small({ method: "nearest" }), { pictures });
  const watched = first.events.flatMap((event) => (event.type === "watched" ? [event.images] : []));
  expect(watched).toHaveLength(1);
  expect(watched[0]?.shown).toHaveLength(12);
  const inputs = new InputCache();
  const told = async (recipe: Recipe) => (await run(recipe, { pictures, inputs })).events.filter(({ type }) => type === "watched").length;
  expect([await told(small({ method: "nearest" })), await told(small({ method: "nearest", weights: { bits: 3 } }))]).toEqual([1, 0]);
});

test("classes are told with labels, and the worst of each network stands in the report", async () => {
  const { report, events } = await run(small({ method: "nearest" }));
  const classes = events.flatMap((event) => (event.type === "classes" ? [event.classes] : []))[0];
  expect(classes?.counts.reduce((sum, count) => sum + count, 0)).toBe(60);
  const right = classes?.accuracy.nearest.reduce<number>((sum, share, i) => sum + ((share ?? 0) * (classes.counts[i] as number)) / 100, 0);
  expect((right as number) / 60).toBeCloseTo((report.accuracy.nearest.top1 as number) / 100, 6);
  expect(classes?.confusion?.nearest.reduce((sum, count) => sum + count, 0)).toBe(60);
  expect(report.worstClass?.nearest.top1).toBe(Math.min(...(classes?.accuracy.nearest ?? []).filter((one) => one !== null)));
});

test("a class without images has no accuracy and is not the worst; above 128 classes there is no confusion", () => {
  const scores = (classes: number) => ({ classes, predictions: Int32Array.of(0, 2, 2) });
  const all = (classes: number) => ({ fullPrecision: scores(classes), nearest: scores(classes), quantized: scores(classes) });
  const three = classResults(all(3), Int32Array.of(0, 0, 2), ["a", "b", "c"]);
  expect(three.accuracy.nearest).toEqual([50, null, 100]);
  expect(Array.from(three.confusion?.nearest ?? [])).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1]);
  expect(worstClasses(three).nearest).toEqual({ name: "a", top1: 50, images: 2 });
  expect(classResults(all(129), Int32Array.of(0, 0, 2), null)).toMatchObject({ confusion: null });
});

test("what a run does is told as data all the way", async () => {
  const { events } = await run(small({ activations: { bits: 4, scale: "max", iterations: 3 }, diagnose: true }));
  const told = events.flatMap((event) => (event.type === "progress" ? [event.doing] : []));
  expect(told.every((doing) => doing !== undefined)).toBe(true);
  const kinds = new Set(told.map((doing) => (doing?.what === "evaluating" ? doing.which : doing?.what === "unit" ? doing.phase : doing?.what)));
  for (const kind of ["loading", "fullPrecision", "scales", "nearest", "part", "preparing", "weights", "activations", "quantized", "diagnosing"])
    expect(kinds).toContain(kind);
});
