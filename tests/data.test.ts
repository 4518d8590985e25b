/** Readers of images: what they accept, and the exact trouble they report. */
import { hashBytes } from "../src/session/inputs/hash";
import { encode as encodePng } from "fast-png";
import { zipSync } from "fflate";
import { encode as encodeJpeg } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { checkImages, readImages } from "../src/data";
import { normalize, type Preprocessing } from "../src/data/preprocess";
import { drawShapes } from "../src/data/procedural";
import { resize } from "../src/data/resize";
import { sharedBytes, sharedTest } from "./support/shared";

const PLAIN: Preprocessing = { resize: null, crop: null, mean: [0], std: [1], channelOrder: "rgb" };

function png(width: number, height: number, channels = 3, value = 100): Uint8Array {
  return encodePng({ width, height, channels, data: new Uint8Array(width * height * channels).fill(value) });
}

function npy(descr: string, shape: number[], data: Uint8Array): Uint8Array {
  const header = `${`{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`.padEnd(118)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

describe("the procedural data set", async () => {
  test("is the same bits everywhere, always", async () => {
    const { pixels, labels } = drawShapes("test", 64);
    expect(hashBytes(pixels)).toMatchInlineSnapshot(`"9f3dd6bcf8be53b6fd5acccb66fc70a2d4a7ac2bd074efe38fe750b72a8addb1"`);
    expect([...(labels ?? [])].slice(0, 12)).toMatchInlineSnapshot(`
      [
        7,
        0,
        4,
        5,
        2,
        2,
        3,
        3,
        6,
        8,
        5,
        5,
      ]
    `);
  });

  test("an image depends on its index alone, and every class occurs", async () => {
    const all = drawShapes("calibration", 300);
    const some = drawShapes("calibration", 5, 0, 7);
    expect(some.pixels).toEqual(all.pixels.slice(7 * 3072, 12 * 3072));
    expect(new Set(all.labels).size).toBe(10);
    expect(drawShapes("calibration", 1, 1).pixels).not.toEqual(drawShapes("calibration", 1, 0).pixels);
  });
});

describe("folders and zips", async () => {
  test("a folder for each class gives labels in order of names", async () => {
    const files = [
      { path: "set/dog/1.png", bytes: png(4, 4, 3, 10) },
      { path: "set/cat/1.png", bytes: png(4, 4, 3, 20) },
      { path: "set/cat/2.jpg", bytes: new Uint8Array(encodeJpeg({ width: 4, height: 4, data: new Uint8Array(64).fill(128) }, 95).data) },
    ];
    const set = await readImages(files, PLAIN, "set");
    expect(set.classNames).toEqual(["cat", "dog"]);
    expect([...(set.labels ?? [])]).toEqual([0, 0, 1]);
    expect(set.pixels[0]).toBe(20);
    const zipped = await readImages([{ path: "set.zip", bytes: zipSync(Object.fromEntries(files.map((f) => [f.path, f.bytes]))) }], PLAIN, "set.zip");
    expect(zipped.pixels).toEqual(set.pixels);
    expect(zipped.labels).toEqual(set.labels);
  });

  test("folders named by numbers are class numbers; one folder has no labels", async () => {
    const numbered = await readImages(
      [
        { path: "s/7/a.png", bytes: png(2, 2) },
        { path: "s/3/b.png", bytes: png(2, 2) },
      ],
      PLAIN,
      "s",
    );
    expect([...(numbered.labels ?? [])].sort()).toEqual([3, 7]);
    expect((await readImages([{ path: "s/a.png", bytes: png(2, 2) }], PLAIN, "s")).labels).toBeNull();
  });

  test("images of several sizes become one by resize and crop, else they are refused by name", async () => {
    const files = [
      { path: "s/a.png", bytes: png(8, 6) },
      { path: "s/b.png", bytes: png(5, 9) },
    ];
    const set = await readImages(files, { ...PLAIN, resize: 6, crop: [4, 4] }, "s");
    expect([set.height, set.width, set.count]).toEqual([4, 4, 2]);
    await expect(readImages(files, PLAIN, "s")).rejects.toThrow(
      "s/b.png is 9x5 with 3 channels where s/a.png is 6x8 with 3 channels; set a resize and crop",
    );
  });

  test("what is empty, damaged or no image is said so", async () => {
    await expect(readImages([], PLAIN, "photos")).rejects.toThrow("photos is empty");
    await expect(readImages([{ path: "a.txt", bytes: new Uint8Array(3) }], PLAIN, "photos")).rejects.toThrow(/a\.txt, none of which is an image/);
    await expect(readImages([{ path: "x/a.png", bytes: png(4, 4).slice(0, 40) }], PLAIN, "x")).rejects.toThrow(/x\/a\.png cannot be decoded/);
    await expect(readImages([{ path: "a.zip", bytes: new Uint8Array(50) }], PLAIN, "a.zip")).rejects.toThrow(/a\.zip is not a readable zip/);
    await expect(readImages([{ path: "e.zip", bytes: zipSync({ "readme.md": new Uint8Array(1) }) }], PLAIN, "e.zip")).rejects.toThrow(
      /e\.zip holds no PNG or JPEG/,
    );
  });
});

describe("arrays", async () => {
  test("npy in channels-first or -last order, grey without a channel axis", async () => {
    const data = Uint8Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);
    const last = await readImages([{ path: "a.npy", bytes: npy("|u1", [2, 4, 5, 3], data) }], PLAIN, "a");
    expect([last.count, last.height, last.width, last.channels]).toEqual([2, 4, 5, 3]);
    const first = await readImages([{ path: "a.npy", bytes: npy("|u1", [2, 3, 4, 5], data) }], PLAIN, "a");
    expect([first.height, first.width, first.channels]).toEqual([4, 5, 3]);
    expect([...first.pixels.slice(0, 3)]).toEqual([0, 20, 40]);
    expect((await readImages([{ path: "g.npy", bytes: npy("|u1", [2, 6, 10], data) }], PLAIN, "g")).channels).toBe(1);
  });

  test("floats, truncation and stray labels are refused", async () => {
    await expect(readImages([{ path: "f.npy", bytes: npy("<f4", [1, 2, 2, 3], new Uint8Array(48)) }], PLAIN, "f")).rejects.toThrow(
      /element type <f4; expected uint8/,
    );
    await expect(readImages([{ path: "t.npy", bytes: npy("|u1", [9, 2, 2, 3], new Uint8Array(12)) }], PLAIN, "t")).rejects.toThrow(/truncated/);
    const npz = zipSync({ "images.npy": npy("|u1", [2, 2, 2, 3], new Uint8Array(24)), "labels.npy": npy("|u1", [3], new Uint8Array(3)) });
    await expect(readImages([{ path: "m.npz", bytes: npz }], PLAIN, "m")).rejects.toThrow("m.npz holds 2 images and 3 labels");
  });

  sharedTest("CIFAR-10 as .npz and as .bin is the same set", async () => {
    const bin = await readImages([{ path: "t.bin", bytes: sharedBytes("images/cifar10/cifar10_test_0000-0999.bin") }], PLAIN, "t");
    const npz = await readImages([{ path: "t.npz", bytes: sharedBytes("images/cifar10/test_1000.npz") }], PLAIN, "t");
    expect(hashBytes(bin.pixels)).toBe(hashBytes(npz.pixels));
    expect(bin.labels).toEqual(npz.labels);
  });

  test("a CIFAR-10 file of the wrong length or with a wrong label", async () => {
    await expect(readImages([{ path: "c.bin", bytes: new Uint8Array(3000) }], PLAIN, "c")).rejects.toThrow(/c\.bin has 3000 bytes.*3073/);
    await expect(readImages([{ path: "c.bin", bytes: new Uint8Array(3073).fill(200) }], PLAIN, "c")).rejects.toThrow(
      /Image 0 of c\.bin has label 200/,
    );
  });
});

describe("what a network can take", async () => {
  const set = drawShapes("test", 4);
  test("size, channels and labels are checked", async () => {
    expect(() => checkImages(set, [28, 28, 3], 10, "set")).toThrow(
      "Images of set are 32x32, but the network takes 28x28; set a resize or crop in the preprocessing.",
    );
    expect(() => checkImages(set, [32, 32, 1], 10, "set")).toThrow("Images of set have 3 channels, but the network takes 1.");
    const wrong = Math.max(...(set.labels ?? []));
    expect(() => checkImages(set, [32, 32, 3], wrong, "set")).toThrow(new RegExp(`has label ${wrong}, but the network tells ${wrong} classes`));
    expect(() => checkImages(set, [32, 32, 3], 10, "set")).not.toThrow();
  });

  test("normalization and channel order", async () => {
    const one = { ...set, count: 1, height: 1, width: 1, pixels: Uint8Array.of(0, 51, 255) };
    const preprocessing: Preprocessing = { ...PLAIN, mean: [0.5, 0.2, 0], std: [0.5, 1, 2] };
    expect([...normalize(one, preprocessing, 0, 1)]).toEqual([-1, 0, 0.5].map(Math.fround));
    expect(normalize(one, { ...preprocessing, channelOrder: "bgr" }, 0, 1)[0]).toBeCloseTo(1, 6);
  });

  test("resizing keeps a constant image constant and an equal size untouched", async () => {
    const picture = { height: 9, width: 13, channels: 3, pixels: new Uint8Array(9 * 13 * 3).fill(77) };
    expect(resize(picture, 4, 21).pixels.every((value) => value === 77)).toBe(true);
    expect(resize(picture, 9, 13)).toBe(picture);
  });
});
