/**
 * The recipe: everything that decides a result, as versioned JSON. The page's controls, the command line's options and a
 * share link are three ways to write one. schema.ts says what it may hold, versions.ts how older ones are read.
 */
import type { Preprocessing } from "../../data/preprocess";
import type { DeviceKind } from "../../engine/device";
import type { Storage } from "../../engine/storage";
import { UNIT_KINDS, type UnitKind } from "../../passes/unit-kinds";
import type { LayerOverrides } from "../../quantize/layer-widths";
import { METHOD_CATALOG, type MethodName } from "../../quantize/methods/catalog";
import type { Annealing, Granularity, LossKind, ScaleMethod, UnitInputs } from "../../quantize/settings";

export { UNIT_KINDS, type UnitKind };

/** Raised when fields are renamed or defaults change; versions.ts then learns to read the one before. */
export const RECIPE_VERSION = 2 as const;

export type ModelRecipe =
  | { readonly kind: "builtin"; readonly name: BuiltinModel }
  /** `sha256` is null before the file is read; `from` is its address on the web (session/web/address), where it has one. */
  | { readonly kind: "file"; readonly name: string; readonly sha256: string | null; readonly from?: string | undefined };

export type ImagesRecipe =
  /** The procedural data set. */
  | { readonly kind: "builtin"; readonly name: "shapes"; readonly split: "calibration" | "test"; readonly count: number; readonly seed: number }
  /** `count` takes that many from the first; null takes all. */
  | {
      readonly kind: "files";
      readonly name: string;
      readonly sha256: string | null;
      readonly count: number | null;
      readonly from?: string | undefined;
    };

export const BUILTIN_MODELS = ["shapes-resnet14", "shapes-mobilenet", "shapes-mobilenet-bn", "shapes-regnet"] as const;
export type BuiltinModel = (typeof BUILTIN_MODELS)[number];

export interface Recipe {
  readonly version: typeof RECIPE_VERSION;
  readonly model: ModelRecipe;
  readonly calibration: ImagesRecipe;
  /** Null evaluates agreement on the calibration images. */
  readonly evaluation: ImagesRecipe | null;
  readonly preprocessing: Preprocessing;
  readonly weights: {
    readonly bits: number;
    readonly scale: ScaleMethod;
    /** A scale for each output channel, or one for the kernel. */
    readonly granularity: Granularity;
    readonly symmetric: boolean;
    /** Bits of the first and the last layer; null gives them the common bit width. */
    readonly firstLastBits: 8 | null;
    /** Bit widths of single layers by name, over the common one; what a search found. */
    readonly assignment: Readonly<Record<string, number>> | null;
    /** Widths, or float, of layers by name or pattern, over all of the above; absent where there are none. */
    readonly overrides?: LayerOverrides | undefined;
  };
  /** Null leaves activations at full precision. */
  readonly activations: {
    readonly bits: number;
    readonly scale: ScaleMethod;
    /** Bits of the last layer's input; null gives it the common bit width, as the published release has it in residual networks. */
    readonly lastInputBits: 8 | null;
    /** Bit widths of single values, by the layer that reads them first, over the common ones; what a search found. */
    readonly assignment: Readonly<Record<string, number>> | null;
    /** Whether methods that train also train the scales (LSQ). */
    readonly learn: boolean;
    readonly iterations: number;
    readonly learningRate: number;
  } | null;
  readonly method: MethodName;
  readonly unit: UnitKind;
  readonly loss: LossKind;
  /** Where a unit's inputs come from while it is reconstructed: the network quantized so far, or full precision. */
  readonly inputs: UnitInputs;
  readonly iterations: number;
  readonly learningRate: number;
  /** Weight of the rounding regularizer. */
  readonly regularizer: number;
  /** How roundings are led from free to settled. */
  readonly annealing: Annealing;
  readonly batch: number;
  readonly seed: number;
  readonly device: "auto" | DeviceKind;
  /** Of the wasm device; null for one a core. Never changes the result. */
  readonly threads: number | null;
  /** Of device memory, in MiB; null for the device's default. Never changes the result. */
  readonly memory: number | null;
  /** How cached activations are stored: singles, or halves at half the memory. */
  readonly cache: Storage;
  /** Whether accuracy is measured with each unit alone quantized, and with all but each. Never changes the result. */
  readonly diagnose: boolean;
}

/** What is read, and where it is computed: all that a forward pass needs. */
export type RecipeInputs = Pick<Recipe, "model" | "calibration" | "evaluation" | "preprocessing" | "device" | "threads" | "memory">;

/** What a recipe's method works on at once: the recipe's unit, or single layers. */
export function workingUnit({ method, unit }: Pick<Recipe, "method" | "unit">): UnitKind {
  return METHOD_CATALOG[method].optimizes === "unit" ? unit : "layer";
}
