/** NumPy arrays and CIFAR-10 records: what is accepted, how much is read, and the exact trouble reported. */
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { passedOverText, readImages } from "../../src/data";
import { normalize } from "../../src/data/preprocess";
import { sharedBytes, sharedTest } from "../support/shared";
import { npy, PLAIN } from "./support";

describe("floats", () => {
  const values = Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i / 7 - 3);
  const bytes = new Uint8Array(values.buffer);
  const first = { path: "f.npy", bytes: npy("<f4", [2, 3, 4, 5], bytes) };
  const preprocessing = { ...PLAIN, resize: 9, mean: [0.5], std: [0.25], channelOrder: "bgr" } as const;

  test("are taken as already preprocessed, in the layout that the network's input tells", async () => {
    const { set, notes } = await readImages([first], preprocessing, "f", { input: [4, 5, 3] });
    expect([set.count, set.height, set.width, set.channels]).toEqual([2, 4, 5, 3]);
    expect([...normalize(set, preprocessing, 0, 1).slice(0, 4)]).toEqual([values[0], values[20], values[40], values[1]]);
    expect([...normalize(set, preprocessing, 1, 1).slice(-1)]).toEqual([values.at(-1)]);
    expect(notes[0]).toMatch(/^f holds float32 numbers: they are taken as already preprocessed/);
    const last = { path: "f.npy", bytes: npy("<f4", [2, 4, 5, 3], bytes) };
    expect([...(await readImages([last], preprocessing, "f", { input: [4, 5, 3] })).set.pixels]).toEqual([...values]);
    expect((await readImages([last], PLAIN, "f")).set.channels).toBe(3);
    // Any number of channels, and labels beside them.
    const npz = zipSync({ "x.npy": npy("<f4", [2, 4, 5, 3], bytes), "y.npy": npy("<i4", [2], new Uint8Array(Int32Array.of(5, 6).buffer)) });
    const { set: labelled } = await readImages([{ path: "f.npz", bytes: npz }], PLAIN, "f", { input: [5, 3, 4], count: 1 });
    expect([labelled.count, labelled.channels, ...(labelled.labels ?? [])]).toEqual([1, 4, 5]);
  });

  test("of another shape than the network's, or no numbers, are refused", async () => {
    await expect(readImages([first], PLAIN, "f", { input: [8, 8, 3] })).rejects.toThrow(
      'Array "images" of f.npy is float32 of shape (2, 3, 4, 5), but the network takes (N, 3, 8, 8), or (N, 8, 8, 3) with channels last',
    );
    const broken = Float32Array.from(values);
    broken[70] = Number.NaN;
    const file = { path: "n.npy", bytes: npy("<f4", [2, 3, 4, 5], new Uint8Array(broken.buffer)) };
    await expect(readImages([file], PLAIN, "n", { input: [4, 5, 3] })).rejects.toThrow(
      "Image 1 of n.npy holds a value that is no finite number (NaN)",
    );
    await expect(readImages([{ path: "h.npy", bytes: npy("<f4", [99999999, 3, 99999, 99999], bytes) }], PLAIN, "h")).rejects.toThrow(
      /it is truncated/,
    );
  });
});

describe("arrays", async () => {
  test("npy in channels-first or -last order, grey without a channel axis", async () => {
    const data = Uint8Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);
    const { set: last } = await readImages([{ path: "a.npy", bytes: npy("|u1", [2, 4, 5, 3], data) }], PLAIN, "a");
    expect([last.count, last.height, last.width, last.channels]).toEqual([2, 4, 5, 3]);
    const { set: first } = await readImages([{ path: "a.npy", bytes: npy("|u1", [2, 3, 4, 5], data) }], PLAIN, "a");
    expect([first.height, first.width, first.channels]).toEqual([4, 5, 3]);
    expect([...first.pixels.slice(0, 3)]).toEqual([0, 20, 40]);
    expect((await readImages([{ path: "g.npy", bytes: npy("|u1", [2, 6, 10], data) }], PLAIN, "g")).set.channels).toBe(1);
  });

  test("doubles, truncation and stray labels are refused", async () => {
    await expect(readImages([{ path: "f.npy", bytes: npy("<f8", [1, 2, 2, 3], new Uint8Array(96)) }], PLAIN, "f")).rejects.toThrow(
      /element type <f8; expected uint8/,
    );
    await expect(readImages([{ path: "t.npy", bytes: npy("|u1", [9, 2, 2, 3], new Uint8Array(12)) }], PLAIN, "t")).rejects.toThrow(/truncated/);
    const npz = zipSync({ "images.npy": npy("|u1", [2, 2, 2, 3], new Uint8Array(24)), "labels.npy": npy("|u1", [3], new Uint8Array(3)) });
    await expect(readImages([{ path: "m.npz", bytes: npz }], PLAIN, "m")).rejects.toThrow("m.npz holds 2 images and 3 labels");
  });

  sharedTest("CIFAR-10 as .npz and as .bin is the same set", async () => {
    const { set: bin } = await readImages([{ path: "t.bin", bytes: sharedBytes("images/cifar10/cifar10_test_0000-0999.bin") }], PLAIN, "t");
    const { set: npz } = await readImages([{ path: "t.npz", bytes: sharedBytes("images/cifar10/test_1000.npz") }], PLAIN, "t");
    expect(Buffer.compare(bin.pixels as Uint8Array, npz.pixels as Uint8Array)).toBe(0);
    expect(bin.labels).toEqual(npz.labels);
  });

  test("a CIFAR-10 file of the wrong length or with a wrong label", async () => {
    await expect(readImages([{ path: "c.bin", bytes: new Uint8Array(3000) }], PLAIN, "c")).rejects.toThrow(/c\.bin has 3000 bytes.*3073/);
    await expect(readImages([{ path: "c.bin", bytes: new Uint8Array(3073).fill(200) }], PLAIN, "c")).rejects.toThrow(
      /Image 0 of c\.bin has label 200/,
    );
  });

  test("`count` takes the first rows and records, and looks at nothing after them", async () => {
    const data = Uint8Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);
    const npz = zipSync({ "images.npy": npy("|u1", [2, 3, 4, 5], data), "labels.npy": npy("|u1", [2], Uint8Array.of(4, 9)) });
    const { set } = await readImages([{ path: "a.npz", bytes: npz }], PLAIN, "a", { count: 1 });
    expect([set.count, set.pixels.length, ...(set.labels ?? [])]).toEqual([1, 60, 4]);
    expect([...set.pixels.slice(0, 3)]).toEqual([0, 20, 40]);
    const record = (label: number) => new Uint8Array(3073).fill(label);
    const files = [
      { path: "c/data_batch_2.bin", bytes: new Uint8Array(5) },
      { path: "c/data_batch_1.bin", bytes: Uint8Array.from([...record(7), ...record(200)]) },
    ];
    const first = (await readImages(files, PLAIN, "c", { count: 1 })).set;
    expect([first.count, first.labels?.[0], first.pixels.length]).toEqual([1, 7, 3072]);
    await expect(readImages(files, PLAIN, "c", { count: 2 })).rejects.toThrow("Image 1 of c/data_batch_1.bin has label 200");
  });

  test("CIFAR-10 as its archive unpacks, with what is beside the records passed over", async () => {
    const files = ["cifar-10-batches-bin/readme.html", "cifar-10-batches-bin/test_batch.bin"].map((path) => ({ path, bytes: new Uint8Array(3073) }));
    const read = await readImages(files, PLAIN, "cifar-10-batches-bin");
    expect(read.set.count).toBe(1);
    expect(passedOverText(read)).toBe("1 file was passed over, which is no CIFAR .bin file: cifar-10-batches-bin/readme.html.");
    expect((await readImages(files, PLAIN, "c", { labels: "none" })).set.labels).toBeNull();
  });
});
