/** Images from Parquet on a server that answers like the hub: which rows, which bytes are asked for, what they are read as. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readImages } from "../../src/data";
import { fetchFiles, givenFiles, lookUp } from "../../src/session/web/fetch";
import { COMMIT, type FakeHub, startHub } from "../support/hub";
import { imageParquet } from "../support/parquet";
import { accessTo, addressOf, newFolder } from "./support";

const PLAIN = { resize: null, crop: null, mean: [0], std: [1], channelOrder: "rgb" } as const;
const CLASSES = ["cat", "dog", "eel"];
const labels = (count: number, first = 0) => Array.from({ length: count }, (_, i) => (first + i) % 3);

let hub: FakeHub;
let folder: string;

beforeEach(async () => {
  hub = await startHub();
  folder = newFolder();
  hub.repositories["datasets/o/pets"] = {
    branches: ["main", "refs/convert/parquet"],
    files: {
      "plain/train/0000.parquet": imageParquet({ labels: labels(40), classNames: CLASSES }),
      "plain/train/0001.parquet": imageParquet({ labels: labels(25, 40), classNames: CLASSES, first: 40 }),
      "plain/test/0000.parquet": imageParquet({ labels: labels(12), classNames: CLASSES }),
    },
  };
});
afterEach(() => hub.stop());

async function imagesOf(address: string, rows = 1024, classes = 3) {
  const access = await accessTo(hub.url, folder);
  const entry = await fetchFiles(addressOf(address), rows, null, access);
  const { set } = await readImages(await givenFiles(entry, access.store).read(), PLAIN, entry.name, { classes });
  return { entry, set, first: Array.from({ length: set.count }, (_, i) => set.pixels[i * 8 * 8 * 3]), told: access.told };
}

test("rows of a split over its files, in their order, with classes and names; the same rows give the same bytes", async () => {
  const { entry, set, first, told } = await imagesOf("hub-dataset:o/pets/plain/train[35:50]");
  expect(first).toEqual(Array.from({ length: 15 }, (_, i) => 35 + i));
  expect([...(set.labels ?? [])]).toEqual(labels(15, 35));
  expect(set.classNames).toEqual(CLASSES);
  expect(entry).toMatchObject({
    from: `hub-dataset:o/pets@${COMMIT}/plain/train[35:50]`,
    name: "pets/plain/train[35:50]",
    use: "images",
    notes: [],
  });
  expect(told.at(-1)?.text).toMatch(/pets\/plain\/train, \d+ of 15 images/);
  const again = await fetchFiles(addressOf("hub-dataset:o/pets/train[35:50]"), 1, null, await accessTo(hub.url, newFolder()));
  expect(again.files).toEqual(entry.files);
});

test("splits are listed; without one their names are said; the options' count is taken where no rows are named", async () => {
  const access = await accessTo(hub.url, folder);
  expect((await lookUp(addressOf("hub-dataset:o/pets"), access)).map(({ title }) => title)).toEqual(["plain/test", "plain/train"]);
  await expect(imagesOf("hub-dataset:o/pets")).rejects.toThrow(/holds 2 splits stored as Parquet: plain\/test, plain\/train; name one/);
  expect((await imagesOf("hub-dataset:o/pets/test", 5)).set.count).toBe(5);
  // Fewer than wanted are all that there are.
  expect((await imagesOf("hub-dataset:o/pets/test")).set.count).toBe(12);
  await expect(imagesOf("hub-dataset:o/pets/test[50:60]")).rejects.toThrow(/has 12 rows, so that there are none from row 50 on/);
});

test("only the row groups that are needed are fetched, and nothing once they are kept", async () => {
  const large = imageParquet({ labels: labels(80), classNames: CLASSES, rowGroup: 10, padding: 50_000 });
  expect(large.length).toBeGreaterThan(4_000_000);
  hub.repositories["datasets/o/large"] = { files: { "data/train-00000-of-00001.parquet": large } };
  const { first } = await imagesOf("hub-dataset:o/large/data/train[12:18]");
  expect(first).toEqual([12, 13, 14, 15, 16, 17]);
  const parts = hub.log.filter(({ line }) => line.includes("/lfs/"));
  expect(parts.every(({ range }) => range !== null)).toBe(true);
  const fetched = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  // One group of ten pictures, and the footer of 128 kB.
  expect(fetched).toBeGreaterThan(6 * 50_000);
  expect(fetched).toBeLessThan(12 * 50_000 + 140_000);
  await hub.stop();
  const offline = await imagesOf("hub-dataset:o/large/data/train[12:18]");
  expect(offline.entry.notes[0]).toMatch(/could not be reached/);
  expect((await imagesOf(`hub-dataset:o/large@${COMMIT}/data/train[12:18]`)).entry.notes).toEqual([]);
  hub = await startHub();
});

describe("what a table may hold", () => {
  const table = (parquet: Uint8Array, classes = 3) => {
    hub.repositories["datasets/o/one"] = { files: { "train.parquet": parquet } };
    return imagesOf("hub-dataset:o/one", 1024, classes);
  };

  test("columns of other names; rows without a class", async () => {
    const named = await table(imageParquet({ labels: labels(6), names: { image: "img", label: "fine_label" } }));
    expect([...(named.set.labels ?? [])]).toEqual(labels(6));
    folder = newFolder();
    const hidden = await table(imageParquet({ labels: [0, -1, null, 2] }));
    expect(hidden.set.labels).toBeNull();
    expect(hidden.entry.notes).toEqual(["Some of the rows of one/train.parquet have no class; all are taken as unlabelled."]);
  });

  test("a set sorted by class is told", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `class ${i}`);
    const { entry } = await table(imageParquet({ labels: Array.from({ length: 40 }, (_, i) => (i < 25 ? 0 : 1)), classNames: names }), 20);
    expect(entry.notes[0]).toMatch(/only 2 of 20 classes: it seems to be sorted by class/);
  });

  test("no images, and damage of any kind, are told in a sentence", async () => {
    const { parquetWriteBuffer } = await import("hyparquet-writer");
    const words = parquetWriteBuffer({ columnData: [{ name: "text", data: ["a", "b"] }] });
    await expect(table(new Uint8Array(words))).rejects.toThrow(/has the columns text, none of which holds images/);
    const good = imageParquet({ labels: labels(30) });
    await expect(table(good.subarray(0, good.length - 9))).rejects.toThrow(/train\.parquet is not a readable Parquet file/);
    const damaged = good.slice();
    damaged.fill(255, 4, 400);
    await expect(table(damaged)).rejects.toThrow(/is not a readable Parquet file|holds no picture/);
    hub.ranges = false;
    await expect(table(good)).rejects.toThrow(/does not serve parts of train\.parquet/);
    hub.ranges = true;
    for (let at = 0; at < 60; at++) {
      const flipped = good.slice();
      const place = good.length - 8 - at * 7;
      flipped[place] = (flipped[place] as number) ^ (1 << (at % 8));
      folder = newFolder();
      const start = performance.now();
      await table(flipped).catch((error: Error) => expect(error.name, error.stack).toMatch(/BadInput|NotThere|Unreachable/));
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });
});
