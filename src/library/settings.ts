/** From the library's options to a recipe: the same recipe as the page's and the command line's. */
import { BadInput } from "../base/errors";
import type { Preprocessing } from "../data/preprocess";
import { PREPROCESSING_NAMES, type PreprocessingPreset, presetPreprocessing } from "../data/preprocessing-presets";
import { withOrigins } from "../session/inputs/origins";
import type { Sources } from "../session/inputs/sources";
import { matchingRate, PRESET_NAMES, type PresetName, presetFields } from "../session/recipe/presets";
import { RECIPE_VERSION, type Recipe } from "../session/recipe/recipe";
import { parseRecipe } from "../session/recipe/schema";
import type { LabEvent } from "../session/worker/events";
import { type RunEvent, told } from "./events";
import { IMAGES, type Images } from "./images";
import { NETWORKS, type Network } from "./network";
import { never, platform } from "./platform";

/** What decides a result beside network and images. What is left out has the recipe's defaults (public/recipe.schema.json). */
export type Settings = Partial<
  Pick<
    Recipe,
    | "method"
    | "unit"
    | "loss"
    | "inputs"
    | "iterations"
    | "learningRate"
    | "regularizer"
    | "batch"
    | "seed"
    | "device"
    | "threads"
    | "memory"
    | "cache"
    | "diagnose"
  >
> & {
  /** A recipe, or a report that holds one, to start from; what else is given goes before it. */
  readonly recipe?: unknown;
  /** How long units are trained: "standard" without it. */
  readonly preset?: PresetName;
  /** The name of a convention, or sizes, mean and std one by one. */
  readonly preprocessing?: PreprocessingPreset | Partial<Preprocessing>;
  /** 4 bit without it. */
  readonly weights?: Partial<Recipe["weights"]>;
  /** Full precision without it. */
  readonly activations?: Partial<NonNullable<Recipe["activations"]>> | null;
  readonly annealing?: Partial<Recipe["annealing"]>;
};

/** What both a quantization and a search are given. */
export interface RunInputs extends Settings {
  readonly network: Network;
  /** Labels are not needed. */
  readonly calibration: Images;
  /** Labelled images to measure accuracy on; without them, agreement with full precision is measured on the calibration images. */
  readonly evaluation?: Images;
  /** What happens, as it happens: phases, progress from 0 to 1, accuracies, losses, warnings. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Stops it: the promise is rejected with {@link Cancelled}. */
  readonly signal?: AbortSignal;
}

/** All that runRecipe and runSearch take of the options. */
export interface Run {
  readonly recipe: Recipe;
  readonly sources: Sources;
  readonly hostMemory: number | null;
  readonly signal: AbortSignal;
  emit(event: LabEvent): void;
}

/** @throws BadInput for settings that a recipe does not allow */
export function runOf(given: RunInputs): Run {
  const { network, calibration, evaluation = null, onEvent, signal = never(), ...settings } = given;
  const [model, images, test] = [NETWORKS.of(network), IMAGES.of(calibration), evaluation && IMAGES.of(evaluation)];
  const sources: Sources = {
    builtinModel: (name) => platform().builtinModel(name),
    ...{ model: model.given, calibration: images.given, evaluation: test?.given ?? null },
  };
  const named = { ...fieldsOf(settings, network), model: model.recipe, calibration: images.recipe, evaluation: test?.recipe ?? null };
  const recipe = withOrigins(parseRecipe(named, "The options"), sources);
  return { recipe, sources, signal, hostMemory: platform().hostMemory, emit: told(onEvent) };
}

function fieldsOf({ recipe, preset, preprocessing, weights, activations, annealing, ...fields }: Settings, network: Network): object {
  const base = baseOf(recipe);
  if (preset !== undefined && !PRESET_NAMES.includes(preset))
    throw new BadInput(`The preset "${preset}" is unknown; choose ${PRESET_NAMES.join(", ")}.`);
  const read = activations === undefined ? base.activations : activations && { ...base.activations, ...activations };
  const trained = preset ? presetFields(preset, read as Recipe["activations"]) : { activations: read };
  const rate = fields.iterations !== undefined && fields.learningRate === undefined ? { learningRate: matchingRate(fields.iterations) } : {};
  return {
    ...base,
    activations: null,
    ...trained,
    ...(annealing ? { annealing: { ...base.annealing, ...annealing } } : {}),
    ...rate,
    ...fields,
    weights: { bits: 4, ...base.weights, ...weights },
    preprocessing: preprocessingOf(preprocessing, base.preprocessing, network.input),
  };
}

/** The recipe to start from; its files are those that are given now, whatever it names. */
function baseOf(given: unknown): Partial<Recipe> {
  if (given === undefined) return { version: RECIPE_VERSION };
  return parseRecipe(typeof given === "object" && given && "recipe" in given ? given.recipe : given, "recipe");
}

/** @param base what it changes, where it is no preset */
export function preprocessingOf(
  given: Settings["preprocessing"],
  base: Preprocessing | undefined,
  input: readonly number[] | null,
): Partial<Preprocessing> {
  if (typeof given !== "string") return { ...base, ...given };
  if (!PREPROCESSING_NAMES.includes(given))
    throw new BadInput(`The preprocessing "${given}" is unknown; choose ${PREPROCESSING_NAMES.join(", ")}, or give resize, crop, mean and std.`);
  return presetPreprocessing(given, input);
}
