/**
 * What a recipe may hold, with the defaults of what it leaves out. Published as public/recipe.schema.json
 * (scripts/write-schema.mjs).
 */

import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import { STORAGES } from "../../engine/storage";
import { UNIT_KINDS } from "../../passes/unit-kinds";
import { METHOD_NAMES } from "../../quantize/methods/catalog";
import { BATCHES, DECAYS, FIRST_LAST_BITS, GRANULARITIES, LOSS_KINDS, SCALE_METHODS, UNIT_INPUTS } from "../../quantize/settings";
import { isWebAddress } from "../web/address";
import { DEFAULT_PRESET, PRESETS } from "./presets";
import { BUILTIN_MODELS, RECIPE_VERSION, type Recipe, type RecipeInputs } from "./recipe";
import { upgradeRecipe } from "./versions";

const DEFAULTS = PRESETS[DEFAULT_PRESET];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const from = z
  .string()
  .max(2000)
  .refine(isWebAddress, "expected hub:OWNER/NAME@COMMIT/PATH, hub-dataset:OWNER/NAME@COMMIT/CONFIG/SPLIT[A:B] or an https URL")
  .optional()
  .describe("Where on the web it can be fetched: hub:OWNER/NAME@COMMIT/PATH, hub-dataset:OWNER/NAME@COMMIT/CONFIG/SPLIT[A:B] or an https URL");

const builtinModel = z.strictObject({
  kind: z.literal("builtin"),
  name: z.enum(BUILTIN_MODELS).describe("A network that ships with the lab"),
});

const fileModel = z.strictObject({
  kind: z.literal("file"),
  name: z.string().min(1).describe("What the file was called"),
  sha256: sha256.nullable().default(null).describe("The file's content; null before it is read"),
  from,
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
  from,
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
  lastInputBits: z
    .literal(8)
    .nullable()
    .default(8)
    .describe("Bits of the last layer's input; null gives it the common bit width, as the published release has it"),
  assignment: z
    .record(z.string(), z.int().min(2).max(8))
    .nullable()
    .default(null)
    .describe("Bits of what single layers read, by the layer's name, over the common ones"),
  learn: z.boolean().default(true).describe("Whether methods that train also train the scales (LSQ)"),
  iterations: z.int().min(1).max(100000).default(DEFAULTS.activations.iterations).describe("Of that training, for each unit"),
  learningRate: z.number().positive().max(1).default(DEFAULTS.activations.learningRate).describe("Adam's, falling to 0 along a cosine"),
});

/** Activations at 8 bit, all else as published. */
export function activationDefaults(): NonNullable<Recipe["activations"]> {
  return activations.parse({ bits: 8 });
}

const recipeObject = z.strictObject({
  version: z.literal(RECIPE_VERSION),
  model: z.discriminatedUnion("kind", [builtinModel, fileModel]),
  calibration: images,
  evaluation: images.nullable().default(null).describe("Null evaluates agreement on the calibration images"),
  preprocessing: preprocessing.prefault({}),
  weights: z
    .strictObject({
      bits: z.int().min(2).max(8),
      scale: z.enum(SCALE_METHODS).default("mse"),
      granularity: z.enum(GRANULARITIES).default("channel").describe("A scale for each output channel, or one for the kernel"),
      symmetric: z.boolean().default(false).describe("Whether the quantized range reaches equally far to both sides of zero"),
      firstLastBits: z
        .literal(8)
        .nullable()
        .default(FIRST_LAST_BITS)
        .describe("Bits of the first and the last layer; null gives them the common bit width"),
      assignment: z
        .record(z.string(), z.int().min(2).max(8))
        .nullable()
        .default(null)
        .describe("Bits of single layers by name, over the common ones"),
      overrides: z
        .array(
          z.strictObject({
            layers: z.string().min(1).max(300).describe("A layer's name, or a pattern in which * stands for any characters"),
            bits: z.union([z.int().min(2).max(8), z.literal("float")], 'expected 2 to 8 or "float"'),
          }),
        )
        .min(1, "expected one at least; leave the field out where there are none")
        .max(1000)
        .optional()
        .describe("Widths of layers by name or pattern over all of the above, float for layers that are not quantized; the last that fits counts"),
    })
    .describe("How weights are quantized"),
  activations: activations.nullable().default(null).describe("Null leaves activations at full precision"),
  method: z.enum(METHOD_NAMES).default("brecq"),
  unit: z.enum(UNIT_KINDS).default("block"),
  loss: z.enum(LOSS_KINDS).default("mse"),
  inputs: z
    .enum(UNIT_INPUTS)
    .default("quantized")
    .describe("A unit's inputs while it is reconstructed: of the network quantized so far, or of full precision"),
  iterations: z.int().min(1).max(100000).default(DEFAULTS.iterations),
  learningRate: z.number().positive().max(10).default(DEFAULTS.learningRate),
  regularizer: z.number().min(0).max(100).default(0.01),
  annealing: z
    .strictObject({
      decay: z.enum(DECAYS).default(DEFAULTS.annealing.decay).describe("How the learning rate falls towards 0"),
      warmup: z.number().min(0).max(0.99).default(DEFAULTS.annealing.warmup).describe("Share of the iterations without the regularizer"),
      from: z.number().min(1).max(100).default(DEFAULTS.annealing.from).describe("The regularizer's exponent when it sets in"),
      to: z.number().min(1).max(100).default(DEFAULTS.annealing.to).describe("Its exponent at the end"),
      batches: z.enum(BATCHES).default(DEFAULTS.annealing.batches).describe("Each batch drawn anew, or all images once before any comes again"),
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

export const recipeSchema: z.ZodType<Recipe> = recipeObject;

const inputsSchema: z.ZodType<RecipeInputs> = recipeObject.pick({
  model: true,
  calibration: true,
  evaluation: true,
  preprocessing: true,
  device: true,
  threads: true,
  memory: true,
});

/** A complete recipe from one of any version, or BadInput that names the field, what was expected and what was found. */
export function parseRecipe(value: unknown, source: string): Recipe {
  return valid(recipeSchema, upgradeRecipe(value, source), source);
}

/** What a recipe says of files and device, completed as a recipe is. @throws BadInput */
export function parseInputs(value: unknown, source: string): RecipeInputs {
  return valid(inputsSchema, value, source);
}

function valid<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join(".") || "the recipe";
  throw new BadInput(`${source}: ${path} is not valid: ${issue?.message ?? "unknown problem"}.`);
}

/** The demo: the built-in network on the built-in images. */
export function demoRecipe(): Recipe {
  return parseRecipe(
    {
      version: RECIPE_VERSION,
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
