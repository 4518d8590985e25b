/** Watching a network before anything runs: which images, what fewer bits make of them, and that nothing is computed twice. */
import { afterEach, describe, expect, test } from "vitest";
import { Cancelled } from "../../src/base/errors";
import { drawShapes, drawShapesAt } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { InputCache } from "../../src/session/inputs/cache";
import type { Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { chooseShown, turnsAt } from "../../src/session/watch/choose";
import { WatchedPictures } from "../../src/session/watch/pictures";
import { watchedPlaces } from "../../src/session/watch/sample";
import { Watcher } from "../../src/session/watch/watcher";
import type { Glimpse, LabEvent, WatchedImages } from "../../src/session/worker/events";
import { builtin, builtinBytes } from "../support/builtin";

const SOURCES: Sources = { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null };
const open: Device[] = [];
afterEach(() => {
  for (const device of open.splice(0)) device.dispose();
});

function watching() {
  let opened = 0;
  let passes = 0;
  const pictures = new WatchedPictures();
  const watcher = new Watcher({
    inputs: new InputCache(),
    pictures,
    grids: new WeakMap(),
    openDevice: async () => {
      opened++;
      const device = await createWasmDevice(2);
      open.push(device);
      const compile = device.compile.bind(device);
      device.compile = (program, tensors) => {
        passes++;
        return compile(program, tensors);
      };
      return device;
    },
  });
  const graph = builtin("shapes-resnet14");
  const watched = (recipe: Recipe, breathe: () => void = () => {}) => ({ recipe, graph, sources: SOURCES, breathe });
  const look = async (recipe: Recipe, breathe?: () => void): Promise<LabEvent[]> => {
    const events: LabEvent[] = [];
    await watcher.glimpses(watched(recipe, breathe), (event) => events.push(event));
    return events;
  };
  const score = (recipe: Recipe) => watcher.score(watched(recipe));
  const doubt = (recipe: Recipe) => watcher.doubt(watched(recipe));
  return { watcher, look, score, doubt, graph, pictures, opened: () => opened, passes: () => passes };
}

const small = (change: object = {}): Recipe =>
  parseRecipe({ ...demoRecipe(), evaluation: { ...demoRecipe().evaluation, count: 60 }, ...change }, "test");
const glimpsesOf = (events: readonly LabEvent[]): Glimpse[] => events.flatMap((event) => (event.type === "glimpse" ? [event.glimpse] : []));
const imagesOf = (events: readonly LabEvent[]): WatchedImages[] => events.flatMap((event) => (event.type === "watched" ? [event.images] : []));

test("places are one from each equal stretch, and the same every time", () => {
  const places = watchedPlaces(2000, 160);
  expect(places).toEqual(watchedPlaces(2000, 160));
  for (const [i, place] of places.entries()) expect([place >= i * 12.5 - 1, place < (i + 1) * 12.5]).toEqual([true, true]);
  expect(watchedPlaces(5, 160)).toEqual([0, 1, 2, 3, 4]);
  // Images whose ten classes take turns: no step falls into theirs.
  expect(new Set(watchedPlaces(2000, 160).map((place) => place % 10)).size).toBe(10);
});

test("pictures drawn at their places are those that drawing all gives", () => {
  const all = drawShapes("test", 20, 3);
  const some = drawShapesAt("test", [4, 17], 3);
  expect(some.pixels).toEqual(Uint8Array.of(...all.pixels.subarray(4 * 3072, 5 * 3072), ...all.pixels.subarray(17 * 3072, 18 * 3072)));
  expect([...(some.labels ?? [])]).toEqual([all.labels?.[4], all.labels?.[17]]);
});

describe("the shown ones", () => {
  /** Images by what each width calls them: r right, w wrong, at 8, 4, 3 and 2 bit. */
  const seen = (codes: readonly string[], classes: readonly number[]) => {
    const labels = Int32Array.from(classes);
    const at = (column: number) => Int32Array.from(classes, (label, i) => (codes[i]?.[column] === "w" ? 99 : label));
    return { full: labels, labels, rounded: [8, 4, 3, 2].map((bits, column) => ({ bits, predictions: at(column) })) };
  };

  test("turn once and stay: one that turns back is told apart", () => {
    const given = seen(["rrrr", "rrrw", "rwww", "rwrw", "wwww"], [0, 0, 0, 0, 0]);
    expect([0, 1, 2, 3, 4].map((image) => turnsAt(given, image))).toEqual([0, 2, 4, null, 8]);
  });

  test("hold some that turn at 4, at 3, at 2 bit and never, and no class dominates", () => {
    const codes = Array.from({ length: 80 }, (_, i) => ["rrrr", "rrrw", "rrww", "rwww"][i % 4] as string);
    const classes = codes.map((_, i) => (i < 40 ? 0 : Math.floor(i / 4) % 5));
    const given = seen(codes, classes);
    const shown = chooseShown(given);
    expect(shown).toHaveLength(12);
    for (const bits of [0, 2, 3, 4]) expect(shown.filter((image) => turnsAt(given, image) === bits)).toHaveLength(3);
    for (const label of [0, 1, 2, 3, 4]) expect(shown.filter((image) => classes[image] === label).length).toBeLessThanOrEqual(4);
  });

  test("are whatever there is where nothing turns or there are few", () => {
    expect(chooseShown(seen(["rrrr", "rrrr"], [0, 1]))).toEqual([0, 1]);
    expect(chooseShown({ ...seen(Array(30).fill("rrrr"), Array(30).fill(3)), labels: null })).toHaveLength(12);
  });
});

test("full precision and 2 bit come first; at the end all eight widths with twelve pictures, and accuracy and size fall with the bits", async () => {
  const { look } = watching();
  const events = await look(small());
  expect(
    glimpsesOf(events)
      .slice(0, 2)
      .map(({ bits }) => bits),
  ).toEqual([32, 2]);
  const images = imagesOf(events).at(-1) as WatchedImages;
  expect(images).toMatchObject({ count: 60, of: 60, on: "test" });
  expect(images.shown).toHaveLength(12);
  const last = new Map(glimpsesOf(events).map((glimpse) => [glimpse.bits, glimpse]));
  expect([...last.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 32]);
  const at = (bits: number) => last.get(bits) as Glimpse;
  expect(at(32).accuracy.agreement).toBe(100);
  expect(at(2).accuracy.top1 as number).toBeLessThan((at(32).accuracy.top1 as number) - 10);
  for (const bits of [3, 4, 5, 6, 7, 8]) expect(at(bits).bytes).toBeGreaterThan(at(bits - 1).bytes);
  expect(at(32).bytes).toBeGreaterThan(10 * at(2).bytes);
  // Full precision is right on most of what is shown, 2 bit on few.
  const right = (bits: number) => at(bits).predictions.filter((name, i) => name === images.shown[i]?.label).length;
  expect(right(32)).toBeGreaterThanOrEqual(11);
  expect(right(2)).toBeLessThanOrEqual(5);
});

test("what was seen is not computed again: neither for the same recipe nor for one that differs in what a glimpse does not depend on", async () => {
  const { look, score, passes, watcher, opened } = watching();
  const first = await look(small());
  const done = passes();
  const again = await look(small({ iterations: 7, weights: { ...small().weights, bits: 3 } }));
  expect(passes()).toBe(done);
  expect(glimpsesOf(again)).toHaveLength(8);
  expect(imagesOf(again)).toEqual(imagesOf(first).slice(-1));
  watcher.close();
  const own = await score(small({ weights: { ...small().weights, bits: 3 } }));
  // Not even a device is needed for it.
  expect(opened()).toBe(1);
  const three = glimpsesOf(again).find(({ bits }) => bits === 3) as Glimpse;
  expect(own).toEqual({ accuracy: three.accuracy, bytes: three.bytes, predictions: three.predictions });
});

test("one that was stopped goes on where it was", async () => {
  const { look, passes } = watching();
  let breaths = 0;
  const stop = () => {
    if (passes() >= 3 && breaths++ > 0) throw new Cancelled();
  };
  await expect(look(small(), stop)).rejects.toThrow(Cancelled);
  const before = passes();
  await look(small());
  const { look: fresh, passes: all } = watching();
  await fresh(small());
  expect(passes() - before).toBeLessThan(all());
});

test("a score under widths of single layers lies between those of the widths it mixes, in size too", async () => {
  const { look, score } = watching();
  const glimpses = glimpsesOf(await look(small()));
  const at = (bits: number) => glimpses.findLast((one) => one.bits === bits) as Glimpse;
  const assignment = Object.fromEntries(
    builtin("shapes-resnet14").nodes.flatMap(({ name, operation }, i) => (operation.op === "conv2d" ? [[name, i % 2 ? 2 : 8]] : [])),
  );
  const mixed = await score(small({ weights: { ...small().weights, assignment } }));
  expect(mixed.bytes).toBeGreaterThan(at(2).bytes);
  expect(mixed.bytes).toBeLessThan(at(8).bytes);
  expect(mixed.predictions).toHaveLength(12);
});

test("activations of the recipe are rounded too", async () => {
  const { score } = watching();
  const plain = await score(small({ weights: { ...small().weights, bits: 8 } }));
  const rounded = await score(small({ weights: { ...small().weights, bits: 8 }, activations: { bits: 2, scale: "max" } }));
  expect(rounded.accuracy.agreement).toBeLessThan(plain.accuracy.agreement);
});

test("a preprocessing that fits clearly worse than another is doubted before anything runs, once; the right one is not", async () => {
  const { doubt, passes } = watching();
  const wrong = small({ preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.002] } });
  const found = await doubt(wrong);
  expect(found?.message).toMatch(/Full precision is [\d.]+ % of \d+ images, but [89][\d.]+ % with (mean|ImageNet)/);
  const before = passes();
  expect(await doubt(wrong)).toBe(found);
  expect(passes()).toBe(before);
  expect(await doubt(small())).toBeNull();
});
