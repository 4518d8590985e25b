/** From command-line options to a recipe. */

import { basename } from "node:path";
import { InvalidArgumentError } from "commander";
import { BadInput } from "../base/errors";
import type { LayerOverride, LayerOverrides } from "../quantize/layer-widths";
import { demoRecipe } from "../session/recipe/defaults";
import type { PresetName } from "../session/recipe/presets";
import { matchingRate, PRESET_NAMES, presetFields } from "../session/recipe/presets";
import type { Recipe } from "../session/recipe/recipe";
import { RECIPE_VERSION } from "../session/recipe/recipe";
import { parseRecipe } from "../session/recipe/schema";
import type { CheckpointOptions } from "./checkpoints";

export interface QuantizeOptions extends CheckpointOptions {
  /** True, or which of the built-in networks. */
  readonly demo?: boolean | string;
  readonly recipe?: string;
  readonly calibration?: string;
  readonly evaluate?: string;
  readonly mean?: number[];
  readonly std?: number[];
  readonly resize?: number[];
  readonly crop?: number[];
  readonly bgr?: boolean;
  /** The name of a preset, which the options above override. */
  readonly preprocessing?: string;
  readonly calibrationImages?: number;
  readonly weights?: number;
  readonly scale?: string;
  readonly granularity?: string;
  readonly symmetric?: boolean;
  readonly firstLastBits?: string;
  /** "PATTERN=BITS", in order. */
  readonly layer?: string[];
  readonly method?: string;
  readonly activations?: number;
  readonly activationScale?: string;
  readonly activationIterations?: number;
  readonly activationRate?: number;
  readonly lastInputBits?: string;
  readonly learn?: boolean;
  readonly diagnose?: boolean;
  readonly unit?: string;
  readonly loss?: string;
  readonly inputs?: string;
  readonly preset?: string;
  readonly iterations?: number;
  readonly learningRate?: number;
  readonly regularizer?: number;
  readonly batch?: number;
  readonly seed?: number;
  readonly device?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly cache?: string;
  readonly webCache?: string;
  readonly out?: string;
  readonly export: string[];
  readonly onnxContainer?: string;
  readonly proof?: boolean;
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("expected a number.");
  return value;
}

export function numbers(text: string): number[] {
  return text.split(",").map(number);
}

/** "8", or "common" for the common bit width. */
function eightOrCommon(flag: string, text: string): 8 | null {
  if (text === "8") return 8;
  if (text === "common") return null;
  throw new BadInput(`${flag} ${text} is unknown; choose 8, or common for the common bit width.`);
}

/** "PATTERN=BITS" or "PATTERN=float"; a layer's name may hold "=" itself. */
function layerOverride(text: string): LayerOverride {
  const at = text.lastIndexOf("=");
  const [layers, bits] = [text.slice(0, at), text.slice(at + 1).trim()];
  if (at < 1 || !/^([2-8]|float)$/.test(bits))
    throw new BadInput(
      `--layer ${text} is not PATTERN=BITS; expected a layer's name or a pattern with *, then 2 to 8 or float: --layer 'layer1.*=3'.`,
    );
  return { layers, bits: bits === "float" ? "float" : Number(bits) };
}

function images(path: string, count: number | undefined): object {
  return { kind: "files", name: basename(path), count: count ?? null };
}

function sizeOf(values: number[] | undefined): number | number[] | null {
  if (!values) return null;
  return values.length === 1 ? (values[0] as number) : values;
}

/** The recipe that the options describe; `base` is a recipe file's content, which options then change. */
export function recipeOf(model: string | undefined, options: QuantizeOptions, base: unknown): Recipe {
  const demo = Boolean(options.demo);
  if (!demo && !base && !model) throw new BadInput("Nothing to quantize: give MODEL.onnx with --calibration, or --demo, or --recipe FILE.");
  if (demo && model) throw new BadInput("--demo brings its own network; leave MODEL out.");
  const start: Record<string, unknown> = demo
    ? { ...demoRecipe(), ...(typeof options.demo === "string" ? { model: { kind: "builtin", name: options.demo } } : {}) }
    : base
      ? { ...parseRecipe(base, options.recipe ?? "recipe") }
      : { version: RECIPE_VERSION, weights: { bits: 4 } };
  Object.assign(start, inputSettings(model, options, start));
  if (!start.calibration)
    throw new BadInput(
      "Quantization needs images to calibrate on: give --calibration DATA (a folder of images, zip, .tar.gz, .npz, IDX or CIFAR .bin).",
    );
  const weights: Record<string, unknown> = { ...(start.weights as object) };
  if (options.weights !== undefined) weights.bits = options.weights;
  for (const key of ["scale", "granularity", "symmetric"] as const) if (options[key] !== undefined) weights[key] = options[key];
  if (options.firstLastBits !== undefined) weights.firstLastBits = eightOrCommon("--first-last-bits", options.firstLastBits);
  // After those of a recipe, so that they win over them.
  const own = (options.layer ?? []).map(layerOverride);
  if (own.length > 0) weights.overrides = [...((weights.overrides as LayerOverrides | undefined) ?? []), ...own];
  start.weights = weights;
  const activations = activationsOf(options, start.activations as Recipe["activations"] | undefined);
  if (activations) start.activations = activations;
  if (options.preset) {
    if (!PRESET_NAMES.includes(options.preset as PresetName))
      throw new BadInput(`--preset ${options.preset} is unknown; choose ${PRESET_NAMES.join(", ")}.`);
    Object.assign(start, presetFields(options.preset as PresetName, activations));
  }
  if (options.iterations !== undefined && options.learningRate === undefined) start.learningRate = matchingRate(options.iterations);
  for (const key of [
    "method",
    "diagnose",
    "unit",
    "loss",
    "inputs",
    "iterations",
    "learningRate",
    "regularizer",
    "batch",
    "seed",
    "device",
    "threads",
    "memory",
    "cache",
  ] as const)
    if (options[key] !== undefined) start[key] = options[key];
  return parseRecipe(start, "The command line");
}

/** What the options say about activations, over what the recipe says; null where neither quantizes them. */
function activationsOf(options: QuantizeOptions, base: Recipe["activations"] | undefined): object | null {
  const { activations: bits, activationScale: scale, activationIterations: iterations, activationRate: learningRate } = options;
  const lastInputBits = options.lastInputBits === undefined ? undefined : eightOrCommon("--last-input-bits", options.lastInputBits);
  const given: [string, unknown][] = Object.entries({ bits, scale, iterations, learningRate, lastInputBits }).filter(
    ([, value]) => value !== undefined,
  );
  if (options.learn === false) given.push(["learn", false]);
  if (!base && bits === undefined) {
    if (given.length > 0) throw new BadInput("Options for activations need their width: add --activations BITS.");
    return null;
  }
  return { ...base, ...Object.fromEntries(given) };
}

/** What the options say about network, images, preprocessing and device; the demo's where they name no model and `start` no images. */
export function inputSettings(
  model: string | undefined,
  options: QuantizeOptions,
  start: Readonly<Record<string, unknown>> | null = null,
): Record<string, unknown> {
  const demo = demoRecipe();
  const own: Record<string, unknown> = start || model ? {} : { model: demo.model, calibration: demo.calibration, evaluation: demo.evaluation };
  if (model) own.model = { kind: "file", name: basename(model) };
  if (options.calibration) own.calibration = images(options.calibration, options.calibrationImages);
  else if (options.calibrationImages !== undefined) {
    const base = own.calibration ?? start?.calibration;
    if (!base) throw new BadInput("--calibration-images needs images to count: add --calibration DATA.");
    own.calibration = { ...base, count: options.calibrationImages };
  }
  if (options.evaluate) own.evaluation = images(options.evaluate, undefined);
  // A preset says everything; options came to hold what it says, but for a crop that it does without.
  const preprocessing: Record<string, unknown> = options.preprocessing
    ? { crop: null }
    : { ...((start ?? (model ? {} : demo)).preprocessing as object | undefined) };
  if (options.mean) preprocessing.mean = options.mean;
  if (options.std) preprocessing.std = options.std;
  if (options.resize) preprocessing.resize = sizeOf(options.resize);
  if (options.crop) preprocessing.crop = options.crop.length === 1 ? [options.crop[0], options.crop[0]] : options.crop;
  if (options.bgr !== undefined) preprocessing.channelOrder = options.bgr ? "bgr" : "rgb";
  own.preprocessing = preprocessing;
  for (const key of ["device", "threads"] as const) if (options[key] !== undefined) own[key] = options[key];
  return own;
}
