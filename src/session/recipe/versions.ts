/**
 * Older recipes, read as what they meant. Version 1 (2026) named some fields otherwise, and what it left out had the
 * defaults of its time: the preset `balanced`.
 *
 *   asym: true | false                      inputs: "quantized" | "full"
 *   weights.ends: true | false              weights.firstLastBits: 8 | null
 *   activations.ends: "right" | "release"   activations.lastInputBits: 8 | null
 *
 * The same names as paths in an experiment's grid and cases are read alike. Fields that a later version adds have
 * defaults and need no migration.
 */
import { BadInput } from "../../base/errors";
import { PRESETS } from "./presets";
import { RECIPE_VERSION } from "./recipe";

type Fields = Readonly<Record<string, unknown>>;

/** One renamed field of version 1. */
interface Renamed {
  readonly path: string;
  readonly to: string;
  /** The new value for each old one. */
  readonly values: readonly (readonly [old: unknown, value: unknown])[];
}

const RENAMED: readonly Renamed[] = [
  {
    path: "asym",
    to: "inputs",
    values: [
      [true, "quantized"],
      [false, "full"],
    ],
  },
  {
    path: "weights.ends",
    to: "weights.firstLastBits",
    values: [
      [true, 8],
      [false, null],
    ],
  },
  {
    path: "activations.ends",
    to: "activations.lastInputBits",
    values: [
      ["right", 8],
      ["release", null],
    ],
  },
];

/** What version 1 took for fields that a recipe left out, where version 2 takes something else. */
const { activations: ACTIVATION_DEFAULTS, ...WEIGHT_DEFAULTS } = PRESETS.balanced;
export const VERSION_1_DEFAULTS: Fields = WEIGHT_DEFAULTS;

function renamedValue({ path, values }: Renamed, old: unknown, source: string): unknown {
  const found = values.find(([one]) => one === old);
  if (!found)
    throw new BadInput(
      `${source}: ${path} is not valid: expected ${values.map(([one]) => JSON.stringify(one)).join(" or ")}, found ${JSON.stringify(old)}.`,
    );
  return found[1];
}

/** A group of fields, whole, with version 1's defaults where today's are others. */
function upgradedGroup(fields: Fields, group: string, source: string): Fields {
  return { ...(group === "activations" ? ACTIVATION_DEFAULTS : {}), ...renamedIn(fields, group, source) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `fields` with the renamed ones of `group` ("" for the recipe itself) under their new names. */
function renamedIn(fields: Fields, group: string, source: string): Fields {
  const own = new Map(RENAMED.flatMap((one) => (one.path.split(".").slice(0, -1).join(".") === group ? [[one.path.split(".").at(-1), one]] : [])));
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const renamed = own.get(key);
      return renamed ? [renamed.to.split(".").at(-1) as string, renamedValue(renamed, value, source)] : [key, value];
    }),
  );
}

/** The fields of a version 1 recipe, whole or in part, by their new names; a group that is there is whole. */
export function upgradeFields(fields: Fields, source: string): Fields {
  const upgraded: Record<string, unknown> = { ...renamedIn(fields, "", source) };
  for (const group of ["weights", "activations"]) if (isFields(upgraded[group])) upgraded[group] = upgradedGroup(upgraded[group], group, source);
  return upgraded;
}

/** Settings by path ("weights.bits") of a version 1 experiment, by their new paths. */
export function upgradeSettings(settings: Fields, source: string): Fields {
  return Object.fromEntries(Object.entries(settings).map(([path, value]) => upgradeSetting(path, value, source)));
}

/** One path with its value. */
export function upgradeSetting(path: string, value: unknown, source: string): readonly [path: string, value: unknown] {
  const renamed = RENAMED.find((one) => one.path === path);
  if (renamed) return [renamed.to, renamedValue(renamed, value, source)];
  return [path, isFields(value) ? upgradedGroup(value, path, source) : value];
}

/** A recipe of any version as one of today's; what is no recipe at all is handed on for the schema to refuse. */
export function upgradeRecipe(value: unknown, source: string): unknown {
  if (!isFields(value) || value.version !== 1) return value;
  return { ...VERSION_1_DEFAULTS, ...upgradeFields(value, source), version: RECIPE_VERSION };
}
