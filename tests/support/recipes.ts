/** Recipes of all that the schema allows, for properties that hold of every one. */
import fc from "fast-check";
import { STORAGES } from "../../src/engine/storage";
import { METHOD_NAMES } from "../../src/quantize/methods/catalog";
import { BATCHES, DECAYS, GRANULARITIES, LOSS_KINDS, SCALE_METHODS, UNIT_INPUTS } from "../../src/quantize/settings";
import { BUILTIN_MODELS, RECIPE_VERSION, type Recipe, UNIT_KINDS } from "../../src/session/recipe/recipe";

const bits = fc.integer({ min: 2, max: 8 });
const name = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
const sha256 = fc.option(fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }));
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
/** A name that an object may have as a key of its own. */
const layer = name.filter((text) => text !== "__proto__");
const assignment = fc.option(fc.dictionary(layer, bits, { maxKeys: 12 }));
const size = fc.tuple(fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 1, max: 4096 }));
const from = fc.option(oneOf(["https://example.org/a%20b.onnx", "https://example.org:8443/x.npz?y=1"]), { nil: undefined });

/** Without the optional fields that are absent, as they are written. */
function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

const model = fc.oneof(
  fc.record({ kind: fc.constant("builtin" as const), name: oneOf(BUILTIN_MODELS) }),
  fc.record({ kind: fc.constant("file" as const), name, sha256, from }).map(present),
);

const images = fc.oneof(
  fc.record({
    ...{ kind: fc.constant("builtin" as const), name: fc.constant("shapes" as const), split: oneOf(["calibration", "test"] as const) },
    ...{ count: fc.integer({ min: 1, max: 20_000 }), seed: fc.nat() },
  }),
  fc.record({ kind: fc.constant("files" as const), name, sha256, count: fc.option(fc.integer({ min: 1, max: 1e6 })), from }).map(present),
);

const channels = (min: number) => fc.array(number(min, 8), { minLength: 1, maxLength: 3 });

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  version: fc.constant(RECIPE_VERSION),
  ...{ model, calibration: images, evaluation: fc.option(images) },
  preprocessing: fc.record({
    resize: fc.option(fc.oneof(fc.integer({ min: 1, max: 4096 }), size)),
    crop: fc.option(size),
    ...{ mean: channels(-8), std: channels(1e-6), channelOrder: oneOf(["rgb", "bgr"] as const) },
  }),
  weights: fc
    .record({
      ...{ bits, scale: oneOf(SCALE_METHODS), granularity: oneOf(GRANULARITIES), symmetric: fc.boolean() },
      ...{ firstLastBits: oneOf([8, null] as const), assignment },
      overrides: fc.option(
        fc.array(fc.record({ layers: name, bits: fc.oneof(bits, fc.constant("float" as const)) }), { minLength: 1, maxLength: 6 }),
        { nil: undefined },
      ),
    })
    .map(present),
  activations: fc.option(
    fc.record({
      ...{ bits, scale: oneOf(SCALE_METHODS), lastInputBits: oneOf([8, null] as const), assignment, learn: fc.boolean() },
      ...{ iterations: fc.integer({ min: 1, max: 100_000 }), learningRate: number(1e-9, 1) },
    }),
  ),
  ...{ method: oneOf(METHOD_NAMES), unit: oneOf(UNIT_KINDS), loss: oneOf(LOSS_KINDS), inputs: oneOf(UNIT_INPUTS) },
  ...{ iterations: fc.integer({ min: 1, max: 100_000 }), learningRate: number(1e-9, 10), regularizer: number(0, 100) },
  annealing: fc.record({
    ...{ decay: oneOf(DECAYS), warmup: number(0, 0.99), from: number(1, 100), to: number(1, 100), batches: oneOf(BATCHES) },
  }),
  ...{ batch: fc.integer({ min: 1, max: 1024 }), seed: fc.nat(4_294_967_295) },
  ...{ device: oneOf(["auto", "wasm", "webgpu"] as const), threads: fc.option(fc.integer({ min: 1, max: 64 })) },
  ...{ memory: fc.option(fc.integer({ min: 1, max: 1e6 })), cache: oneOf(STORAGES), diagnose: fc.boolean() },
});
