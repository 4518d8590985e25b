/** Options of the command line as recipes: what is given is never passed over. */
import { expect, test } from "vitest";
import { recipeOf } from "../../src/cli/options";

test("--calibration-images counts the demo's images, a recipe's and a folder's, and needs some", () => {
  const counted = { export: [], calibrationImages: 32 };
  expect(recipeOf(undefined, { ...counted, demo: true }, null).calibration).toMatchObject({ kind: "builtin", count: 32 });
  const base = recipeOf("a.onnx", { export: [], calibration: "photos" }, null);
  expect(base.calibration).toMatchObject({ kind: "files", name: "photos", count: null });
  expect(recipeOf(undefined, counted, base).calibration).toEqual({ ...base.calibration, count: 32 });
  expect(recipeOf("a.onnx", { ...counted, calibration: "photos" }, null).calibration).toMatchObject({ name: "photos", count: 32 });
  expect(() => recipeOf("a.onnx", counted, null)).toThrow("--calibration-images needs images to count: add --calibration DATA.");
});
