/** Sets of images: the procedural one, and what a network can take. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { checkImages } from "../../src/data";
import { normalize, type Preprocessing } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import { PLAIN } from "./support";

describe("the procedural data set", async () => {
  test("is the same bits everywhere, always", async () => {
    const { pixels, labels } = drawShapes("test", 64);
    expect(createHash("sha256").update(pixels).digest("hex")).toMatchInlineSnapshot(
      `"9f3dd6bcf8be53b6fd5acccb66fc70a2d4a7ac2bd074efe38fe750b72a8addb1"`,
    );
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

describe("what a network can take", async () => {
  const set = drawShapes("test", 4);
  test("size, channels and labels are checked", async () => {
    expect(() => checkImages(set, [28, 28, 3], 10, "set")).toThrow(
      "Images of set are 32x32, but the network takes 28x28; set a resize or crop in the preprocessing.",
    );
    expect(() => checkImages(set, [32, 32, 1], 10, "set")).toThrow("Images of set have 3 channels, but the network takes 1.");
    const wrong = Math.max(...(set.labels ?? []));
    expect(() => checkImages(set, [32, 32, 3], wrong, "set")).toThrow(new RegExp(`has label ${wrong}, but the network has ${wrong} classes`));
    expect(() => checkImages(set, [32, 32, 3], 10, "set")).not.toThrow();
  });

  test("normalization and channel order", async () => {
    const one = { ...set, count: 1, height: 1, width: 1, pixels: Uint8Array.of(0, 51, 255) };
    const preprocessing: Preprocessing = { ...PLAIN, mean: [0.5, 0.2, 0], std: [0.5, 1, 2] };
    expect([...normalize(one, preprocessing, 0, 1)]).toEqual([-1, 0, 0.5].map(Math.fround));
    expect(normalize(one, { ...preprocessing, channelOrder: "bgr" }, 0, 1)[0]).toBeCloseTo(1, 6);
  });
});
