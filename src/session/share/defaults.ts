/**
 * A recipe as little JSON: only what differs from the defaults of its version. Which version that is, is written with it, so that a
 * later lab with other defaults reads it as what it meant (recipe/versions.ts).
 */
import type { Recipe } from "../recipe/recipe";
import { parseRecipe } from "../recipe/schema";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

export function withoutDefaults(recipe: Recipe): Fields {
  const { version, model, calibration, weights, activations } = recipe;
  const required = {
    ...{ version, model, calibration, weights: { bits: weights.bits } },
    ...(activations ? { activations: { bits: activations.bits } } : {}),
  };
  const defaults = parseRecipe(required, "the defaults") as unknown as Fields;
  const kept = difference(recipe as unknown as Fields, defaults);
  return {
    ...kept,
    ...{ version, model: withoutNulls(model), calibration: withoutNulls(calibration) },
    ...(recipe.evaluation ? { evaluation: withoutNulls(recipe.evaluation) } : {}),
    weights: { bits: weights.bits, ...(kept.weights as Fields | undefined) },
    ...(activations ? { activations: { bits: activations.bits, ...(kept.activations as Fields | undefined) } } : {}),
  };
}

/** The fields whose value is another than the default's. */
function difference(value: Fields, defaults: Fields): Fields {
  const entries = Object.entries(value).flatMap(([key, own]): [string, unknown][] => {
    const usual = defaults[key];
    if (own === undefined || JSON.stringify(own) === JSON.stringify(usual)) return [];
    return [[key, isFields(own) && isFields(usual) ? difference(own, usual) : own]];
  });
  return Object.fromEntries(entries);
}

/** Hashes and counts that are not known are null, and left out. */
function withoutNulls(value: object): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, own]) => own !== null && own !== undefined));
}
