/**
 * What a recipe may hold, with the defaults of what it leaves out. Published as public/recipe.schema.json
 * (scripts/write-schema.mjs).
 */

import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import { STORAGES } from "../../engine/storage";
import { UNIT_KINDS } from "../../passes/unit-kinds";
import { METHOD_NAMES } from "../../quantize/methods/catalog";
import { BATCHES, DECAYS, GRANULARITIES, LOSS_KINDS, SCALE_METHODS, UNIT_INPUTS } from "../../quantize/settings";
import { isWebAddress } from "../web/address";
import { ACTIVATION_DEFAULTS, PREPROCESSING_DEFAULTS, RECIPE_DEFAULTS, WEIGHT_DEFAULTS } from "./defaults";
import { BUILTIN_MODELS, RECIPE_VERSION, type Recipe, type RecipeInputs } from "./recipe";
import { upgradeRecipe } from "./versions";

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
  mean: perChannel.default([...PREPROCESSING_DEFAULTS.mean]).describe("By channel, of pixels scaled to 0..1"),
  std: perChannel.refine((values) => values.every((value) => value > 0), "expected positive numbers").default([...PREPROCESSING_DEFAULTS.std]),
  channelOrder: z.enum(["rgb", "bgr"]).default(PREPROCESSING_DEFAULTS.channelOrder),
});

const activations = z.strictObject({
  bits: z.int().min(2).max(8),
  scale: z.enum(SCALE_METHODS).default(ACTIVATION_DEFAULTS.scale),
  lastInputBits: z
    .literal(8)
    .nullable()
    .default(ACTIVATION_DEFAULTS.lastInputBits)
    .describe("Bits of the last layer's input; null gives it the common bit width, as the published release has it"),
  assignment: z
    .record(z.string(), z.int().min(2).max(8))
    .nullable()
    .default(null)
    .describe("Bits of what single layers read, by the layer's name, over the common ones"),
  learn: z.boolean().default(ACTIVATION_DEFAULTS.learn).describe("Whether methods that train also train the scales (LSQ)"),
  iterations: z.int().min(1).max(100000).default(ACTIVATION_DEFAULTS.iterations).describe("Of that training, for each unit"),
  learningRate: z.number().positive().max(1).default(ACTIVATION_DEFAULTS.learningRate).describe("Adam's, falling to 0 along a cosine"),
});

const recipeObject = z.strictObject({
  version: z.literal(RECIPE_VERSION),
  model: z.discriminatedUnion("kind", [builtinModel, fileModel]),
  calibration: images,
  evaluation: images.nullable().default(null).describe("Null evaluates agreement on the calibration images"),
  preprocessing: preprocessing.prefault({}),
  weights: z
    .strictObject({
      bits: z.int().min(2).max(8),
      scale: z.enum(SCALE_METHODS).default(WEIGHT_DEFAULTS.scale),
      granularity: z.enum(GRANULARITIES).default(WEIGHT_DEFAULTS.granularity).describe("A scale for each output channel, or one for the kernel"),
      symmetric: z.boolean().default(WEIGHT_DEFAULTS.symmetric).describe("Whether the quantized range reaches equally far to both sides of zero"),
      firstLastBits: z
        .literal(8)
        .nullable()
        .default(WEIGHT_DEFAULTS.firstLastBits)
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
  method: z.enum(METHOD_NAMES).default(RECIPE_DEFAULTS.method),
  unit: z.enum(UNIT_KINDS).default(RECIPE_DEFAULTS.unit),
  loss: z.enum(LOSS_KINDS).default(RECIPE_DEFAULTS.loss),
  inputs: z
    .enum(UNIT_INPUTS)
    .default(RECIPE_DEFAULTS.inputs)
    .describe("A unit's inputs while it is reconstructed: of the network quantized so far, or of full precision"),
  iterations: z.int().min(1).max(100000).default(RECIPE_DEFAULTS.iterations),
  learningRate: z.number().positive().max(10).default(RECIPE_DEFAULTS.learningRate),
  regularizer: z.number().min(0).max(100).default(RECIPE_DEFAULTS.regularizer),
  annealing: z
    .strictObject({
      decay: z.enum(DECAYS).default(RECIPE_DEFAULTS.annealing.decay).describe("How the learning rate falls towards 0"),
      warmup: z.number().min(0).max(0.99).default(RECIPE_DEFAULTS.annealing.warmup).describe("Share of the iterations without the regularizer"),
      from: z.number().min(1).max(100).default(RECIPE_DEFAULTS.annealing.from).describe("The regularizer's exponent when it sets in"),
      to: z.number().min(1).max(100).default(RECIPE_DEFAULTS.annealing.to).describe("Its exponent at the end"),
      batches: z
        .enum(BATCHES)
        .default(RECIPE_DEFAULTS.annealing.batches)
        .describe("Each batch drawn anew, or all images once before any comes again"),
    })
    .prefault({})
    .describe("How roundings are led from free to settled"),
  batch: z.int().min(1).max(1024).default(RECIPE_DEFAULTS.batch),
  seed: z.int().min(0).max(4294967295).default(RECIPE_DEFAULTS.seed),
  device: z.enum(["auto", "wasm", "webgpu"]).default(RECIPE_DEFAULTS.device),
  cache: z.enum(STORAGES).default(RECIPE_DEFAULTS.cache).describe("How cached activations are stored: f16 halves their memory and rounds them"),
  memory: z.int().min(1).nullable().default(null).describe("Device memory to use, in MiB; null for the device's default. Never changes the result"),
  diagnose: z
    .boolean()
    .default(RECIPE_DEFAULTS.diagnose)
    .describe("Whether accuracy is measured with each unit alone quantized, and with all but each"),
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

/** The published JSON schema: what a recipe may say, with defaults for what it leaves out. */
export function recipeJsonSchema(): unknown {
  return { title: "BRECQ Lab recipe", ...z.toJSONSchema(recipeSchema, { io: "input" }) };
}
