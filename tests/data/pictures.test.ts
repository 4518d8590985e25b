/** Folders and zips of pictures: what becomes one set, how much of it is read, and what is passed over. */
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { passedOverText, readImages } from "../../src/data";
import { fixtureBytes, PLAIN, png } from "./support";

const NOTHING = new Uint8Array(3);

describe("one set", () => {
  test("a zip reads as the folder that it holds", async () => {
    const files = [
      { path: "set/dog/1.png", bytes: png(45, 38, 3, 10) },
      { path: "set/cat/1.png", bytes: png(45, 38, 3, 20) },
      { path: "set/cat/2.jpg", bytes: fixtureBytes("colour-420.jpg") },
    ];
    const { set } = await readImages(files, PLAIN, "set");
    expect(set.classNames).toEqual(["cat", "dog"]);
    expect([...(set.labels ?? [])]).toEqual([0, 0, 1]);
    expect([set.count, set.pixels[0], set.pixels.at(-1)]).toEqual([3, 20, 10]);
    const zip = zipSync({ "set/dog/": new Uint8Array(0), ...Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])) });
    const zipped = await readImages([{ path: "set.zip", bytes: zip }], PLAIN, "set.zip");
    expect(zipped.set).toEqual(set);
    expect(zipped.passedOver).toEqual([]);
  });

  test("images of several sizes become one by resize and crop, else they are refused by name", async () => {
    const files = [
      { path: "s/a.png", bytes: png(8, 6) },
      { path: "s/b.png", bytes: png(5, 9) },
    ];
    const { set } = await readImages(files, { ...PLAIN, resize: 6, crop: [4, 4] }, "s");
    expect([set.height, set.width, set.count]).toEqual([4, 4, 2]);
    await expect(readImages(files, PLAIN, "s")).rejects.toThrow("s/b.png is 9x5 where s/a.png is 6x8; set a resize and crop that make all images");
  });

  test("grey among colour becomes colour, whichever comes first; grey alone stays grey", async () => {
    const files = [
      { path: "s/a.png", bytes: png(2, 1, 1, 7) },
      { path: "s/b.png", bytes: png(2, 1, 3, 8) },
      { path: "s/c.png", bytes: png(2, 1, 1, 9) },
    ];
    const { set } = await readImages(files, PLAIN, "s");
    expect(set.channels).toBe(3);
    expect([...set.pixels]).toEqual([7, 8, 9].flatMap((value) => Array(6).fill(value)));
    expect((await readImages(files, PLAIN, "s", { count: 1 })).set.channels).toBe(1);
  });

  test("what is empty, damaged or no image is said so", async () => {
    await expect(readImages([], PLAIN, "photos")).rejects.toThrow("photos is empty");
    await expect(readImages([{ path: "a.txt", bytes: NOTHING }], PLAIN, "photos")).rejects.toThrow(/a\.txt, none of which is an image/);
    await expect(readImages([{ path: "x/a.png", bytes: png(4, 4).slice(0, 40) }], PLAIN, "x")).rejects.toThrow(/x\/a\.png cannot be decoded/);
    await expect(readImages([{ path: "a.zip", bytes: new Uint8Array(50) }], PLAIN, "a.zip")).rejects.toThrow(/a\.zip is not a readable zip/);
    await expect(readImages([{ path: "e.zip", bytes: zipSync({ "readme.md": NOTHING }) }], PLAIN, "e.zip")).rejects.toThrow(/e\.zip holds no images/);
  });
});

describe("`count`", () => {
  const files = [
    { path: "s/cat/2.png", bytes: NOTHING },
    { path: "s/dog/1.png", bytes: NOTHING },
    { path: "s/cat/1.png", bytes: png(2, 2) },
    { path: "s/bird/1.png", bytes: png(2, 2) },
  ];

  test("takes the first in order of paths, with classes as if all were read; a broken one after them does no harm", async () => {
    const { set } = await readImages(files, PLAIN, "s", { count: 2, classes: 3 });
    expect([...(set.labels ?? [])]).toEqual([0, 1]);
    expect(set.classNames).toEqual(["bird", "cat", "dog"]);
    expect([set.count, set.pixels.length]).toEqual([2, 24]);
    await expect(readImages(files, PLAIN, "s", { count: 3 })).rejects.toThrow("s/cat/2.png is no PNG, JPEG or WebP");
  });

  test("reads no bytes beyond, of a folder or of a zip", async () => {
    const guarded = files.map((file, i) => ({
      path: file.path,
      get bytes() {
        if (i < 2) throw new Error(`${file.path} was read`);
        return file.bytes;
      },
    }));
    expect((await readImages(guarded, PLAIN, "s", { count: 2 })).set.count).toBe(2);
    const zip = zipSync({ "a.png": png(2, 2), "b.png": fixtureBytes("rgba.png") });
    // The second entry's compressed data, which inflating would refuse.
    const start = zip.findLastIndex((_, i) => String.fromCharCode(...zip.subarray(i, i + 9)) === "PK\u0003\u0004\u0014\0\0\0\b") + 35;
    zip.fill(255, start, start + 400);
    expect((await readImages([{ path: "z.zip", bytes: zip }], PLAIN, "z.zip", { count: 1 })).set.count).toBe(1);
    await expect(readImages([{ path: "z.zip", bytes: zip }], PLAIN, "z.zip")).rejects.toThrow("z.zip is not a readable zip archive");
  });

  test("beyond what there is takes all", async () => {
    expect((await readImages(files.slice(2), PLAIN, "s", { count: 9 })).set.count).toBe(2);
    expect((await readImages(files.slice(2), PLAIN, "s", { count: null })).set.count).toBe(2);
  });
});

describe("what is passed over", () => {
  const names = ["x.tiff", "notes.txt", "sub/y.gif", "z.bin"];
  const hidden = [".DS_Store", "__MACOSX/a.png", "sub/Thumbs.db", "._a.png", "labels.json"];
  const contents: Record<string, Uint8Array> = { "a.png": png(2, 2) };
  for (const name of [...names, ...hidden]) contents[name] = NOTHING;

  test("is told by path; what systems hide and label files are not", async () => {
    const files = Object.entries(contents).map(([name, bytes]) => ({ path: `s/${name}`, bytes }));
    const read = await readImages(files, PLAIN, "s", { labels: "none" });
    expect(read.set.count).toBe(1);
    expect(read.passedOver).toEqual(["s/notes.txt", "s/sub/y.gif", "s/x.tiff", "s/z.bin"]);
    const zipped = await readImages([{ path: "s.zip", bytes: zipSync(contents) }], PLAIN, "s.zip", { labels: "none" });
    expect(zipped.passedOver).toEqual(read.passedOver.map((path) => path.replace("s/", "s.zip/")));
  });

  test("makes a sentence of at most three names", () => {
    const text = (...passedOver: string[]) => passedOverText({ passedOver, kind: "PNG or JPEG" });
    expect(text()).toBeNull();
    expect(text("a/x.webp")).toBe("1 file was passed over, which is no PNG or JPEG: a/x.webp.");
    expect(text("a", "b", "c")).toBe("3 files were passed over, which are no PNG or JPEG: a, b, c.");
    expect(text("a", "b", "c", "d")).toBe("4 files were passed over, which are no PNG or JPEG: a, b, c, …");
  });
});
