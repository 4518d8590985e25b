/** Files in the form: what a result's settings do to them, what a refused one leaves, and guesses. */
import { describe, expect, test } from "vitest";
import { effortOf, expectedSeconds } from "../../../src/app/recipe/effort";
import { guessPreprocessing } from "../../../src/app/recipe/guess";
import { type FormState, restored } from "../../../src/app/state/files";
import { PendingFiles } from "../../../src/app/state/pending-files";
import { EMPTY, type View } from "../../../src/app/state/view";
import type { FileRole } from "../../../src/session/inputs/sources";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import { presetFields } from "../../../src/session/recipe/presets";
import type { Recipe } from "../../../src/session/recipe/recipe";
import type { Report } from "../../../src/session/run/report";
import type { SentFiles } from "../../../src/session/worker/protocol";

const own = (name: string): Recipe["calibration"] => ({ kind: "files", name, sha256: null, count: null });

test("a result's settings come back; files that are given stay, and what changes no result too", () => {
  const result: Recipe = { ...demoRecipe(), seed: 5, memory: 64 };
  const form: Recipe = { ...demoRecipe(), seed: 9, memory: 32, calibration: own("mine"), evaluation: null };
  const next = restored(result, { recipe: form, files: { model: null, calibration: "mine", evaluation: null } });
  expect(next.recipe).toEqual({ ...demoRecipe(), seed: 5, memory: 32 });
  expect(next.files.calibration).toBeNull();
  const ofFiles = restored({ ...result, calibration: own("mine") }, { recipe: form, files: { model: null, calibration: "mine", evaluation: null } });
  expect(ofFiles.recipe.calibration).toEqual(own("mine"));
  expect(ofFiles.files.calibration).toBe("mine");
});

describe("a chosen file that cannot be taken", () => {
  function lab() {
    const good: SentFiles = { name: "good", files: [] };
    const given = new Map<FileRole, SentFiles>([["calibration", good]]);
    let state: FormState & { readonly view: View } = {
      recipe: { ...demoRecipe(), calibration: own("good") },
      files: { model: null, calibration: "good", evaluation: null },
      refused: {},
      builtinImagesWanted: false,
      preprocessingAssumed: false,
      view: EMPTY,
    };
    let checks = 0;
    const client = {
      given,
      give: (role: FileRole, files: SentFiles | null) => void (files ? given.set(role, files) : given.delete(role)),
    };
    const pending = new PendingFiles({
      get: () => state,
      set: (change) => {
        state = { ...state, ...change };
      },
      check: () => checks++,
      client,
    });
    const choose = (name: string) => {
      pending.begin("calibration");
      client.give("calibration", { name, files: [] });
      state = { ...state, recipe: { ...state.recipe, calibration: own(name) }, files: { ...state.files, calibration: name } };
    };
    return { pending, choose, given, state: () => state, checks: () => checks };
  }
  const preview = (unreadable: boolean) => ({ type: "preview", role: "calibration", preview: { error: "cut off", unreadable } }) as const;

  test("leaves the good one, says why at its field, and is told until it is read", () => {
    const { pending, choose, given, state, checks } = lab();
    choose("bad.zip");
    pending.settle([{ type: "state", state: "ready" }, preview(true)]);
    expect([state().files.calibration, state().recipe.calibration.name, given.get("calibration")?.name]).toEqual(["good", "good", "good"]);
    expect(state().refused.calibration).toEqual({ name: "bad.zip", message: "cut off" });
    expect(checks()).toBe(1);
    pending.settle([{ type: "state", state: "ready" }]);
    expect(state().view.error).toBe("cut off");
  });

  test("two bad ones after another leave the good one, and images that only fit badly stay", () => {
    const { pending, choose, state } = lab();
    choose("bad.zip");
    choose("worse.zip");
    pending.settle([preview(true)]);
    expect(state().files.calibration).toBe("good");
    choose("small.zip");
    pending.settle([preview(false)]);
    expect(state().files.calibration).toBe("small.zip");
    // Settled: a later error of another kind does not bring the old one back.
    pending.settle([preview(true)]);
    expect(state().files.calibration).toBe("small.zip");
  });
});

test("a preprocessing is guessed from a network's origin and form, and from nothing else", () => {
  const file = (name: string, from?: string) => ({ kind: "file", name, sha256: null, from }) as const;
  const imagenet = { input: [224, 224, 3], classes: 1000 };
  expect(guessPreprocessing(file("a.onnx"), imagenet)).toEqual({ preset: "torchvision", reason: "imagenet" });
  expect(guessPreprocessing(file("model.json"), imagenet)).toEqual({ preset: "keras-tf", reason: "keras" });
  expect(guessPreprocessing(file("model.onnx", "hub:timm/x@0/model.onnx"), imagenet)?.preset).toBe("timm");
  expect(guessPreprocessing(file("yolox_s.onnx"), { input: [640, 640, 3], classes: 80 })?.preset).toBe("yolox");
  expect(guessPreprocessing(file("cifar.onnx"), { input: [32, 32, 3], classes: 10 })).toBeNull();
  expect(guessPreprocessing(demoRecipe().model, imagenet)).toBeNull();
});

test("a preset is told from its fields, and its time from a run at the same pace", () => {
  const recipe = demoRecipe();
  expect(effortOf(recipe)).toBe("standard");
  expect(effortOf({ ...recipe, ...presetFields("published", recipe.activations) })).toBe("published");
  expect(effortOf({ ...recipe, iterations: 251 })).toBeNull();
  const unit = { phase: "weights", iterations: 250, seconds: 2, reused: false };
  const report = { recipe, units: [unit, unit], seconds: { total: 7 } } as unknown as Report;
  expect(expectedSeconds({ ...recipe, iterations: 500 }, report)).toBe(11);
  expect(expectedSeconds({ ...recipe, batch: 64 }, report)).toBeNull();
  expect(expectedSeconds({ ...recipe, method: "nearest" }, report)).toBeNull();
  expect(expectedSeconds(recipe, null)).toBeNull();
});
