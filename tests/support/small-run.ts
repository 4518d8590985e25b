/** A run of seconds: a residual network of six units in miniature, on the demo's images. */
import { filesInMemory, type Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { builtinBytes } from "./builtin";
import { onnxBytes } from "./onnx/file";
import { resnet } from "./onnx/networks";

const NAME = "small.onnx";

export const SMALL_SOURCES: Sources = {
  builtinModel: async (name) => builtinBytes(name),
  model: filesInMemory(NAME, [{ path: NAME, bytes: onnxBytes(resnet({ block: "basic", extent: 32 })) }]),
  calibration: null,
  evaluation: null,
};

/** @param images of calibration, and as many to judge by @param change of the recipe's fields */
export function smallRecipe(images: number, change: object = {}): Recipe {
  const demo = demoRecipe();
  const counts = { calibration: { ...demo.calibration, count: images }, evaluation: { ...demo.evaluation, count: images } };
  return parseRecipe({ ...demo, ...counts, model: { kind: "file", name: NAME }, learningRate: 0.2, ...change }, "test");
}
