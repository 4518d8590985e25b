/** IDX files as MNIST comes, and CIFAR-100 records: what is read, how images and labels are paired, and damage. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkImages, readImages } from "../../src/data";
import { labelsPathOf } from "../../src/data/names";
import { sharedBytes, sharedTest } from "../support/shared";
import { idx, PLAIN } from "./support";

const DATA = Uint8Array.from({ length: 3 * 4 * 5 }, (_, i) => i);
const IMAGES = idx([3, 4, 5], DATA);
const LABELS = idx([3], Uint8Array.of(7, 2, 1));

const read = (files: Record<string, Uint8Array>, options = {}, preprocessing = PLAIN) =>
  readImages(
    Object.entries(files).map(([path, bytes]) => ({ path: `m/${path}`, bytes })),
    preprocessing,
    "m",
    options,
  );

describe("IDX", () => {
  test.each([
    ["plain", (bytes: Uint8Array) => bytes, ""],
    ["gzipped", (bytes: Uint8Array) => Uint8Array.from(gzipSync(bytes)), ".gz"],
  ])("%s images with the labels of their name", async (_, pack, end) => {
    const files = {
      [`t10k-images-idx3-ubyte${end}`]: pack(IMAGES),
      [`t10k-labels-idx1-ubyte${end}`]: pack(LABELS),
      [`train-labels-idx1-ubyte${end}`]: pack(idx([1], Uint8Array.of(9))),
      "readme.md": DATA,
    };
    const { set, passedOver } = await read(files);
    expect([set.count, set.height, set.width, set.channels]).toEqual([3, 4, 5, 1]);
    expect([...set.pixels]).toEqual([...DATA]);
    expect([...(set.labels ?? [])]).toEqual([7, 2, 1]);
    expect(passedOver).toEqual(["m/readme.md"]);
    const { set: first } = await read(files, { count: 2 });
    expect([first.count, first.pixels.length, ...(first.labels ?? [])]).toEqual([2, 40, 7, 2]);
    expect((await read(files, { labels: "none" })).set.labels).toBeNull();
  });

  test("names of images and their labels", () => {
    expect(labelsPathOf("a/t10k-images-idx3-ubyte.gz")).toBe("a/t10k-labels-idx1-ubyte.gz");
    expect(labelsPathOf("train-images.idx3-ubyte")).toBe("train-labels.idx1-ubyte");
    expect(labelsPathOf("t10k-labels-idx1-ubyte")).toBeNull();
    expect(labelsPathOf("images.png")).toBeNull();
  });

  test("images alone have no labels; two files of images, or labels alone, are refused", async () => {
    expect((await read({ "a-images-idx3-ubyte": IMAGES })).set.labels).toBeNull();
    await expect(read({ "a-images-idx3-ubyte": IMAGES, "b-images-idx3-ubyte": IMAGES })).rejects.toThrow("m holds 2 IDX files of images");
    await expect(read({ "a-labels-idx1-ubyte": LABELS })).rejects.toThrow("none of which is one of images");
    await expect(read({ "a-images-idx3-ubyte": IMAGES, "a-labels-idx1-ubyte": idx([2], Uint8Array.of(1, 2)) })).rejects.toThrow(
      "m/a-images-idx3-ubyte holds 3 images and m/a-labels-idx1-ubyte 2 labels",
    );
  });

  test("grey images become colour and another size where the network asks for it; those that fit stay", async () => {
    const files = { "a-images-idx3-ubyte": IMAGES };
    const { set, notes } = await read(files, { input: [8, 10, 3] }, { ...PLAIN, resize: [8, 10] });
    expect([set.height, set.width, set.channels]).toEqual([8, 10, 3]);
    expect([...set.pixels.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(notes[0]).toBe("Images of m were converted to three equal channels, since the network takes three.");
    expect(notes[1]).toMatch(/^m holds IDX images without labels/);
    expect([...(await read(files, { input: [4, 5, 1] }, { ...PLAIN, resize: [8, 10] })).set.pixels]).toEqual([...DATA]);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["truncated", IMAGES.slice(0, 50), /declares the shape \(3, 4, 5\), that is 60 bytes, but holds 34; it is damaged or truncated/],
    ["truncated gzip", gzipSync(IMAGES).slice(0, 40), /not a readable gzip file|declares the shape/],
    ["gzip whose checksum differs", gzipSync(IMAGES).with(-6, 1), /not a readable gzip file/],
    ["gzip with less than declared", gzipSync(idx([9, 4, 5], DATA)), /declares the shape \(9, 4, 5\), that is 180 bytes, but holds 60/],
    ["huge dimensions", idx([0xffffffff, 0xffffffff, 0xffffffff], DATA), /declares the shape \(4294967295, 4294967295, 4294967295\)/],
    ["huge dimensions, gzipped", gzipSync(idx([0xffffffff, 0xffffffff, 0xffffffff], DATA)), /more than is read/],
    ["no images", idx([0, 28, 28], new Uint8Array(0)), /holds nothing/],
    ["floats", idx([3, 4, 5], new Uint8Array(240), 0x0d), /elements of IDX type 0x0d; expected unsigned bytes/],
    ["something else", Uint8Array.of(1, 2, 3, 4, 5), /no IDX file by its first bytes/],
    ["empty", new Uint8Array(0), /no IDX file by its first bytes/],
  ])("%s is told", async (_, bytes, message) => {
    await expect(read({ "a-images-idx3-ubyte.gz": bytes })).rejects.toThrow(message);
  });

  test("a gzip of zeros is left off long before the memory is full", async () => {
    const bomb = gzipSync(new Uint8Array(2 ** 28), { level: 9 });
    const head = gzipSync(idx([60000, 100, 300], new Uint8Array(0)));
    await expect(read({ "a-images-idx3-ubyte.gz": bomb })).rejects.toThrow(/no IDX file/);
    await expect(read({ "a-images-idx3-ubyte.gz": Uint8Array.from([...head, ...bomb]) })).rejects.toThrow(/more than 40 times its size/);
  });

  sharedTest("MNIST's test set", async () => {
    const names = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];
    const { set } = await read(Object.fromEntries(names.map((name) => [name, sharedBytes(`images/mnist-t10k/${name}`)])));
    expect([set.count, set.height, set.width, set.channels]).toEqual([10000, 28, 28, 1]);
    expect([...(set.labels ?? [])].slice(0, 10)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    checkImages(set, [28, 28, 1], 10, "m");
  });
});

describe("CIFAR-100", () => {
  const record = (coarse: number, fine: number, value: number) => Uint8Array.from([coarse, fine, ...new Uint8Array(3072).fill(value)]);
  const two = Uint8Array.from([...record(3, 90, 11), ...record(4, 41, 12)]);

  test("is told by the length of its records; its classes are the fine labels", async () => {
    const { set } = await read({ "test.bin": two, "fine_label_names.txt": DATA });
    expect([set.count, set.pixels[0], set.pixels.at(-1)]).toEqual([2, 11, 12]);
    expect([...(set.labels ?? [])].map((label) => set.classNames?.[label])).toEqual(["train", "lawn_mower"]);
    expect(set.classNames).toHaveLength(100);
    await expect(read({ "test.bin": record(3, 100, 0) })).rejects.toThrow("Image 0 of m/test.bin has label 100; CIFAR-100 labels are 0 to 99.");
    await expect(read({ "a.bin": new Uint8Array(3073), "b.bin": two })).rejects.toThrow(
      "m/b.bin holds records of CIFAR-100, but m/a.bin of CIFAR-10",
    );
  });

  test("a length that fits both is told by the name, or refused", async () => {
    const both = new Uint8Array(3073 * 3074);
    expect((await read({ "test.bin": both }, { count: 1 })).set.classNames).toHaveLength(100);
    expect((await read({ "test_batch.bin": both }, { count: 1 })).set.classNames).toHaveLength(10);
    await expect(read({ "x.bin": both })).rejects.toThrow(/whole records of CIFAR-10 and of CIFAR-100 alike/);
  });
});
