/**
 * 200 damaged files of each kind that images come in, cut off, with flipped bits or overwritten, from a seed, and files made to
 * take all time and memory: each is read, or refused in a sentence that names it, within 2 s and 500 MB.
 */
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { packTar } from "modern-tar";
import { expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { readImages } from "../../src/data";
import type { InputFile } from "../../src/data/files";
import { attempt } from "../support/limits";
import { fixtureBytes, idx, npy, PLAIN, png, webp } from "./support";

const COUNT = 200;

const encode = (text: string) => new TextEncoder().encode(text);
const pictures = { "s/cat/1.png": png(9, 7, 3, 10), "s/cat/2.jpg": fixtureBytes("colour-420.jpg"), "s/labels.json": encode("{}") };
const tar = await packTar(Object.entries(pictures).map(([name, body]) => ({ header: { name, size: body.length }, body })));
const floats = npy("<f4", [4, 3, 5, 5], new Uint8Array(Float32Array.from({ length: 300 }, (_, i) => i / 9).buffer));
const digits = idx(
  [5, 6, 7],
  Uint8Array.from({ length: 210 }, (_, i) => i),
);
const bytePixels = npy("|u1", [4, 5, 5, 3], new Uint8Array(300));

const KINDS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["a.tar", tar],
  ["a.tar.gz", Uint8Array.from(gzipSync(tar))],
  ["a.zip", zipSync(pictures)],
  ["a.npy", floats],
  ["b.npy", bytePixels],
  ["a.npz", zipSync({ "images.npy": floats, "labels.npy": npy("|u1", [4], new Uint8Array(4)) })],
  ["a-images-idx3-ubyte", digits],
  ["a-images-idx3-ubyte.gz", Uint8Array.from(gzipSync(digits))],
  ["test.bin", new Uint8Array(2 * 3074)],
  ["data_batch_1.bin", new Uint8Array(5 * 3073)],
  ["a.png", png(45, 38, 3, 50)],
  ["b.png", fixtureBytes("palette-4.png")],
  ["a.jpg", fixtureBytes("colour-444.jpg")],
  ["b.jpg", fixtureBytes("progressive.jpg")],
  ["a.webp", await webp({ quality: 80 })],
  ["b.webp", await webp({ lossless: 1 })],
];

const LABEL_FILES: readonly (readonly [name: string, text: string])[] = [
  ["labels.json", '{"labels":{"a.png":3,"b/c.png":1,"b":2},"classes":["cat","dog","fox","elk"]}'],
  ["labels.txt", "n01 tench\nn02 shark\nb goldfish\n"],
  ["val.txt", "a.png 3\nc.png 0\nILSVRC2012_val_00000003.JPEG 7\n"],
];

function damaged(bytes: Uint8Array, random: Random, i: number): Uint8Array {
  const wrong = bytes.slice();
  if (i % 3 === 0) return wrong.slice(0, random.below(bytes.length));
  const at = random.below(bytes.length);
  if (i % 7 === 0) return wrong.fill(random.below(2) ? 0 : 255, at, at + random.below(64));
  // The first bytes hold the sizes: half of the flips are there.
  for (let flips = 1 + random.below(4); flips > 0; flips--) {
    const place = random.below(flips % 2 === 0 ? Math.min(64, bytes.length) : bytes.length);
    wrong[place] = (wrong[place] as number) ^ (1 << random.below(8));
  }
  return wrong;
}

const read = (name: string, files: readonly InputFile[]) =>
  attempt(name, () => readImages(files, { ...PLAIN, resize: [8, 8] }, name, { labels: files.length > 1 ? "needed" : "optional" }));

async function faultsOf(name: string, filesAt: (i: number, random: Random) => InputFile[]): Promise<{ faults: string[]; refused: number }> {
  const random = new Random(7, `corrupted/${name}`);
  const faults: string[] = [];
  let refused = 0;
  for (let i = 0; i < COUNT; i++) {
    const outcome = await read(name, filesAt(i, random));
    if (outcome.refused) refused++;
    if (outcome.fault) faults.push(`${i}: ${outcome.fault}`);
  }
  return { faults, refused };
}

test.each(KINDS)("%s", async (name, bytes) => {
  const { faults, refused } = await faultsOf(name, (i, random) => [{ path: name, bytes: damaged(bytes, random, i) }]);
  expect(faults).toEqual([]);
  expect(refused).toBeGreaterThan(COUNT / 5);
});

test.each(LABEL_FILES)("%s beside pictures", async (name, text) => {
  const pictures = ["a.png", "b/c.png"].map((path) => ({ path, bytes: png(5, 5) }));
  const { faults } = await faultsOf(name, (i, random) => [...pictures, { path: name, bytes: damaged(encode(text), random, i) }]);
  expect(faults).toEqual([]);
});

/** A PNG, BMP-like in size, that declares any number of pixels. */
function declaring(width: number, height: number): Uint8Array {
  const bytes = png(4, 4).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

/** The zip with what it says of an entry's length changed. */
function lying(zip: Uint8Array, length: number, said: number): Uint8Array {
  const bytes = zip.slice();
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at++) if (view.getUint32(at, true) === length) view.setUint32(at, said, true);
  return bytes;
}

const zeros = new Uint8Array(300 * 2 ** 20);
const deep = "[".repeat(500_000);
const keys = `{${Array.from({ length: 100_000 }, (_, i) => `"key${i}":${i % 5}`).join(",")}}`;
const lines = Array.from({ length: 100_000 }, (_, i) => `picture${i}.png 1`).join("\n");
const beside = (path: string, text: string): InputFile[] => [
  { path: "a.png", bytes: png(5, 5) },
  { path, bytes: encode(text) },
];

test.each<[title: string, name: string, files: InputFile[]]>([
  ["a picture of 2^31 x 2^31 pixels", "a.png", [{ path: "a.png", bytes: declaring(2 ** 31 - 1, 2 ** 31 - 1) }]],
  ["a picture of a billion pixels", "a.png", [{ path: "a.png", bytes: declaring(30_000, 30_000) }]],
  ["an array of 2^60 numbers", "a.npy", [{ path: "a.npy", bytes: npy("|u1", [2 ** 30, 2 ** 30, 1, 3], new Uint8Array(9)) }]],
  ["an array of no numbers and any shape", "a.npy", [{ path: "a.npy", bytes: npy("|u1", [2 ** 40, 0, 2 ** 40, 3], new Uint8Array(0)) }]],
  [
    "an IDX file of 2^32 images",
    "a-images-idx3-ubyte",
    [{ path: "a-images-idx3-ubyte", bytes: idx([2 ** 32 - 1, 60_000, 60_000], new Uint8Array(9)) }],
  ],
  ["a zip bomb", "a.zip", [{ path: "a.zip", bytes: zipSync({ "a.png": zeros }, { level: 9 }) }]],
  ["a zip bomb of an array", "a.npz", [{ path: "a.npz", bytes: zipSync({ "images.npy": zeros }, { level: 9 }) }]],
  ["a zip that says less than it holds", "a.zip", [{ path: "a.zip", bytes: lying(zipSync({ "a.png": zeros }, { level: 9 }), zeros.length, 100) }]],
  ["a gzip bomb", "a.tar.gz", [{ path: "a.tar.gz", bytes: gzipSync(zeros) }]],
  ["a gzip bomb of digits", "a-images-idx3-ubyte.gz", [{ path: "a-images-idx3-ubyte.gz", bytes: gzipSync(zeros) }]],
  ["nested JSON", "labels.json", beside("labels.json", deep)],
  ["nested JSON that ends", "labels.json", beside("labels.json", `{"labels":${deep.slice(0, 5000)}${"]".repeat(5000)}}`)],
  ["a JSON of 100,000 keys", "labels.json", beside("labels.json", keys)],
  ["a list of 100,000 lines", "val.txt", beside("val.txt", lines)],
])("%s", async (_title, name, files) => {
  const { fault } = await read(name, files);
  expect(fault).toBeNull();
});
