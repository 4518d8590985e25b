import { compareFingerprints, hashNetwork } from "../../src/session/share/fingerprint";
import { describe, expect, test } from "vitest";
import { demoRecipe, parseRecipe } from "../../src/session/recipe/schema";
import { sampleCurve } from "../../src/session/run/report";
import { readLink, writeLink } from "../../src/session/share/link";

const fingerprint = { top1: 91.25, agreement: 95.5, losses: [0.1, 0.25], rounding: "ab".repeat(32) };

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
      iterations: 150,
      learningRate: 0.3,
      batch: 32,
      device: "auto",
      evaluation: null,
    });
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

describe("share links", () => {
  test("carry recipe and fingerprint, and nothing else changes", () => {
    const link = writeLink("https://lab.example/page#old", { recipe: demoRecipe(), fingerprint });
    expect(link.startsWith("https://lab.example/page#run=")).toBe(true);
    expect(link.length).toBeLessThan(2000);
    expect(readLink(new URL(link).hash)).toEqual({ recipe: demoRecipe(), fingerprint });
    expect(readLink("#elsewhere")).toBeNull();
    expect(readLink("")).toBeNull();
  });

  test("a damaged link is refused", () => {
    const { hash } = new URL(writeLink("https://lab.example/", { recipe: demoRecipe(), fingerprint }));
    expect(() => readLink(hash.slice(0, hash.length / 2))).toThrow(/damaged|not valid/);
    expect(() => readLink("#run=xyz")).toThrow(/damaged/);
  });

  test("a rerun is compared field by field", () => {
    expect(compareFingerprints(fingerprint, fingerprint)).toEqual([]);
    const other = { ...fingerprint, top1: 90, losses: [0.1, 0.26], rounding: "cd".repeat(32) };
    expect(compareFingerprints(fingerprint, other)).toEqual([
      "top-1 is 90.00 % instead of 91.25 %",
      "1 of 2 unit losses differ, by 4.0 % at most",
      "the quantized network differs",
    ]);
  });

  test("one different weight, bias or scale changes the hash", () => {
    const of = (weight: number, bias: number, scale: number) =>
      hashNetwork({
        kernels: new Map([["conv", Float32Array.of(1, weight)]]),
        biases: new Map([["conv", Float32Array.of(bias)]]),
        quantizers: new Map([["relu", { bits: 4, scale, zero: 0 }]]),
      });
    expect(of(0.5, 2, 0.1)).toBe(of(0.5, 2, 0.1));
    expect(of(0, 2, 0.1)).toBe(of(-0, 2, 0.1));
    expect(new Set([of(0.5, 2, 0.1), of(0.6, 2, 0.1), of(0.5, 3, 0.1), of(0.5, 2, 0.2)]).size).toBe(4);
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
