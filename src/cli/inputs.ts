/** What the command line reads: network and images by path or address, and JSON files. */
import { BadInput } from "../base/errors";
import { builtinModel } from "../node/builtin";
import type { Sources } from "../session/inputs/sources";
import { readText } from "./files";
import { readImagesInput, readModelInput, type WebOptions } from "./web";

export interface GivenPaths extends WebOptions {
  readonly calibration?: string;
  readonly evaluate?: string;
  readonly calibrationImages?: number;
}

/** Paths or addresses of files, read or fetched. */
export async function sourcesOf(model: string | undefined, options: GivenPaths): Promise<Sources> {
  const { calibration, evaluate, calibrationImages } = options;
  return {
    builtinModel,
    model: model ? await readModelInput(model, options) : null,
    calibration: calibration ? await readImagesInput(calibration, options, calibrationImages) : null,
    evaluation: evaluate ? await readImagesInput(evaluate, options) : null,
  };
}

/** The value of a JSON file; `expected` says what it should hold. */
export async function readJson(path: string, expected: string): Promise<unknown> {
  const text = await readText(path, expected);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput(`${path} is not JSON; expected ${expected}.`);
  }
}

/** What a recipe file says, which a report may hold; null where none is named. */
export async function readRecipe(path: string | undefined): Promise<unknown> {
  if (path === undefined) return null;
  const value = await readJson(path, "a recipe, or a report.json that holds one");
  return typeof value === "object" && value && "recipe" in value ? value.recipe : value;
}
