/**
 * The recipe: everything that decides a result, as versioned JSON. The page's controls, the command line's
 * options and a share link are three ways to write one. Its schema is published as
 * public/recipe.schema.json (scripts/write-schema.mjs).
 */
import { z } from "zod";
import { BadInput } from "../../base/errors";
import type { Preprocessing } from "../../data/preprocess";
import type { DeviceKind } from "../../engine/device";
import { STORAGES, type Storage } from "../../engine/storage";
import { UNIT_KINDS, type UnitKind } from "../../passes/partition";
import { METHOD_NAMES, METHODS, type MethodName } from "../../quantize/methods";
import { LOSS_KINDS, type LossKind } from "../../quantize/methods/method";
import { GRANULARITIES, type Granularity, SCALE_METHODS, type ScaleMethod } from "../../quantize/scale";
import { type Annealing, BATCHES, DECAYS, PRESETS, PUBLISHED_ANNEALING } from "../../quantize/training/schedule";

export type ModelRecipe =
  | { readonly kind: "builtin"; readonly name: BuiltinModel }
  /** `sha256` is null before the file is read. */
  | { readonly kind: "file"; readonly name: string; readonly sha256: string | null };

export type ImagesRecipe =
  /** The procedural data set. */
  | { readonly kind: "builtin"; readonly name: "shapes"; readonly split: "calibration" | "test"; readonly count: number; readonly seed: number }
  /** `count` takes that many from the first; null takes all. */
  | { readonly kind: "files"; readonly name: string; readonly sha256: string | null; readonly count: number | null };

export { UNIT_KINDS, type UnitKind };

export const BUILTIN_MODELS = ["shapes-resnet14", "shapes-mobilenet", "shapes-mobilenet-bn", "shapes-regnet"] as const;
export type BuiltinModel = (typeof BUILTIN_MODELS)[number];

export interface Recipe {
  readonly version: 1;
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
    /** Whether first and last layer stay at 8 bit. */
    readonly ends: boolean;
    /** Bits of single layers by name, over the common ones; what a search found. */
    readonly assignment: Readonly<Record<string, number>> | null;
  };
  /** Null leaves activations at full precision. */
  readonly activations: {
    readonly bits: number;
    readonly scale: ScaleMethod;
    /** Whether the last layer's input is 8 bit, or as the published release has it at the common width. */
    readonly ends: "right" | "release";
    /** Bits of single values, by the layer that reads them first, over the common ones; what a search found. */
    readonly assignment: Readonly<Record<string, number>> | null;
    /** Whether methods that train also train the scales (LSQ). */
    readonly learn: boolean;
    readonly iterations: number;
    readonly learningRate: number;
  } | null;
  readonly method: MethodName;
  readonly unit: UnitKind;
  readonly loss: LossKind;
  /** Whether a unit's input comes from the network quantized so far. */
  readonly asym: boolean;
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

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const builtinModel = z.strictObject({
  kind: z.literal("builtin"),
  name: z.enum(BUILTIN_MODELS).describe("A network that ships with the lab"),
});

const fileModel = z.strictObject({
  kind: z.literal("file"),
  name: z.string().min(1).describe("What the file was called"),
  sha256: sha256.nullable().default(null).describe("The file's content; null before it is read"),
});

const shapes = z.strictObject({
  kind: z.literal("builtin"),
  name: z.literal("shapes").describe("The procedural data set"),
  split: z.enum(["calibration", "test"]),
  count: z.int().min(1).max(20000),
  seed: z.int().min(0).default(0),
});

const files = z.strictObject({
  kind: z.literal("files"),
  name: z.string().min(1).describe("What the file or folder was called"),
  sha256: sha256.nullable().default(null),
  count: z.int().min(1).nullable().default(null).describe("How many images to use, from the first; null for all"),
});

const images = z.discriminatedUnion("kind", [shapes, files]);
const size = z.tuple([z.int().min(1), z.int().min(1)]);
const perChannel = z.array(z.number()).min(1).max(3);

const preprocessing = z.strictObject({
  resize: z
    .union([z.int().min(1), size])
    .nullable()
    .default(null)
    .describe("Shorter side, or [height, width]; null leaves the size"),
  crop: size.nullable().default(null).describe("Centre crop [height, width] after resizing"),
  mean: perChannel.default([0]).describe("By channel, of pixels scaled to 0..1"),
  std: perChannel.refine((values) => values.every((value) => value > 0), "expected positive numbers").default([1]),
  channelOrder: z.enum(["rgb", "bgr"]).default("rgb"),
});

const activations = z.strictObject({
  bits: z.int().min(2).max(8),
  scale: z.enum(SCALE_METHODS).default("mse"),
  ends: z.enum(["right", "release"]).default("right").describe("right: the last layer's input is 8 bit. release: it has the common width"),
  assignment: z
    .record(z.string(), z.int().min(2).max(8))
    .nullable()
    .default(null)
    .describe("Bits of what single layers read, by the layer's name, over the common ones"),
  learn: z.boolean().default(true).describe("Whether methods that train also train the scales (LSQ)"),
  iterations: z.int().min(1).max(100000).default(1000).describe("Of that training, for each unit"),
  learningRate: z.number().positive().max(1).default(4e-4).describe("Adam's, falling to 0 along a cosine"),
});

/** Activations at 8 bit, all else as published. */
export function activationDefaults(): NonNullable<Recipe["activations"]> {
  return activations.parse({ bits: 8 });
}

export const recipeSchema: z.ZodType<Recipe> = z.strictObject({
  version: z.literal(1),
  model: z.discriminatedUnion("kind", [builtinModel, fileModel]),
  calibration: images,
  evaluation: images.nullable().default(null).describe("Null evaluates agreement on the calibration images"),
  preprocessing: preprocessing.prefault({}),
  weights: z
    .strictObject({
      bits: z.int().min(2).max(8),
      scale: z.enum(SCALE_METHODS).default("mse"),
      granularity: z.enum(GRANULARITIES).default("channel").describe("A scale for each output channel, or one for the kernel"),
      symmetric: z.boolean().default(false).describe("Whether a grid reaches equally far to both sides of zero"),
      ends: z.boolean().default(true).describe("Whether first and last layer stay at 8 bit"),
      assignment: z
        .record(z.string(), z.int().min(2).max(8))
        .nullable()
        .default(null)
        .describe("Bits of single layers by name, over the common ones"),
    })
    .describe("Grids of the weights"),
  activations: activations.nullable().default(null).describe("Null leaves activations at full precision"),
  method: z.enum(METHOD_NAMES).default("brecq"),
  unit: z.enum(UNIT_KINDS).default("block"),
  loss: z.enum(LOSS_KINDS).default("mse"),
  asym: z.boolean().default(true).describe("Whether a unit's input comes from the network quantized so far"),
  iterations: z.int().min(1).max(100000).default(PRESETS.balanced.iterations),
  learningRate: z.number().positive().max(10).default(PRESETS.balanced.learningRate),
  regularizer: z.number().min(0).max(100).default(0.01),
  annealing: z
    .strictObject({
      decay: z.enum(DECAYS).default(PUBLISHED_ANNEALING.decay).describe("How the learning rate falls towards 0"),
      warmup: z.number().min(0).max(0.99).default(PUBLISHED_ANNEALING.warmup).describe("Share of the iterations without the regularizer"),
      from: z.number().min(1).max(100).default(PUBLISHED_ANNEALING.from).describe("The regularizer's exponent when it sets in"),
      to: z.number().min(1).max(100).default(PUBLISHED_ANNEALING.to).describe("Its exponent at the end"),
      batches: z.enum(BATCHES).default(PUBLISHED_ANNEALING.batches).describe("Each batch drawn anew, or all images once before any comes again"),
    })
    .prefault({})
    .describe("How roundings are led from free to settled"),
  batch: z.int().min(1).max(1024).default(32),
  seed: z.int().min(0).max(4294967295).default(0),
  device: z.enum(["auto", "wasm", "webgpu"]).default("auto"),
  cache: z.enum(STORAGES).default("f32").describe("How cached activations are stored: f16 halves their memory and rounds them"),
  memory: z.int().min(1).nullable().default(null).describe("Device memory to use, in MiB; null for the device's default. Never changes the result"),
  diagnose: z.boolean().default(false).describe("Whether accuracy is measured with each unit alone quantized, and with all but each"),
  threads: z.int().min(1).max(64).nullable().default(null).describe("Of the wasm device; null for one a core. Never changes the result"),
});

/** A complete recipe, or BadInput that names the field, what was expected and what was found. */
export function parseRecipe(value: unknown, source: string): Recipe {
  const result = recipeSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join(".") || "the recipe";
  throw new BadInput(`${source}: ${path} is not valid: ${issue?.message ?? "unknown problem"}.`);
}

/** The demo: the built-in network on the built-in images. */
export function demoRecipe(): Recipe {
  return parseRecipe(
    {
      version: 1,
      model: { kind: "builtin", name: "shapes-resnet14" },
      calibration: { kind: "builtin", name: "shapes", split: "calibration", count: 1024, seed: 0 },
      evaluation: { kind: "builtin", name: "shapes", split: "test", count: 2000, seed: 0 },
      preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      weights: { bits: 2 },
    },
    "demo",
  );
}

/** The published JSON schema: what a recipe may say, with defaults for what it leaves out. */
export function recipeJsonSchema(): unknown {
  return { title: "BRECQ Lab recipe", ...z.toJSONSchema(recipeSchema, { io: "input" }) };
}

/** What a recipe's method works on at once: the recipe's unit, or single layers. */
export function workingUnit({ method, unit }: Pick<Recipe, "method" | "unit">): UnitKind {
  return METHODS[method].works === "unit" ? unit : "layer";
}
