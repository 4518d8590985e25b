/** What a run warns of before anyone believes it: a schedule that cannot settle, images that look wrongly preprocessed. */

import { afterAll, describe, expect, test } from "vitest";
import { readCifar } from "../../src/data/cifar";
import { someImages } from "../../src/data/images";
import type { Preprocessing } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { readModel } from "../../src/formats";
import { prepare } from "../../src/passes/prepare";
import { InputCache } from "../../src/session/inputs/cache";
import { load } from "../../src/session/inputs/load";
import { filesInMemory, type Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { preprocessingText } from "../../src/session/recipe/preprocessing-text";
import { parseRecipe } from "../../src/session/recipe/schema";
import { advisePreprocessing, information } from "../../src/session/run/preprocessing-check";
import { warnOfTravel } from "../../src/session/run/warnings";
import { builtin, builtinBytes } from "../support/builtin";
import { sharedBytes, sharedTest } from "../support/shared";

const device = await createWasmDevice(2);
afterAll(() => device.dispose());
const RIGHT: Preprocessing = { resize: null, crop: null, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], channelOrder: "rgb" };
const FORGOTTEN: Preprocessing = { ...RIGHT, mean: [0], std: [0.02] };

test("iterations x learning rate below what settles is said before the run, with both numbers and a remedy", () => {
  const of = (iterations: number, learningRate: number, method: "brecq" | "nearest" | "adaquant" = "brecq") =>
    warnOfTravel({ method, iterations, learningRate });
  expect(of(10, 0.3)[0]).toMatch(
    /^10 iterations x learning rate 0.3 = 3, but roundings settled .* about 20.*Use 67 iterations at a learning rate of 0.3/,
  );
  expect(of(500, 0.001)[0]).toMatch(/Use a learning rate of 0.04, or 20000 iterations at this one/);
  for (const [iterations, rate] of [
    [20000, 1e-3],
    [500, 0.04],
    [150, 0.3],
  ] as const)
    expect(of(iterations, rate)).toEqual([]);
  expect(of(10, 0.3, "nearest")).toEqual([]);
  expect(of(10, 0.3, "adaquant")).toEqual([]);
});

describe.each(["shapes-resnet14", "shapes-mobilenet", "shapes-regnet"])("the preprocessing of %s", (name) => {
  const set = drawShapes("test", 200);
  const unlabelled = { ...set, labels: null };

  test("is not doubted where it is right, with labels or without", async () => {
    for (const images of [set, unlabelled]) expect(await advisePreprocessing(device, builtin(name), images, RIGHT)).toBeNull();
  });

  test("is doubted where it is not, with labels by accuracy, without by what the scores tell", async () => {
    expect((await advisePreprocessing(device, builtin(name), set, FORGOTTEN))?.message).toMatch(/^Full precision is [\d.]+ % of \d+ images, but/);
    expect((await advisePreprocessing(device, builtin(name), unlabelled, FORGOTTEN))?.message).toMatch(
      /^The scores of \d+ images tell their classes apart by [\d.]+ nats, but by [\d.]+ with/,
    );
  });
});

test("other ways of resizing are tried where the network does no better than chance, and named", async () => {
  const set = drawShapes("test", 200);
  const grey = { ...set, pixels: new Uint8Array(set.pixels.length).fill(128) };
  const given: Preprocessing = { ...RIGHT, resize: 36, crop: [32, 32] };
  const tried: unknown[] = [];
  const reread = async ({ resize, crop }: Preprocessing, places: readonly number[]) => {
    tried.push([resize, crop]);
    return someImages(crop === null ? set : grey, places);
  };
  const advice = await advisePreprocessing(device, builtin("shapes-resnet14"), grey, given, { reread, breathe: () => {} });
  expect(advice?.message).toMatch(/^Full precision is [\d.]+ % of 75 images, but 9\d\.\d % with pictures stretched to 32x32:/);
  expect(advice?.preprocessing).toEqual({ ...given, resize: [32, 32], crop: null });
  expect(tried).toEqual([
    [[32, 32], null],
    [32, [32, 32]],
  ]);
  const floats = { ...set, pixels: Float32Array.from(set.pixels) };
  expect(await advisePreprocessing(device, builtin("shapes-resnet14"), floats, FORGOTTEN)).toBeNull();
});

sharedTest("range and channel order that are both wrong are found together", async () => {
  const graph = prepare(
    await readModel([{ path: "resnet8.onnx", bytes: sharedBytes("models/mlperf-tiny-resnet8-cifar10/resnet8-cifar10-bn-fp32.onnx") }]),
  );
  const set = readCifar([{ path: "t.bin", bytes: sharedBytes("images/cifar10/cifar10_test_0000-0999.bin") }]);
  const given: Preprocessing = { ...RIGHT, mean: [0], std: [1], channelOrder: "bgr" };
  const advice = await advisePreprocessing(device, graph, set, given);
  expect(advice?.preprocessing).toEqual({ ...given, std: [1 / 255], channelOrder: "rgb" });
  expect(advice?.message).toContain("with mean 0 and standard deviation 1/255 (pixels in 0..255), and the channels in the other order:");
  // Its scores are probabilities: they tell as much without labels.
  expect((await advisePreprocessing(device, graph, { ...set, labels: null }, given))?.preprocessing.std).toEqual([1 / 255]);
  expect(await advisePreprocessing(device, graph, set, { ...given, std: [1 / 255], channelOrder: "rgb" })).toBeNull();
});

test("information is none where all scores are alike or even, and log of the classes where they are certain and differ", () => {
  const logits = (rows: number[][]) => ({ logits: Float32Array.from(rows.flat()), classes: 2 });
  expect(
    information(
      logits([
        [0, 0],
        [0, 0],
      ]),
    ),
  ).toBeCloseTo(0, 12);
  expect(
    information(
      logits([
        [50, 0],
        [50, 0],
      ]),
    ),
  ).toBeCloseTo(0, 12);
  expect(
    information(
      logits([
        [50, 0],
        [0, 50],
      ]),
    ),
  ).toBeCloseTo(Math.log(2), 8);
});

test("the preprocessing in force is told in words", () => {
  expect(preprocessingText({ ...RIGHT, resize: 256, crop: [224, 224], channelOrder: "bgr" })).toBe(
    "shorter side resized to 256; centre crop 224x224; mean 0.5, 0.5, 0.5; std 0.25, 0.25, 0.25; BGR",
  );
});

describe("images", () => {
  const npy = (count: number): Uint8Array => {
    const header = `${`{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, 32, 32, 3), }`.padEnd(118)}\n`;
    const pixels = drawShapes("test", count).pixels;
    const bytes = new Uint8Array(10 + header.length + pixels.length);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
    bytes.set(new TextEncoder().encode(header), 10);
    bytes.set(pixels, 10 + header.length);
    return bytes;
  };
  const recipe = (change: object = {}) =>
    parseRecipe({ ...demoRecipe(), calibration: { kind: "files", name: "c.npy" }, evaluation: null, ...change }, "t");

  function sources(count: number): { sources: Sources; reads: () => number } {
    let reads = 0;
    const files = filesInMemory("c.npy", [{ path: "c.npy", bytes: npy(count) }]);
    const calibration = {
      name: files.name,
      read: () => {
        reads++;
        return files.read();
      },
    };
    return { sources: { builtinModel: async (name) => builtinBytes(name), model: null, calibration, evaluation: null }, reads: () => reads };
  }
  const common = { signal: new AbortController().signal, emit() {} };

  test("of an experiment are read and decoded once, also where their number varies downwards", async () => {
    const { sources: own, reads } = sources(64);
    const inputs = new InputCache();
    for (const count of [64, 32, 40, null, 64]) {
      const loaded = await load({ ...common, inputs, sources: own, recipe: recipe({ calibration: { kind: "files", name: "c.npy", count } }) });
      expect(loaded.calibration.set.count).toBe(count ?? 64);
    }
    expect(reads()).toBeLessThanOrEqual(2);
  });

  test("two are enough for nearest, whatever the batch; a method that trains needs a batch", async () => {
    const { sources: own } = sources(2);
    const inputs = new InputCache();
    expect((await load({ ...common, inputs, sources: own, recipe: recipe({ method: "nearest" }) })).calibration.set.count).toBe(2);
    await expect(load({ ...common, inputs, sources: own, recipe: recipe() })).rejects.toThrow(/2 calibration images, fewer than a batch of 32/);
  });

  test("without labels that are calibrated and judged on are said to measure no accuracy", async () => {
    const { sources: own } = sources(40);
    expect((await load({ ...common, inputs: new InputCache(), sources: own, recipe: recipe() })).notes.join()).toMatch(
      /agreement with the full-precision network on images that it was calibrated on is no accuracy/,
    );
  });
});
