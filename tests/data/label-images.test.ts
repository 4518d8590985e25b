/** Label pictures: what they hold, where they lie, how they follow their pictures, and how a dense network is judged by them. */
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readImages } from "../../src/data";
import { findLabelPictures, fitLabels } from "../../src/data/label-images";
import { decodePng, decodePngIndices } from "../../src/data/png";
import { normalize } from "../../src/data/preprocess";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { score } from "../../src/network/evaluate";
import { InputCache } from "../../src/session/inputs/cache";
import { load } from "../../src/session/inputs/load";
import { filesInMemory } from "../../src/session/inputs/sources";
import { parseRecipe } from "../../src/session/recipe/schema";
import { accuracyOf } from "../../src/session/run/judge";
import { blockLabels, blocks, denseNetwork } from "../support/segmentation";
import { fixtureFile, npy, PLAIN, png } from "./support";

describe("a label picture's numbers", () => {
  test.each([1, 2, 4, 8])("palette of %i bits: places in the palette, not colours", (depth) => {
    const file = fixtureFile(`palette-${depth}.png`);
    const { pixels } = decodePngIndices(file);
    const colours = decodePng(file);
    const seen = new Map<number, string>();
    pixels.forEach((index, i) => {
      const colour = colours.pixels.slice(3 * i, 3 * i + 3).join();
      expect(seen.get(index) ?? colour).toBe(colour);
      seen.set(index, colour);
    });
    expect(seen.size).toBeGreaterThan(1);
    expect(Math.max(...seen.keys())).toBeLessThan(2 ** depth);
  });

  test.each([1, 2, 4, 8])("grey of %i bits is not stretched", (depth) => {
    const file = fixtureFile(`grey-${depth}.png`);
    const stretched = decodePng(file).pixels;
    const { pixels } = decodePngIndices(file);
    expect([...pixels].map((value) => Math.floor((value * 255) / (2 ** depth - 1)))).toEqual([...stretched]);
  });

  test("colours and 16 bits are refused", () => {
    expect(() => decodePngIndices(fixtureFile("rgb-16.png"))).toThrow(/rgb-16.png has 3 channels of 16 bits; label pictures hold a class number/);
    expect(() => decodePngIndices(fixtureFile("grey-16.png"))).toThrow(/1 channel of 16 bits/);
    expect(() => decodePngIndices(fixtureFile("grey.jpg"))).toThrow(/grey.jpg is no PNG by its content/);
  });
});

test("label pictures are found beside their pictures", () => {
  const pairs = (...paths: string[]) => [...(findLabelPictures(paths)?.of ?? [])];
  expect(pairs("set/images/train/a.jpg", "set/labels/train/a.png", "set/labels/val/a.png")).toEqual([
    ["set/images/train/a.jpg", "set/labels/train/a.png"],
  ]);
  expect(pairs("VOC/JPEGImages/1.jpg", "VOC/JPEGImages/2.jpg", "VOC/SegmentationClass/1.png")).toEqual([
    ["VOC/JPEGImages/1.jpg", "VOC/SegmentationClass/1.png"],
  ]);
  expect(pairs("images/a.png", "masks/a.png")).toEqual([["images/a.png", "masks/a.png"]]);
  expect(findLabelPictures(["cat/1.png", "dog/1.png"])).toBeNull();
  expect(findLabelPictures(["images/a.png", "labels/b.png"])).toBeNull();
});

test("labels follow resizing and cropping by the nearest pixel", () => {
  const ramp = (height: number, width: number) => Int32Array.from({ length: height * width }, (_, i) => i);
  expect([...fitLabels(ramp(4, 4), [4, 4], null, [2, 2])]).toEqual([5, 7, 13, 15]);
  expect([...fitLabels(ramp(2, 2), [2, 2], { resize: [4, 4], crop: null }, [4, 4])]).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3]);
  expect([...fitLabels(ramp(4, 6), [4, 6], { resize: null, crop: [2, 2] }, [2, 2])]).toEqual([8, 9, 14, 15]);
  // 8x4 to a shorter side of 2 is 4x2, of which the middle 2x2 are left.
  expect([...fitLabels(ramp(8, 4), [8, 4], { resize: 2, crop: [2, 2] }, [2, 2])]).toEqual([13, 15, 21, 23]);
});

describe("a dense network", () => {
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(1);
  });
  afterAll(() => device.dispose());

  const RECIPE = {
    model: { kind: "file", name: "dense.onnx" },
    preprocessing: { mean: [0], std: [1] },
    weights: { bits: 4 },
    method: "nearest",
    version: 2,
  } as const;

  async function accuracy(files: Record<string, Uint8Array>, preprocessing: object = {}) {
    const given = { "set.zip": zipSync(files) };
    const recipe = parseRecipe(
      {
        ...RECIPE,
        preprocessing: { ...RECIPE.preprocessing, ...preprocessing },
        calibration: { kind: "files", name: "set.zip" },
        evaluation: { kind: "files", name: "set.zip" },
      },
      "test",
    );
    const images = () => filesInMemory("set.zip", [{ path: "set.zip", bytes: given["set.zip"] }]);
    const sources = {
      builtinModel: () => Promise.reject(new Error("none")),
      model: filesInMemory("dense.onnx", [{ path: "dense.onnx", bytes: denseNetwork() }]),
      calibration: images(),
      evaluation: images(),
    };
    const loaded = await load({ recipe, sources, inputs: new InputCache(), signal: new AbortController().signal, emit: () => {} });
    const set = (await loaded.judged.images()).set;
    if (!set) throw new Error("no test images");
    const tensor = device.createTensor(set.count, 768);
    tensor.write(0, normalize(set, { ...PLAIN, channelOrder: "rgb" }, 0, set.count));
    const scores = await score(device, loaded.graph, tensor, { kernels: new Map() });
    tensor.dispose();
    return { ...accuracyOf(scores, scores, set), calibration: loaded.calibration.set, notes: loaded.notes };
  }
  const pairs = (count: number, options = {}) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        [`s/images/${i}.png`, blocks(i)],
        [`s/labels/${i}.png`, blockLabels(i, options)],
      ]).flat() as [string, Uint8Array][],
    );

  test("is judged by pixels and mean intersection over union; pictures without labels are left out, and calibrate all the same", async () => {
    const { top1, meanIou, images, calibration, notes } = await accuracy({ ...pairs(3), "s/images/more.png": blocks(4) });
    expect([top1, meanIou, images]).toEqual([100, 100, 3]);
    expect([calibration.count, calibration.labels]).toEqual([4, null]);
    expect(notes).toContain("1 picture of set.zip has no label picture and is left out.");
  });

  test("rows that are labelled otherwise count against it, rows of no class do not", async () => {
    expect((await accuracy(pairs(3, { wrong: 4 }))).top1).toBe(75);
    expect((await accuracy(pairs(3, { wrong: 4, unknown: 8 }))).top1).toBe(50);
    expect((await accuracy(pairs(3, { unknown: 8 }))).meanIou).toBe(100);
  });

  test("larger pictures are resized with their labels", async () => {
    const scaled = (bytes: Uint8Array, channels: 1 | 3, name: string) => {
      const { pixels } = channels === 1 ? decodePngIndices({ path: name, bytes }) : decodePng({ path: name, bytes });
      const data = Uint8Array.from({ length: 32 * 32 * channels }, (_, i) => {
        const [c, x, y] = [i % channels, Math.floor(i / channels) % 32, Math.floor(i / channels / 32)];
        return pixels[((y >> 1) * 16 + (x >> 1)) * channels + c] as number;
      });
      return encode({ width: 32, height: 32, channels, data });
    };
    const files = { "s/images/a.png": scaled(blocks(1), 3, "a"), "s/masks/a.png": scaled(blockLabels(1), 1, "b") };
    expect((await accuracy(files, { resize: [16, 16] })).top1).toBe(100);
  });

  test("labels of another size, beyond the classes, or in colour are refused by name", async () => {
    await expect(accuracy({ ...pairs(1), "s/labels/0.png": png(8, 16, 1, 0) })).rejects.toThrow(
      /s\/labels\/0.png is 16x8, but the picture that it labels is 16x16/,
    );
    await expect(accuracy({ ...pairs(1), "s/labels/0.png": png(16, 16, 1, 7) })).rejects.toThrow(
      /Image 0 of set.zip has label 7, but the network has 3 classes/,
    );
    await expect(accuracy({ ...pairs(1), "s/labels/0.png": png(16, 16, 3, 0) })).rejects.toThrow(/convert its colours to class numbers/);
  });
});

test("NumPy: labels [N, height, width] at the images' size", async () => {
  const labels = Uint8Array.from({ length: 2 * 16 }, (_, i) => i % 5);
  const bytes = zipSync({ "images.npy": npy("|u1", [2, 4, 4, 3], new Uint8Array(96)), "labels.npy": npy("|u1", [2, 4, 4], labels) });
  const read = (more: object) => readImages([{ path: "a.npz", bytes }], PLAIN, "a.npz", { input: [4, 4, 3], ...more });
  const { set } = await read({ positions: [2, 2] });
  expect(set.labelSize).toEqual([2, 2]);
  expect([...(set.labels ?? [])]).toEqual([5, 7, 13, 15, 21, 23, 29, 31].map((i) => i % 5));
  expect((await read({})).set).toMatchObject({ labels: null });
  const wrong = zipSync({ "images.npy": npy("|u1", [2, 4, 4, 3], new Uint8Array(96)), "labels.npy": npy("|u1", [2, 3, 4], new Uint8Array(24)) });
  await expect(readImages([{ path: "a.npz", bytes: wrong }], PLAIN, "a.npz", { input: [4, 4, 3], positions: [2, 2] })).rejects.toThrow(
    /Labels of a.npz are 3x4 and its images 4x4; labels need a number for each pixel/,
  );
});
