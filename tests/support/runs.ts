/** Short runs of the demo in Node, on wasm. */
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";
import { runRecipe } from "../../src/session/run/run";
import type { LabEvent } from "../../src/session/worker/events";
import { builtinBytes } from "./builtin";

export const DEMO_SOURCES: Sources = {
  builtinModel: async (name) => builtinBytes(name),
  model: null,
  calibration: null,
  evaluation: null,
};

/** The demo's recipe with few images and few iterations, and what is changed. */
export function small(change: object = {}, calibration = 64, evaluation = 100): Recipe {
  const demo = demoRecipe();
  return parseRecipe(
    {
      ...demo,
      calibration: { ...demo.calibration, count: calibration },
      evaluation: { ...demo.evaluation, count: evaluation },
      iterations: 12,
      learningRate: 0.2,
      ...change,
    },
    "test",
  );
}

export function run(
  recipe: Recipe,
  threads = 2,
  emit: (event: LabEvent) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Report> {
  const budget = recipe.memory === null ? undefined : recipe.memory * 2 ** 20;
  const openDevice = async () => ({ device: await createWasmDevice(threads, budget), reason: "test" });
  return runRecipe({ recipe, sources: DEMO_SOURCES, openDevice, emit, signal });
}
