/**
 * What a recipe that leaves fields out means, as plain constants: the schema builds on them, and so does the page, which need not load
 * what checks other people's recipes in order to show its own.
 */
import { FIRST_LAST_BITS } from "../../quantize/settings";
import { DEFAULT_PRESET, PRESETS } from "./presets";
import { RECIPE_VERSION, type Recipe } from "./recipe";

const { activations: TRAINED_SCALES, ...TRAINING } = PRESETS[DEFAULT_PRESET];

/** Pixels as they come, in 0..1. */
export const PREPROCESSING_DEFAULTS: Recipe["preprocessing"] = { resize: null, crop: null, mean: [0], std: [1], channelOrder: "rgb" };

/** All of the weights' settings but their bits, which every recipe names. */
export const WEIGHT_DEFAULTS: Omit<Recipe["weights"], "bits" | "overrides"> = {
  scale: "mse",
  granularity: "channel",
  symmetric: false,
  firstLastBits: FIRST_LAST_BITS,
  assignment: null,
};

/** All of the activations' settings but their bits, where they are quantized. */
export const ACTIVATION_DEFAULTS: Omit<NonNullable<Recipe["activations"]>, "bits"> = {
  scale: "mse",
  lastInputBits: 8,
  assignment: null,
  learn: true,
  ...TRAINED_SCALES,
};

/** All else but the network and the calibration images. */
export const RECIPE_DEFAULTS: Omit<Recipe, "version" | "model" | "calibration" | "preprocessing" | "weights"> = {
  evaluation: null,
  activations: null,
  method: "brecq",
  unit: "block",
  loss: "mse",
  inputs: "quantized",
  ...TRAINING,
  regularizer: 0.01,
  batch: 32,
  seed: 0,
  device: "auto",
  cache: "f32",
  memory: null,
  diagnose: false,
  threads: null,
};

/** Activations at 8 bit, all else as published. */
export function activationDefaults(): NonNullable<Recipe["activations"]> {
  return { bits: 8, ...ACTIVATION_DEFAULTS };
}

/** The demo: the built-in network on the built-in images. */
export function demoRecipe(): Recipe {
  return {
    version: RECIPE_VERSION,
    model: { kind: "builtin", name: "shapes-resnet14" },
    calibration: { kind: "builtin", name: "shapes", split: "calibration", count: 1024, seed: 0 },
    preprocessing: { ...PREPROCESSING_DEFAULTS, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    weights: { bits: 2, ...WEIGHT_DEFAULTS },
    ...RECIPE_DEFAULTS,
    evaluation: { kind: "builtin", name: "shapes", split: "test", count: 2000, seed: 0 },
  };
}
