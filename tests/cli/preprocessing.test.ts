/** Preprocessing by name on the command line, and the options that stand for one. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inputSettings, type QuantizeOptions } from "../../src/cli/options";
import { preprocessingFlags, withPreset } from "../../src/cli/preprocessing";
import { PREPROCESSING_NAMES, presetPreprocessing } from "../../src/data/preprocessing-presets";
import { readGiven } from "../../src/node/files";

const preprocessingOf = async (options: Partial<QuantizeOptions>, input: readonly number[] | null) =>
  inputSettings("a.onnx", await withPreset({ export: [], ...options }, async () => input)).preprocessing;

describe("presets", () => {
  test("give sizes for the network's input, as their sources have them", () => {
    expect(presetPreprocessing("torchvision", [224, 224, 3])).toMatchObject({ resize: 256, crop: [224, 224], mean: [0.485, 0.456, 0.406] });
    expect(presetPreprocessing("torchvision", null)).toMatchObject({ resize: 256, crop: [224, 224] });
    expect(presetPreprocessing("timm-half-90", [224, 224, 3])).toMatchObject({ resize: 248, crop: [224, 224], mean: [0.5] });
    expect(presetPreprocessing("yolox", [416, 416, 3])).toMatchObject({ resize: [416, 416], crop: null, channelOrder: "bgr" });
    // Keras: x[..., ::-1] minus [103.939, 116.779, 123.68], of pixels in 0..255.
    const { mean, std, channelOrder } = presetPreprocessing("keras-caffe", [224, 224, 3]);
    expect(mean.map((value, c) => Math.round(1e3 * (200 / 255 - value) * (1 / (std[c] ?? (std[0] as number)))) / 1e3)).toEqual([
      96.061, 83.221, 76.32,
    ]);
    expect(channelOrder).toBe("bgr");
  });

  test("are overridden by what is said explicitly", async () => {
    const preset = { preprocessing: "keras-caffe" };
    expect(await preprocessingOf(preset, [96, 96, 3])).toEqual(presetPreprocessing("keras-caffe", [96, 96, 3]));
    expect(await preprocessingOf({ ...preset, mean: [0], resize: [100], crop: [96], bgr: false }, [96, 96, 3])).toEqual({
      ...{ resize: 100, crop: [96, 96], mean: [0], std: [1 / 255], channelOrder: "rgb" },
    });
    expect(await preprocessingOf({ resize: [7] }, null)).toEqual({ resize: 7 });
    await expect(withPreset({ export: [], preprocessing: "best" }, async () => null)).rejects.toThrow(
      /--preprocessing best is unknown; choose torchvision, timm,/,
    );
  });

  test("the options for a preprocessing give that preprocessing", async () => {
    for (const name of PREPROCESSING_NAMES) {
      const preprocessing = presetPreprocessing(name, [224, 224, 3]);
      const [, given] = preprocessingFlags(preprocessing, [224, 224, 3]).split(" ");
      expect(await preprocessingOf({ preprocessing: given as string }, [224, 224, 3])).toEqual(preprocessing);
    }
    expect(preprocessingFlags({ resize: 36, crop: [32, 32], mean: [0], std: [0.5], channelOrder: "bgr" }, [32, 32, 3])).toBe(
      "--resize 36 --crop 32,32 --mean 0 --std 0.5 --bgr",
    );
  });
});

test("IDX images bring the labels that lie beside them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "idx-"));
  for (const name of ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte.gz"])
    writeFileSync(join(folder, name), name);
  const files = await (await readGiven(join(folder, "t10k-images-idx3-ubyte.gz"))).read();
  expect(files.map(({ path }) => path)).toEqual(["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]);
  expect(await (await readGiven(join(folder, "t10k-labels-idx1-ubyte.gz"))).read()).toHaveLength(1);
});
