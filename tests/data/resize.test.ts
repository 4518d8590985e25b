/** Resizing and cropping: byte for byte what Pillow and torchvision make of the same picture. */
import { describe, expect, test } from "vitest";
import type { Picture } from "../../src/data/images";
import { fitSize } from "../../src/data/preprocess";
import { centreCrop, resize } from "../../src/data/resize";
import { fixtureBytes, PLAIN } from "./support";

function source(name: string, width: number, height: number): Picture {
  const pixels = fixtureBytes(`resize/${name}.raw`);
  return { height, width, channels: pixels.length / (width * height), pixels };
}

/** A grey picture whose pixel at (y, x) is 10 y + x. */
function numbered(height: number, width: number): Picture {
  return { height, width, channels: 1, pixels: Uint8Array.from({ length: height * width }, (_, i) => 10 * Math.floor(i / width) + (i % width)) };
}

describe("resizing equals Pillow's bilinear filter", () => {
  const colour = source("colour-37x23", 37, 23);
  const grey = source("grey-31x17", 31, 17);
  test.each([
    ["colour, smaller", colour, "colour-37x23", 16, 11],
    ["colour, to a few pixels", colour, "colour-37x23", 5, 3],
    ["colour, larger", colour, "colour-37x23", 50, 31],
    ["colour, narrower and taller", colour, "colour-37x23", 20, 40],
    ["colour, height alone", colour, "colour-37x23", 37, 9],
    ["colour, width alone", colour, "colour-37x23", 64, 23],
    ["grey, smaller", grey, "grey-31x17", 13, 8],
    ["grey, larger", grey, "grey-31x17", 40, 40],
    ["grey, narrower and taller", grey, "grey-31x17", 9, 33],
  ])("%s", (_, picture, name, width, height) => {
    const result = resize(picture, height, width);
    expect([result.height, result.width, result.channels]).toEqual([height, width, picture.channels]);
    expect(result.pixels).toEqual(fixtureBytes(`resize/${name}-${width}x${height}.raw`));
  });

  test("a constant picture stays constant, an equal size is untouched", () => {
    const picture = { height: 9, width: 13, channels: 3, pixels: new Uint8Array(9 * 13 * 3).fill(255) };
    expect(resize(picture, 4, 21).pixels.every((value) => value === 255)).toBe(true);
    expect(resize(picture, 9, 13)).toBe(picture);
  });

  test("a number is the shorter side; the longer one is rounded down", () => {
    const size = (picture: Picture, shorter: number) => {
      const { height, width } = fitSize(picture, { ...PLAIN, resize: shorter }, "a");
      return [height, width];
    };
    expect(size(colour, 10)).toEqual([10, 16]);
    expect(size({ ...colour, height: 37, width: 23 }, 10)).toEqual([16, 10]);
  });
});

describe("centre crop", () => {
  test.each([
    ["even remainders", 6, 8, 4, 4, 1, 2],
    ["remainders of 1: half is rounded to 0", 5, 5, 4, 4, 0, 0],
    ["remainders of 3: half is rounded to 2", 7, 8, 4, 5, 2, 2],
    ["remainders of 5 and 1", 9, 5, 4, 4, 2, 0],
    ["none", 4, 4, 4, 4, 0, 0],
  ])("%s", (_, height, width, cropHeight, cropWidth, top, left) => {
    const crop = centreCrop(numbered(height, width), cropHeight, cropWidth);
    expect([crop.height, crop.width]).toEqual([cropHeight, cropWidth]);
    const expected = Array.from({ length: cropHeight * cropWidth }, (_, i) => 10 * (top + Math.floor(i / cropWidth)) + left + (i % cropWidth));
    expect([...crop.pixels]).toEqual(expected);
  });

  test("keeps the channels of a pixel together", () => {
    const pixels = Uint8Array.from({ length: 3 * 3 * 3 }, (_, i) => i);
    expect([...centreCrop({ height: 3, width: 3, channels: 3, pixels }, 1, 1).pixels]).toEqual([12, 13, 14]);
  });
});
