/**
 * The same run on the command line. What options can say is said by options, since they are read and changed more easily than a file; widths
 * from a search and annealings that no preset has are not, and then the line takes the recipe as a file. Files are named as
 * the recipe names them: who runs the line has them in the folder, or puts their paths there.
 */

import { activationDefaults, demoRecipe } from "../recipe/defaults";
import { PRESET_NAMES, PRESETS } from "../recipe/presets";
import type { Recipe } from "../recipe/recipe";
import { parseRecipe } from "../recipe/schema";

export interface CommandLine {
  readonly line: string;
  /** Whether the line names recipe.json, which has to be saved beside it. */
  readonly needsRecipe: boolean;
}

/** `brecq-lab quantize` with the recipe's results; null where it takes some of a file's test images, which only a recipe without paths says. */
export function quantizeCommand(recipe: Recipe): CommandLine | null {
  const inputs = inputWords(recipe);
  if (!inputs) return null;
  const options = optionWords(recipe);
  if (options && inputs.demo !== null) return command([...inputs.demo, ...options]);
  if (options && isOwn(recipe)) return command([...inputs.paths, ...preprocessingWords(recipe), ...options]);
  return { ...command(["--recipe", "recipe.json", ...inputs.paths]), needsRecipe: true };
}

/** `brecq-lab verify` with a link: it says whether the result comes out the same. */
export function verifyCommand(link: string, { model, calibration, evaluation }: Recipe): string {
  const needed = [
    ["--model", model],
    ["--calibration", calibration],
    ["--evaluate", evaluation],
  ] as const;
  const files = needed.flatMap(([option, files]) => (files && files.kind !== "builtin" && !files.from ? [option, files.name] : []));
  const fetched = needed.some(([, files]) => files && files.kind !== "builtin" && files.from);
  return ["npx", "brecq-lab", "verify", ...[link, ...files].map(quoted), ...(fetched ? ["--fetch"] : [])].join(" ");
}

/** `brecq-lab plan` of an experiment in a file of this name: the files that its recipe names, where they are not built in. */
export function planCommand(file: string, { model, calibration, evaluation }: Recipe): string {
  const words = [
    ...(model.kind === "file" ? ["--model", model.name] : []),
    ...(calibration.kind === "files" ? ["--calibration", calibration.name] : []),
    ...(evaluation?.kind === "files" ? ["--evaluate", evaluation.name] : []),
  ];
  return ["npx", "brecq-lab", "plan", ...[file, ...words, "--out", "sweep"].map(quoted)].join(" ");
}

function command(words: readonly string[]): CommandLine {
  return { line: ["npx", "brecq-lab", "quantize", ...words.map(quoted)].join(" "), needsRecipe: false };
}

/** A word as shells of Unix take it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const isOwn = ({ model, calibration, evaluation }: Recipe) => [model, calibration, evaluation].every((files) => files?.kind !== "builtin");

/** Where network and images come from; `demo` where they and the preprocessing are the demo's. */
function inputWords(recipe: Recipe): { readonly demo: string[] | null; readonly paths: string[] } | null {
  const { model, calibration, evaluation, preprocessing } = recipe;
  const demo = demoRecipe();
  const isDemo = same([calibration, evaluation, preprocessing], [demo.calibration, demo.evaluation, demo.preprocessing]) && model.kind === "builtin";
  if (evaluation?.kind === "files" && evaluation.count !== null) return null;
  const paths = [
    ...(model.kind === "file" ? [model.name] : []),
    ...(calibration.kind === "files" ? ["--calibration", calibration.name] : []),
    ...(calibration.kind === "files" && calibration.count !== null ? ["--calibration-images", String(calibration.count)] : []),
    ...(evaluation?.kind === "files" ? ["--evaluate", evaluation.name] : []),
  ];
  return { demo: isDemo ? ["--demo", ...(same(model, demo.model) ? [] : [model.name])] : null, paths };
}

function preprocessingWords({ preprocessing: { resize, crop, mean, std, channelOrder } }: Recipe): string[] {
  return [
    ...(resize === null ? [] : ["--resize", String(resize)]),
    ...(crop === null ? [] : ["--crop", String(crop)]),
    ...(same(mean, [0]) ? [] : ["--mean", String(mean)]),
    ...(same(std, [1]) ? [] : ["--std", String(std)]),
    ...(channelOrder === "bgr" ? ["--bgr"] : []),
  ];
}

/** How it is quantized, by options; null where they cannot say it. */
function optionWords(recipe: Recipe): string[] | null {
  const { weights, activations } = recipe;
  if (weights.assignment || activations?.assignment) return null;
  const schedule = scheduleWords(recipe);
  if (!schedule) return null;
  const { model, calibration, version } = recipe;
  const usual = parseRecipe({ version, model, calibration, weights: { bits: weights.bits } }, "the defaults");
  const differing = (option: string, value: unknown, other: unknown) => (same(value, other) ? [] : [option, String(value)]);
  return [
    ...["--weights", String(weights.bits)],
    ...differing("--scale", weights.scale, usual.weights.scale),
    ...differing("--granularity", weights.granularity, usual.weights.granularity),
    ...(weights.symmetric ? ["--symmetric"] : []),
    ...(weights.firstLastBits === null ? ["--first-last-bits", "common"] : []),
    ...(weights.overrides ?? []).flatMap(({ layers, bits }) => ["--layer", `${layers}=${bits}`]),
    ...activationWords(activations),
    ...differing("--method", recipe.method, usual.method),
    ...differing("--unit", recipe.unit, usual.unit),
    ...differing("--loss", recipe.loss, usual.loss),
    ...differing("--inputs", recipe.inputs, usual.inputs),
    ...schedule,
    ...differing("--regularizer", recipe.regularizer, usual.regularizer),
    ...differing("--batch", recipe.batch, usual.batch),
    ...differing("--seed", recipe.seed, usual.seed),
    ...differing("--cache", recipe.cache, usual.cache),
    ...differing("--device", recipe.device, usual.device),
  ];
}

/** After a preset, which sets all of it, rates and iterations once more where they are others. */
function scheduleWords({ iterations, learningRate, annealing, activations }: Recipe): string[] | null {
  const fitting = PRESET_NAMES.filter((name) => same(PRESETS[name].annealing, annealing));
  const preset = fitting.find((name) => PRESETS[name].iterations === iterations) ?? (fitting.includes("standard") ? "standard" : fitting[0]);
  if (!preset) return null;
  const { iterations: steps, learningRate: rate } = PRESETS[preset];
  const own = steps === iterations && rate === learningRate ? [] : ["--iterations", String(iterations), "--learning-rate", String(learningRate)];
  // A preset would overrule what the options say of activations.
  const overruled = preset !== "standard" && activations && !same(pick(activations), PRESETS[preset].activations);
  if (overruled) return null;
  return [...(preset === "standard" ? [] : ["--preset", preset]), ...own];
}

const pick = ({ iterations, learningRate }: NonNullable<Recipe["activations"]>) => ({ iterations, learningRate });

function activationWords(activations: Recipe["activations"]): string[] {
  if (!activations) return [];
  const usual = activationDefaults();
  return [
    ...["--activations", String(activations.bits)],
    ...(activations.scale === usual.scale ? [] : ["--activation-scale", activations.scale]),
    ...(activations.lastInputBits === null ? ["--last-input-bits", "common"] : []),
    ...(same(pick(activations), pick(usual))
      ? []
      : ["--activation-iterations", String(activations.iterations), "--activation-rate", String(activations.learningRate)]),
    ...(activations.learn ? [] : ["--no-learn"]),
  ];
}
