/** tar, tar.gz and zip: read as the folders that they hold, damage told, and what was made to fill the memory refused at once. */
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { packTar } from "modern-tar";
import { describe, expect, test } from "vitest";
import { readImages } from "../../src/data";
import { fixtureBytes, PLAIN, png } from "./support";

const FILES: Readonly<Record<string, Uint8Array>> = {
  "set/dog/1.png": png(45, 38, 3, 10),
  "set/cat/1.png": png(45, 38, 3, 20),
  // Longer than the 100 characters of a plain header.
  [`set/cat/${"long-".repeat(30)}.jpg`]: fixtureBytes("colour-420.jpg"),
  "set/notes.txt": Uint8Array.of(1, 2, 3),
  "set/.DS_Store": Uint8Array.of(1),
};

const tarOf = (files: Readonly<Record<string, Uint8Array>>) =>
  packTar([
    { header: { name: "./", size: 0, type: "directory" } },
    ...Object.entries(files).map(([name, body]) => ({ header: { name: `./${name}`, size: body.length }, body })),
  ]);

const read = (path: string, bytes: Uint8Array, options = {}) => readImages([{ path, bytes }], PLAIN, path, options);

describe("tar", () => {
  test.each([
    ["set.tar", (bytes: Uint8Array) => bytes],
    ["set.tar.gz", (bytes: Uint8Array) => gzipSync(bytes)],
    ["set.tgz", (bytes: Uint8Array) => gzipSync(bytes)],
  ])("%s reads as the folder that it holds", async (path, pack) => {
    const { set, passedOver } = await read(path, pack(await tarOf(FILES)), { classes: 2 });
    const folder = await readImages(
      Object.entries(FILES).map(([name, bytes]) => ({ path: name, bytes })),
      PLAIN,
      "set",
    );
    expect(set).toEqual(folder.set);
    expect([...(set.labels ?? [])]).toEqual([0, 0, 1]);
    expect(passedOver).toEqual([`${path}/set/notes.txt`]);
    expect((await read(path, pack(await tarOf(FILES)), { count: 1 })).set.pixels[0]).toBe(20);
  });

  test("may hold CIFAR records as well, as the data set's own archive does", async () => {
    const archive = gzipSync(
      await tarOf({ "cifar-100-binary/test.bin": Uint8Array.of(3, 90, ...new Uint8Array(3072)), "cifar-100-binary/x.txt": png(1, 1) }),
    );
    const { set } = await read("cifar-100-binary.tar.gz", archive);
    expect([set.count, set.labels?.[0], set.classNames?.[90]]).toEqual([1, 90, "train"]);
  });

  test("truncated, damaged or no archive at all is told", async () => {
    const bytes = await tarOf(FILES);
    for (const wrong of [bytes.slice(0, 700), bytes.slice(0, 2000), bytes.with(600, 1), new Uint8Array(2000).fill(7)])
      await expect(read("a.tar", wrong)).rejects.toThrow("a.tar is not a readable tar archive; it is damaged or truncated.");
    await expect(read("a.tgz", gzipSync(bytes).slice(0, 300))).rejects.toThrow("a.tgz is not a readable gzip file; it is damaged or truncated.");
    await expect(read("a.tgz", gzipSync(bytes).with(-6, 99))).rejects.toThrow("a.tgz is not a readable gzip file");
    await expect(read("a.tar", await tarOf({ "x.txt": bytes }))).rejects.toThrow("a.tar holds no images");
  });

  test("huge sizes are refused before memory is taken", async () => {
    const bytes = await tarOf({ "a.png": png(4, 4) });
    // The second header's size field, 8 GiB less one byte in octal, and its checksum.
    const huge = bytes.slice();
    huge.set(new TextEncoder().encode("77777777777\0"), 512 + 124);
    huge.fill(32, 512 + 148, 512 + 156);
    const sum = huge.subarray(512, 1024).reduce((total, value) => total + value, 0);
    huge.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 512 + 148);
    await expect(read("a.tar", huge)).rejects.toThrow(/a\.tar\/a\.png declares 8589934591 bytes; files in archives are read up to 1 GiB/);
    const bomb = gzipSync(await tarOf({ "a.png": new Uint8Array(2 ** 26) }), { level: 9 });
    await expect(read("b.tgz", bomb)).rejects.toThrow("b.tgz unpacks to more than 40 times its size, as no image data do");
  });
});

describe("zip", () => {
  test("what declares more than it can hold is refused before memory is taken", async () => {
    const zip = zipSync({ "a.png": new Uint8Array(2 ** 26) }, { level: 1 });
    await expect(read("b.zip", zip)).rejects.toThrow("b.zip unpacks to more than 40 times its size");
    // The declared size, in the table of contents, of a small picture.
    const small = zipSync({ "a.png": png(4, 4) });
    const entry = small.findLastIndex((_, i) => small[i] === 0x50 && small[i + 1] === 0x4b && small[i + 2] === 1);
    small.set([255, 255, 255, 255], entry + 24);
    await expect(read("c.zip", small)).rejects.toThrow("c.zip/a.png declares 4294967295 bytes");
    await expect(read("d.npz", zipSync({ "images.npy": new Uint8Array(2 ** 26) }, { level: 1 }))).rejects.toThrow(/more than 40 times/);
  });
});

describe("pictures that declare huge sizes", () => {
  test("PNG and JPEG are refused by their headers", async () => {
    const picture = png(4, 4);
    new DataView(picture.buffer, picture.byteOffset).setUint32(16, 2 ** 31 - 1);
    await expect(read("a.png", picture)).rejects.toThrow("a.png declares 4x2147483647 pixels; pictures of up to 40 million are read");
    const jpeg = fixtureBytes("colour-420.jpg").slice();
    const frame = jpeg.findIndex((value, i) => value === 0xff && jpeg[i + 1] === 0xc0);
    jpeg.set([0xff, 0xff, 0xff, 0xff], frame + 5);
    await expect(read("a.jpg", jpeg)).rejects.toThrow("a.jpg declares 65535x65535 pixels");
  });
});
