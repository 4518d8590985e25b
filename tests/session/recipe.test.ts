import { describe, expect, test } from "vitest";
import { activationDefaults, demoRecipe, PREPROCESSING_DEFAULTS, RECIPE_DEFAULTS, WEIGHT_DEFAULTS } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { sampleCurve } from "../../src/session/run/report";
import { hashNetwork } from "../../src/session/share/compute-fingerprint";
import { readLink, writeLink } from "../../src/session/share/link";
import { sharedRecipe } from "../../src/session/share/shared";

describe("recipes", () => {
  test("what is missing takes its default", () => {
    const recipe = parseRecipe(
      { version: 2, model: { kind: "file", name: "a.onnx" }, calibration: { kind: "files", name: "c" }, weights: { bits: 3 } },
      "r",
    );
    expect(recipe).toMatchObject({
      unit: "block",
      loss: "mse",
      inputs: "quantized",
      iterations: 250,
      learningRate: 0.2,
      batch: 32,
      device: "auto",
      evaluation: null,
    });
  });

  test("the constants that the page starts from are what the schema makes of a recipe that leaves all else out", () => {
    const { version, model, calibration, evaluation, preprocessing, weights } = demoRecipe();
    const { mean, std } = preprocessing;
    expect(demoRecipe()).toEqual(
      parseRecipe({ version, model, calibration, evaluation, preprocessing: { mean, std }, weights: { bits: weights.bits } }, "demo"),
    );
    expect(parseRecipe({ version, model, calibration, weights: { bits: 3 } }, "r")).toEqual({
      version,
      model,
      calibration,
      preprocessing: PREPROCESSING_DEFAULTS,
      weights: { bits: 3, ...WEIGHT_DEFAULTS },
      ...RECIPE_DEFAULTS,
    });
    expect(parseRecipe({ ...demoRecipe(), activations: { bits: 8 } }, "r").activations).toEqual(activationDefaults());
  });

  test("widths of single layers are optional, ordered, and travel in links", async () => {
    const given = (overrides: unknown) => parseRecipe({ ...demoRecipe(), weights: { bits: 2, overrides } }, "r.json");
    expect("overrides" in demoRecipe().weights).toBe(false);
    const overrides = [
      { layers: "layer1.*", bits: "float" },
      { layers: "layer1.0/conv1", bits: 3 },
    ];
    const recipe = given(overrides);
    expect(recipe.weights.overrides).toEqual(overrides);
    const link = writeLink("https://lab.example/", sharedRecipe(recipe, 2), null);
    expect((await readLink(new URL(link).hash))?.recipe).toEqual(recipe);
    for (const [wrong, message] of [
      [[{ layers: "a", bits: 9 }], /^r\.json: weights\.overrides\.0\.bits is not valid: .*<=8/],
      [[{ layers: "a", bits: "int" }], /bits is not valid: expected 2 to 8 or "float"/],
      [[{ layers: "", bits: 4 }], /weights\.overrides\.0\.layers/],
      [[{ layers: "a", bits: 4, scale: "max" }], /weights\.overrides\.0/],
      [[], /weights\.overrides is not valid: expected one at least; leave the field out/],
    ] as const)
      expect(() => given(wrong)).toThrow(message);
  });

  test("what is wrong is named", () => {
    const wrong = (change: object) => () => parseRecipe({ ...demoRecipe(), ...change }, "r.json");
    expect(wrong({ weights: { bits: 9 } })).toThrow(/^r\.json: weights\.bits is not valid/);
    expect(wrong({ unit: "row" })).toThrow(/unit is not valid/);
    expect(wrong({ bits: 3 })).toThrow(/bits/);
    expect(wrong({ preprocessing: { std: [0] } })).toThrow(/preprocessing\.std.*positive/);
    expect(wrong({ version: 3 })).toThrow(/version/);
  });
});

describe("fingerprints", () => {
  test("one different weight, bias or scale changes the hash", async () => {
    const of = (weight: number, bias: number, scale: number) =>
      hashNetwork({
        kernels: new Map([["conv", Float32Array.of(1, weight)]]),
        biases: new Map([["conv", Float32Array.of(bias)]]),
        quantizers: new Map([["relu", { bits: 4, scale, zero: 0 }]]),
      });
    expect(await of(0.5, 2, 0.1)).toBe(await of(0.5, 2, 0.1));
    expect(await of(0, 2, 0.1)).toBe(await of(-0, 2, 0.1));
    const hashes = await Promise.all([of(0.5, 2, 0.1), of(0.6, 2, 0.1), of(0.5, 3, 0.1), of(0.5, 2, 0.2)]);
    expect(new Set(hashes).size).toBe(4);
  });
});

test("a sampled curve keeps its ends", () => {
  const curve = sampleCurve(
    Float32Array.from({ length: 1000 }, (_, i) => i),
    10,
  );
  expect(curve).toHaveLength(10);
  expect(curve[0]).toEqual([1, 0]);
  expect(curve.at(-1)).toEqual([1000, 999]);
});
