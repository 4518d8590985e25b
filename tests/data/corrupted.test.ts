/**
 * 200 corrupted files of each kind, cut off or with flipped bits, from a seed: each is read, or refused as bad input with
 * its name; nothing else is thrown, and no file takes long.
 */
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { packTar } from "modern-tar";
import { expect, test } from "vitest";
import { BadInput } from "../../src/base/errors";
import { Random } from "../../src/base/random";
import { readImages } from "../../src/data";
import { fixtureBytes, idx, npy, PLAIN, png, webp } from "./support";

const COUNT = 200;

const pictures = { "s/cat/1.png": png(9, 7, 3, 10), "s/cat/2.jpg": fixtureBytes("colour-420.jpg"), "s/labels.json": new TextEncoder().encode("{}") };
const tar = await packTar(Object.entries(pictures).map(([name, body]) => ({ header: { name, size: body.length }, body })));
const floats = npy("<f4", [4, 3, 5, 5], new Uint8Array(Float32Array.from({ length: 300 }, (_, i) => i / 9).buffer));
const digits = idx(
  [5, 6, 7],
  Uint8Array.from({ length: 210 }, (_, i) => i),
);

const KINDS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["a.tar", tar],
  ["a.tar.gz", gzipSync(tar)],
  ["a.zip", zipSync(pictures)],
  ["a.npy", floats],
  ["a.npz", zipSync({ "images.npy": floats, "labels.npy": npy("|u1", [4], new Uint8Array(4)) })],
  ["a-images-idx3-ubyte", digits],
  ["a-images-idx3-ubyte.gz", gzipSync(digits)],
  ["test.bin", new Uint8Array(2 * 3074)],
  ["a.png", png(45, 38, 3, 50)],
  ["a.jpg", fixtureBytes("colour-444.jpg")],
  ["a.webp", await webp({ quality: 80 })],
  ["b.webp", await webp({ lossless: 1 })],
];

test.each(KINDS)("%s", async (name, bytes) => {
  const random = new Random(7, `corrupted/${name}`);
  let [refused, slowest] = [0, 0];
  for (let i = 0; i < COUNT; i++) {
    let wrong = Uint8Array.from(bytes);
    if (i % 3 === 0) wrong = wrong.slice(0, random.below(bytes.length));
    // The first bytes hold the sizes: half of the flips are there.
    else
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        const at = random.below(flips % 2 === 0 ? Math.min(64, bytes.length) : bytes.length);
        wrong[at] = (wrong[at] as number) ^ (1 << random.below(8));
      }
    const before = performance.now();
    try {
      await readImages([{ path: name, bytes: wrong }], { ...PLAIN, resize: [8, 8] }, name, { labels: "optional" });
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      expect(error.message).toContain(name);
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - before);
  }
  expect(refused).toBeGreaterThan(COUNT / 4);
  // The machine may be busy; a file that takes the processor for itself takes far longer.
  expect(slowest).toBeLessThan(10_000);
});
