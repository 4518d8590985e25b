/** Which settings of two recipes differ, as far as they decide a result: a result is only compared with a rerun of its own settings. */
import type { Recipe } from "../recipe/recipe";
import { canonical, resultRecipe } from "./fingerprint";

/**
 * Paths ("weights.bits") of what differs. What files are called and what was not known before they were read decide nothing; nor
 * does where it is computed count as a setting here: a comparison of results names both devices.
 */
export function differingSettings(a: Recipe, b: Recipe): string[] {
  return paths(settingsOf(a), settingsOf(b), "");
}

type Fields = Readonly<Record<string, unknown>>;

function settingsOf(recipe: Recipe): Fields {
  const { device: _device, model, calibration, evaluation, ...rest } = resultRecipe(recipe);
  return { ...rest, model: content(model), calibration: content(calibration), evaluation: evaluation && content(evaluation) };
}

/** A file is what it holds; before its content is known, its name. */
function content(files: Recipe["model"] | Recipe["calibration"]): Fields {
  if (files.kind === "builtin") return files;
  const { name, sha256, ...rest } = files;
  return sha256 ? { ...rest, sha256 } : { ...rest, name };
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function paths(a: Fields, b: Fields, before: string): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    const [own, other] = [a[key], b[key]];
    const path = `${before}${key}`;
    if (key === "assignment") return canonical(own ?? {}) === canonical(other ?? {}) ? [] : [path];
    if (isFields(own) && isFields(other)) return paths(own, other, `${path}.`);
    return canonical(own ?? null) === canonical(other ?? null) ? [] : [path];
  });
}
