/**
 * An experiment: one recipe and what is varied in it. The runs are the product of the cases, the grid's axes
 * and the seeds; a row of the result's table is what the seeds have in common.
 *
 *   { "version": 2, "title": "...", "recipe": {...},
 *     "grid": { "weights.bits": [4, 3, 2], "unit": ["layer", "block"] },
 *     "cases": [{ "label": "published", "set": { "iterations": 20000, "learningRate": 0.001 } }],
 *     "seeds": [0, 1, 2] }
 *
 * Settings are named by their path in the recipe; a path that the recipe does not know is refused.
 */

import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import type { LayerOverrides } from "../../quantize/layer-widths";
import { RECIPE_VERSION, type Recipe, workingUnit } from "../recipe/recipe";
import { parseRecipe } from "../recipe/schema";
import { upgradeFields, upgradeSetting, upgradeSettings, VERSION_1_DEFAULTS } from "../recipe/versions";

export type Settings = Readonly<Record<string, unknown>>;

export interface Experiment {
  readonly version: typeof RECIPE_VERSION;
  readonly title: string;
  /** What the experiment asks, in a sentence or two. */
  readonly note: string;
  readonly recipe: Recipe;
  readonly grid: Readonly<Record<string, readonly unknown[]>>;
  readonly cases: readonly { readonly label?: string | undefined; readonly set: Settings; readonly reference?: Reference | undefined }[];
  readonly seeds: readonly number[];
}

/** What somebody else measured under the same settings, in percent. */
export interface Reference {
  readonly top1: number;
  readonly agreement: number;
}

/** Runs that differ in their seed alone. */
export interface Row {
  readonly label: string;
  /** What distinguishes the row from others, by path. */
  readonly settings: Settings;
  /** One a seed. */
  readonly recipes: readonly Recipe[];
  readonly reference: Reference | null;
}

const settings = z.record(z.string(), z.unknown());

const reference = z.strictObject({ top1: z.number(), agreement: z.number() });

const schema = z.strictObject({
  version: z.union([z.literal(1), z.literal(RECIPE_VERSION)]),
  title: z.string().min(1).default("Experiment"),
  note: z.string().default(""),
  recipe: settings,
  grid: z.record(z.string(), z.array(z.unknown()).min(1)).default({}),
  cases: z
    .array(z.strictObject({ label: z.string().min(1).optional(), set: settings, reference: reference.optional() }))
    .min(1)
    .default([{ set: {} }]),
  seeds: z.array(z.int().min(0).max(4294967295)).min(1).default([0, 1, 2]),
});

/** An experiment from JSON; `base` fills in what its recipe leaves out: the network and the images, mostly. */
export function parseExperiment(value: unknown, source: string, base: Settings = {}): Experiment {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BadInput(`${source}: ${issue?.path.join(".") || "the experiment"} is not valid: ${issue?.message ?? "unknown problem"}.`);
  }
  const { version, recipe: own, ...rest } = result.data.version === 1 ? upgradeExperiment(result.data, source) : result.data;
  const defaults = version === 1 ? VERSION_1_DEFAULTS : {};
  const recipe = parseRecipe({ weights: { bits: 4 }, ...defaults, ...base, ...own, version: RECIPE_VERSION }, `${source}, recipe`);
  const experiment: Experiment = { ...rest, version: RECIPE_VERSION, recipe };
  rowsOf(experiment, source);
  return experiment;
}

/** A version 1 experiment whose recipe, grid and cases have today's names; still marked as version 1, for its defaults. */
function upgradeExperiment(experiment: z.infer<typeof schema>, source: string): z.infer<typeof schema> {
  const { recipe, grid, cases } = experiment;
  const axes = Object.entries(grid).map(([path, values]) => {
    const upgraded = values.map((value) => upgradeSetting(path, value, source));
    return [upgraded[0]?.[0] ?? path, upgraded.map(([, value]) => value)] as const;
  });
  return {
    ...experiment,
    recipe: upgradeFields(recipe, `${source}, recipe`),
    grid: Object.fromEntries(axes),
    cases: cases.map((one) => ({ ...one, set: upgradeSettings(one.set, source) })),
  };
}

export function rowsOf({ recipe, grid, cases, seeds }: Experiment, source = "experiment"): Row[] {
  checkRuns(
    Object.values(grid).reduce((runs, { length }) => runs * length, cases.length * seeds.length),
    source,
  );
  const rows: Row[] = [];
  const meanings = new Set<string>();
  for (const one of cases)
    for (const cell of product(Object.entries(grid))) {
      const own = { ...one.set, ...cell };
      const label = one.label && Object.keys(grid).length === 0 ? one.label : [one.label, labelOf(one.label ? cell : own)].filter(Boolean).join(", ");
      const recipes = seeds.map((seed) => parseRecipe({ ...(withSettings(recipe, own, source) as object), seed }, `${source}, ${label}`));
      // A grid of units gives methods that have none of their own the same run several times: once is enough.
      const meaning = JSON.stringify({ ...(recipes[0] as Recipe), unit: workingUnit(recipes[0] as Recipe) });
      if (meanings.has(meaning)) continue;
      meanings.add(meaning);
      rows.push({ label: label || "the recipe", settings: own, recipes, reference: one.reference ?? null });
    }
  const labels = new Set<string>();
  for (const { label } of rows) {
    if (labels.has(label)) throw new BadInput(`${source}: two rows are called "${label}"; give the cases labels that differ.`);
    labels.add(label);
  }
  return rows;
}

/** Runs of an experiment: more than any machine does in a year. */
const MOST_RUNS = 10_000;

/** @throws BadInput before what a few characters ask for takes all memory */
function checkRuns(runs: number, source: string): void {
  if (runs > MOST_RUNS)
    throw new BadInput(
      `${source} asks for ${runs} runs: cases, times the values of each axis of the grid, times seeds. An experiment has at most ${MOST_RUNS}; cut it into several.`,
    );
}

function product(axes: readonly (readonly [string, readonly unknown[]])[]): Settings[] {
  return axes.reduce<Settings[]>((cells, [path, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [path]: value }))), [{}]);
}

/** Paths that a recipe may lack. */
const OPTIONAL: readonly string[] = ["weights.overrides"];

/** The recipe with values at paths such as "weights.bits". */
export function withSettings(recipe: Recipe, own: Settings, source: string): unknown {
  const copy = structuredClone(recipe) as unknown as Record<string, unknown>;
  for (const [path, value] of Object.entries(own)) {
    const keys = path.split(".");
    let at = copy;
    keys.forEach((key, i) => {
      if (!Object.hasOwn(at, key) && !OPTIONAL.includes(path))
        throw new BadInput(`${source}: the recipe has no field "${path}"; name it by its path, for example "weights.bits".`);
      if (i === keys.length - 1) {
        at[key] = value;
        return;
      }
      const parent = keys.slice(0, i + 1).join(".");
      const inner = at[key];
      if (inner === null)
        throw new BadInput(
          `${source}: "${path}" cannot be set, since ${parent} is null in the recipe; give ${parent} a value first, for example in the experiment's recipe.`,
        );
      if (typeof inner !== "object" || Array.isArray(inner))
        throw new BadInput(`${source}: "${path}" cannot be set, since ${parent} has no fields of its own.`);
      at = inner as Record<string, unknown>;
    });
  }
  return copy;
}

const SHORT: Readonly<Record<string, (value: unknown) => string>> = {
  "weights.bits": (bits) => `W${bits}`,
  "activations.bits": (bits) => `A${bits}`,
  activations: (value) => (value === null ? "A32" : `A${(value as { bits: number }).bits}`),
  "weights.overrides": (overrides) => (overrides as LayerOverrides).map(({ layers, bits }) => `${layers} ${bits}`).join(" "),
  "weights.assignment": (assignment) => (assignment === null ? "uniform" : "mixed"),
  method: String,
  unit: String,
  loss: String,
  iterations: (count) => `${count} iterations`,
  learningRate: (rate) => `rate ${rate}`,
  inputs: (inputs) => (inputs === "quantized" ? "quantized inputs" : "full-precision inputs"),
  "weights.firstLastBits": (bits) => (bits === null ? "first and last layer as the others" : `first and last layer W${bits}`),
  "weights.granularity": (kind) => `per ${kind}`,
  "calibration.count": (count) => `${count} images`,
};

/** What a person calls settings: "W2, block". */
export function labelOf(own: Settings): string {
  return Object.entries(own)
    .map(([path, value]) => SHORT[path]?.(value) ?? `${path} ${JSON.stringify(value)}`)
    .join(", ");
}
