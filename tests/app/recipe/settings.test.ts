/** Every field of a recipe that a person sets is a setting of some section, and each finds its way back. */
import { describe, expect, test } from "vitest";
import * as settings from "../../../src/app/recipe/settings";
import { differing, differingInAll, isDefault, SECTIONS, type SettingsSection, sectionReset } from "../../../src/app/recipe/settings";
import { activationDefaults, demoRecipe } from "../../../src/session/recipe/defaults";
import type { Recipe } from "../../../src/session/recipe/recipe";
import { parseRecipe } from "../../../src/session/recipe/schema";

/** A recipe that differs from the defaults in everything that a section holds. */
const CHANGED: Recipe = {
  ...demoRecipe(),
  weights: {
    bits: 5,
    scale: "max",
    granularity: "tensor",
    symmetric: true,
    firstLastBits: null,
    assignment: null,
    overrides: [{ layers: "fc", bits: "float" }],
  },
  activations: { bits: 4, scale: "percentile", lastInputBits: null, assignment: null, learn: false, iterations: 7, learningRate: 0.5 },
  method: "qdrop",
  unit: "net",
  loss: "fisher_full",
  inputs: "full",
  iterations: 3,
  learningRate: 0.7,
  regularizer: 0.5,
  annealing: { decay: "cosine", warmup: 0.1, from: 9, to: 3, batches: "shuffled" },
  batch: 8,
  seed: 3,
  device: "wasm",
  threads: 2,
  memory: 100,
  cache: "f16",
  diagnose: true,
};

const NAMES = Object.keys(SECTIONS) as SettingsSection[];

describe("settings", () => {
  test("none differs in a recipe that leaves everything out, all differ in one that changes everything", () => {
    expect(NAMES.map((name) => differing(name, demoRecipe()))).toEqual([0, 0, 0, 0, 0]);
    expect(NAMES.map((name) => differing(name, CHANGED))).toEqual(NAMES.map((name) => SECTIONS[name].length));
    expect(differingInAll(CHANGED)).toBe(NAMES.reduce((sum, name) => sum + SECTIONS[name].length, 0));
  });

  test("the sections, all back, give the defaults: no field is without a place", () => {
    let recipe = CHANGED;
    // Activations first: whether they are quantized is said at the top.
    for (const name of ["weights", "activations", "reconstruction", "advanced", "top"] as const)
      recipe = { ...recipe, ...sectionReset(name, recipe) };
    expect(recipe).toEqual(demoRecipe());
  });

  test("a section's way back leaves the others alone, and every state on the way is a valid recipe", () => {
    for (const name of NAMES) {
      const recipe = { ...CHANGED, ...sectionReset(name, CHANGED) };
      expect(differing(name, recipe)).toBe(0);
      for (const other of NAMES)
        if (other !== name && !(name === "top" && other === "activations")) expect(differing(other, recipe)).toBe(SECTIONS[other].length);
      expect(parseRecipe(JSON.parse(JSON.stringify(recipe)), "test")).toEqual(recipe);
    }
  });

  test("activations that are off stand at their defaults, and go on at the width asked for with all else as published", () => {
    const off = demoRecipe();
    expect(isDefault(settings.scaleRate, off)).toBe(true);
    expect({ ...off, ...settings.activationBits.write(off, 3) }.activations).toEqual({ ...activationDefaults(), bits: 3 });
    expect(settings.activationBits.write(CHANGED, null)).toEqual({ activations: null });
    expect(settings.activationScale.write(CHANGED, "max-learn").activations).toMatchObject({ scale: "max", learn: true, iterations: 7 });
  });

  test("overrides leave no empty field, which the schema refuses", () => {
    expect("overrides" in (settings.overrides.write(CHANGED, []).weights ?? {})).toBe(false);
  });

  test("widths that a search gave count once", () => {
    const { weights } = demoRecipe();
    expect(differingInAll({ ...demoRecipe(), weights: { ...weights, assignment: { fc: 3, conv1: 4 } } })).toBe(1);
  });
});
