/** How long a recipe trains: which preset it stands at, and how long a run would take where one of the same network was measured. */
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { PRESET_NAMES, type PresetName, presetFields } from "../../session/recipe/presets";
import { type Recipe, workingUnit } from "../../session/recipe/recipe";
import type { Report } from "../../session/run/report";

/** The presets from the shortest on. */
export const EFFORTS: readonly PresetName[] = [...PRESET_NAMES].reverse();

/** The preset that a recipe's training is, all its fields alike; null for a schedule of one's own. */
export function effortOf(recipe: Recipe): PresetName | null {
  const own = (fields: object) => JSON.stringify({ ...recipe, ...fields });
  return PRESET_NAMES.find((name) => own(presetFields(name, recipe.activations)) === own({})) ?? null;
}

/** The fields by which two recipes that differ in them cannot be expected to take the same time an iteration. */
const PACE: readonly (keyof Recipe)[] = [
  "model",
  "calibration",
  "evaluation",
  "method",
  "loss",
  "batch",
  "device",
  "threads",
  "memory",
  "cache",
  "diagnose",
];

function isSamePace(a: Recipe, b: Recipe): boolean {
  const text = (recipe: Recipe) =>
    JSON.stringify([workingUnit(recipe), recipe.activations === null, ...PACE.map((field) => withoutHash(recipe[field]))]);
  return text(a) === text(b);
}

function withoutHash(value: unknown): unknown {
  return value !== null && typeof value === "object" ? { ...value, sha256: null } : value;
}

/**
 * Seconds that a recipe's run would take, from a finished run at the same pace: what a unit's training took grows with its
 * iterations, all else stays. Null where no such run was made, or where the method does not train.
 */
export function expectedSeconds(recipe: Recipe, report: Report | null): number | null {
  if (!report || !METHOD_CATALOG[recipe.method].trains || !isSamePace(recipe, report.recipe)) return null;
  if (report.units.some(({ reused }) => reused)) return null;
  const total = report.seconds.total ?? 0;
  const trained = report.units.reduce((sum, { seconds }) => sum + seconds, 0);
  const scaled = report.units.reduce((sum, { phase, iterations, seconds }) => {
    const wanted = phase === "weights" ? recipe.iterations : (recipe.activations?.iterations ?? 0);
    return sum + (seconds * wanted) / iterations;
  }, 0);
  return total - trained + scaled;
}
