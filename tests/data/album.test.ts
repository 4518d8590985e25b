/** Built-in pictures that are drawn bit by bit and kept. */
import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { Album } from "../../src/data/album";
import * as procedural from "../../src/data/procedural";

const hash = (pixels: Uint8Array | Float32Array) => createHash("sha256").update(pixels).digest("hex");

test("whatever is asked for in turn, they are the pictures that drawing all at once gives", async () => {
  const album = new Album("calibration", 3);
  for (const count of [5, 70, 12, 100]) {
    const [set, wanted] = [await album.first(count, () => {}), procedural.drawShapes("calibration", count, 3)];
    expect({ ...set, pixels: hash(set.pixels) }).toEqual({ ...wanted, pixels: hash(wanted.pixels) });
  }
});

test("who stops the drawing loses nothing: the next one goes on where it was, and is told the share", async () => {
  const draw = vi.spyOn(procedural, "drawShapesAt");
  const album = new Album("test", 0);
  draw.mockClear();
  const stopped = album.first(200, (share) => {
    if (share > 0.4) throw new Error("stopped");
  });
  await expect(stopped).rejects.toThrow("stopped");
  const shares: number[] = [];
  await album.first(200, (share) => void shares.push(share));
  expect(shares[0]).toBeGreaterThan(0.4);
  const places = draw.mock.calls.flatMap(([, drawn]) => [...drawn]);
  expect(places).toEqual(Array.from({ length: 200 }, (_, i) => i));
});
