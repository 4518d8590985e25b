/**
 * The recipe as single settings. A setting knows how it is read from a recipe and what a recipe becomes when it is changed, so
 * that one table serves every control, the way back to each default, and the count of what a section holds apart from its
 * defaults. Defaults are the schema's, taken from a recipe that leaves everything out; those of the preprocessing belong to
 * the network and are not among them (inputs.ts).
 */
import type { Annealing } from "../../quantize/settings";
import { activationDefaults, demoRecipe } from "../../session/recipe/defaults";
import type { Recipe } from "../../session/recipe/recipe";

export interface Setting<T> {
  read(recipe: Recipe): T;
  /** What of the recipe changes. */
  write(recipe: Recipe, value: T): Partial<Recipe>;
}

type Weights = Recipe["weights"];
type Activations = NonNullable<Recipe["activations"]>;

const ACTIVATIONS = activationDefaults();

function plain<K extends keyof Recipe>(key: K): Setting<Recipe[K]> {
  return { read: (recipe) => recipe[key], write: (_, value) => ({ [key]: value }) as Pick<Recipe, K> };
}

function ofWeights<K extends keyof Weights>(key: K): Setting<Weights[K]> {
  return { read: ({ weights }) => weights[key], write: ({ weights }, value) => ({ weights: { ...weights, [key]: value } }) };
}

/** Of activations that are quantized; where they are not, it stands at its default. */
function ofActivations<K extends keyof Activations>(key: K): Setting<Activations[K]> {
  return {
    read: ({ activations }) => (activations ?? ACTIVATIONS)[key],
    write: ({ activations }, value) => ({ activations: { ...(activations ?? ACTIVATIONS), [key]: value } }),
  };
}

function ofAnnealing<K extends keyof Annealing>(key: K): Setting<Annealing[K]> {
  return { read: ({ annealing }) => annealing[key], write: ({ annealing }, value) => ({ annealing: { ...annealing, [key]: value } }) };
}

export const bits: Setting<Weights["bits"]> = ofWeights("bits");
export const firstLastBits: Setting<Weights["firstLastBits"]> = ofWeights("firstLastBits");
export const scale: Setting<Weights["scale"]> = ofWeights("scale");
export const overrides: Setting<Weights["overrides"]> = {
  read: ({ weights }) => weights.overrides,
  write({ weights: { overrides: _old, ...weights } }, value) {
    return { weights: value && value.length > 0 ? { ...weights, overrides: value } : weights };
  },
};

/** Granularity and symmetry together: four grids. */
export type Grid = `${Weights["granularity"]}${"" | "-symmetric"}`;
export const grid: Setting<Grid> = {
  read: ({ weights }) => `${weights.granularity}${weights.symmetric ? "-symmetric" : ""}`,
  write: ({ weights }, value) => ({
    weights: { ...weights, granularity: value.startsWith("channel") ? "channel" : "tensor", symmetric: value.endsWith("symmetric") },
  }),
};

/** Bits of activations, null for full precision. */
export const activationBits: Setting<number | null> = {
  read: ({ activations }) => activations?.bits ?? null,
  write: ({ activations }, value) => ({ activations: value === null ? null : { ...ACTIVATIONS, ...activations, bits: value } }),
};

/** How activation scales are found, and whether LSQ trains them after that. */
export type ActivationScale = `${Activations["scale"]}${"" | "-learn"}`;
export const activationScale: Setting<ActivationScale> = {
  read(recipe) {
    const { scale: method, learn } = recipe.activations ?? ACTIVATIONS;
    return `${method}${learn ? "-learn" : ""}`;
  },
  write: ({ activations }, value) => ({
    activations: {
      ...(activations ?? ACTIVATIONS),
      scale: value.replace("-learn", "") as Activations["scale"],
      learn: value.endsWith("-learn"),
    },
  }),
};
export const scaleIterations: Setting<Activations["iterations"]> = ofActivations("iterations");
export const scaleRate: Setting<Activations["learningRate"]> = ofActivations("learningRate");
export const lastInputBits: Setting<Activations["lastInputBits"]> = ofActivations("lastInputBits");

export const method: Setting<Recipe["method"]> = plain("method");
export const unit: Setting<Recipe["unit"]> = plain("unit");
export const loss: Setting<Recipe["loss"]> = plain("loss");
export const inputs: Setting<Recipe["inputs"]> = plain("inputs");
export const iterations: Setting<Recipe["iterations"]> = plain("iterations");
export const learningRate: Setting<Recipe["learningRate"]> = plain("learningRate");
export const regularizer: Setting<Recipe["regularizer"]> = plain("regularizer");
export const batch: Setting<Recipe["batch"]> = plain("batch");
export const decay: Setting<Annealing["decay"]> = ofAnnealing("decay");
export const warmup: Setting<Annealing["warmup"]> = ofAnnealing("warmup");
export const exponentFrom: Setting<Annealing["from"]> = ofAnnealing("from");
export const exponentTo: Setting<Annealing["to"]> = ofAnnealing("to");
export const batches: Setting<Annealing["batches"]> = ofAnnealing("batches");

export const seed: Setting<Recipe["seed"]> = plain("seed");
export const device: Setting<Recipe["device"]> = plain("device");
export const cache: Setting<Recipe["cache"]> = plain("cache");
export const memory: Setting<Recipe["memory"]> = plain("memory");
export const threads: Setting<Recipe["threads"]> = plain("threads");
export const diagnose: Setting<Recipe["diagnose"]> = plain("diagnose");

/** What each section of the recipe holds; the top are the few that stand above all sections. */
export const SECTIONS: Readonly<Record<SettingsSection, readonly Setting<unknown>[]>> = {
  top: [bits, activationBits, method, unit],
  weights: [firstLastBits, overrides, scale, grid],
  activations: [activationScale, scaleIterations, scaleRate, lastInputBits],
  reconstruction: [loss, inputs, iterations, learningRate, regularizer, decay, warmup, exponentFrom, exponentTo, batch, batches],
  advanced: [seed, device, threads, cache, memory, diagnose],
};
export type SettingsSection = "top" | "weights" | "activations" | "reconstruction" | "advanced";

/** The recipe with the same inputs and everything else at its default. */
export function defaultsFor({
  model,
  calibration,
  evaluation,
  preprocessing,
}: Pick<Recipe, "model" | "calibration" | "evaluation" | "preprocessing">): Recipe {
  return { ...demoRecipe(), model, calibration, evaluation, preprocessing };
}

/** A setting's default. */
export function defaultOf<T>(setting: Setting<T>): T {
  return setting.read(DEFAULTS);
}

const DEFAULTS = demoRecipe();

export function isDefault<T>(setting: Setting<T>, recipe: Recipe): boolean {
  return JSON.stringify(setting.read(recipe)) === JSON.stringify(defaultOf(setting));
}

/** How many settings of a section differ from their defaults. */
export function differing(section: SettingsSection, recipe: Recipe): number {
  return SECTIONS[section].filter((setting) => !isDefault(setting, recipe)).length;
}

/** How many of all do; widths that a search gave count as one. */
export function differingInAll(recipe: Recipe): number {
  const mixed = recipe.weights.assignment || recipe.activations?.assignment ? 1 : 0;
  return (Object.keys(SECTIONS) as SettingsSection[]).reduce((sum, section) => sum + differing(section, recipe), mixed);
}

/** What of the recipe changes when a section goes back to its defaults. */
export function sectionReset(section: SettingsSection, recipe: Recipe): Partial<Recipe> {
  let reset = recipe;
  for (const setting of SECTIONS[section]) if (!isDefault(setting, reset)) reset = { ...reset, ...setting.write(reset, defaultOf(setting)) };
  const changed = (Object.keys(reset) as (keyof Recipe)[]).filter((key) => reset[key] !== recipe[key]);
  return Object.fromEntries(changed.map((key) => [key, reset[key]]));
}
