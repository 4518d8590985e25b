/** What a person sees of the images before a run: the network's own input, with the mapping said, read from few files. */
import { describe, expect, test } from "vitest";
import type { ImageSet } from "../../src/data/images";
import type { Preprocessing } from "../../src/data/preprocess";
import { InputCache } from "../../src/session/inputs/cache";
import { loadSome } from "../../src/session/inputs/load";
import { previewOf } from "../../src/session/inputs/preview";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { png } from "../data/support";
import { builtin, builtinBytes } from "../support/builtin";

const ONE: ImageSet = { count: 1, height: 1, width: 2, channels: 3, pixels: Uint8Array.of(0, 51, 255, 10, 20, 30), labels: null, classNames: null };
const IMAGENET: Preprocessing = { resize: null, crop: null, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], channelOrder: "rgb" };

describe("the preview", () => {
  test("denormalizes what the network takes, in its order of channels", () => {
    const { images, ranges, mapping } = previewOf(ONE, IMAGENET);
    expect([...(images[0]?.pixels ?? [])]).toEqual([...ONE.pixels]);
    expect(ranges[0]?.map((value) => Number(value.toFixed(3)))).toEqual([-2.118, Number(((10 / 255 - 0.485) / 0.229).toFixed(3))]);
    expect(mapping).toBe(
      "Shown as value × std + mean, black at 0 and white at 1, the network's first channel as red, its second as green, its third as blue",
    );
    expect([...(previewOf(ONE, { ...IMAGENET, channelOrder: "bgr" }).images[0]?.pixels ?? [])]).toEqual([255, 51, 0, 30, 20, 10]);
  });

  test("of preprocessed floats reaches from their least to their greatest", () => {
    const set = { ...ONE, channels: 1, width: 3, pixels: Float32Array.of(-2, 0, 2) };
    const { images, mapping } = previewOf(set, IMAGENET);
    expect([...(images[0]?.pixels ?? [])]).toEqual([0, 128, 255]);
    expect(mapping).toBe("Shown from -2.00, black, to 2.00, white");
  });

  test("reads no more files than it shows, of any number", async () => {
    const paths = Array.from({ length: 500 }, (_, i) => `s/${String(i).padStart(3, "0")}.png`);
    const fetched: string[] = [];
    const calibration = {
      name: "s",
      read: () => Promise.reject(new Error("all were read")),
      tree: {
        paths,
        async fetch(wanted: readonly string[]) {
          fetched.push(...wanted);
          return wanted.map((path) => ({ path, bytes: png(32, 32) }));
        },
      },
    };
    const sources = { builtinModel: async (name: string) => builtinBytes(name), model: null, calibration, evaluation: null };
    const recipe = parseRecipe({ ...demoRecipe(), calibration: { kind: "files", name: "s" } }, "t");
    const given = { graph: builtin("shapes-resnet14"), inputs: new InputCache(), sources };
    const set = await loadSome(
      recipe,
      "calibration",
      given,
      () => [0, 1, 400],
      () => {},
    );
    expect([set.count, set.height]).toEqual([3, 32]);
    expect(fetched).toEqual(["s/000.png", "s/001.png", "s/400.png"]);
  });
});
