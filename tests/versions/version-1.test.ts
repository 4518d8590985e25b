/**
 * Version 1 still works: links, recipes, experiments and reports as the lab of version 1 wrote them (in v1/), read by
 * today's. What they left out has version 1's defaults. That the arithmetic gives the bits of then is arithmetic.test.ts's.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseExperiment, rowsOf } from "../../src/session/experiments/experiment";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { upgradeRecipe } from "../../src/session/recipe/versions";
import { readLink } from "../../src/session/share/link";

const text = (name: string) => readFileSync(fileURLToPath(new URL(`v1/${name}`, import.meta.url)), "utf8");
const json = (name: string) => JSON.parse(text(name));

/** A version 1 recipe as it means today. */
const upgraded = (old: unknown) => parseRecipe(old, "v1");

describe("version 1", () => {
  test("a recipe keeps the defaults of its time", () => {
    expect(parseRecipe(json("recipe.json"), "recipe.json")).toEqual(upgraded({ ...json("recipe-completed.json"), device: "auto" }));
    const { iterations, learningRate, annealing, inputs, weights, activations } = parseRecipe(json("recipe.json"), "recipe.json");
    expect({ iterations, learningRate, from: annealing.from, inputs }).toEqual({
      iterations: 500,
      learningRate: 0.04,
      from: 20,
      inputs: "quantized",
    });
    expect([weights.firstLastBits, activations?.lastInputBits]).toEqual([8, 8]);
  });

  test("every field has one name today, and no value is lost", () => {
    for (const { recipe } of json("fingerprints.json")) {
      const { asym, version: _version, weights, activations, ...rest } = recipe;
      const { ends, ...weightRest } = weights;
      const { inputs, weights: own, activations: ownActivations, version, ...today } = upgraded(recipe);
      expect(version).toBe(2);
      expect(today).toEqual(rest);
      expect(inputs).toBe(asym ? "quantized" : "full");
      expect(own).toEqual({ ...weightRest, firstLastBits: ends ? 8 : null });
      if (!activations) expect(ownActivations).toBeNull();
      else {
        const { ends: last, ...activationRest } = activations;
        expect(ownActivations).toEqual({ ...activationRest, lastInputBits: last === "right" ? 8 : null });
      }
    }
  });

  test("a link opens, with its fingerprint", async () => {
    const report = json("report.json");
    expect(await readLink(new URL(text("link.txt")).hash)).toMatchObject({ recipe: upgraded(report.recipe), fingerprint: report.fingerprint });
    expect(await readLink(new URL(text("link-without-fingerprint.txt")).hash)).toMatchObject({ recipe: upgraded(report.recipe), fingerprint: null });
  });

  test("an experiment expands to the same rows and runs, its paths and values renamed, in grid and cases", () => {
    const rows = rowsOf(parseExperiment(json("experiment.json"), "experiment.json", withoutVersion(upgraded(baseOf()))));
    const old = json("experiment-rows.json");
    expect(rows).toHaveLength(old.rows.length);
    const recipes = rows.flatMap((row) => row.recipes.map((recipe) => JSON.stringify({ ...recipe, device: "wasm" })));
    const expected = old.runs.map(({ recipe }: { recipe: unknown }) => JSON.stringify({ ...upgraded(recipe), device: "wasm" }));
    const sorted = (list: string[]) => list.map((one) => JSON.stringify(Object.entries(JSON.parse(one)).sort())).sort();
    expect(sorted(recipes)).toEqual(sorted(expected));
    expect(Object.keys(rows[0]?.settings ?? {}).sort()).toEqual(["inputs", "weights.firstLastBits"]);
  });

  test("the recipe in a kept report is read like any other", () => {
    const { recipe } = json("kept-run.json");
    expect(upgraded(recipe)).toMatchObject({ inputs: "full", weights: { firstLastBits: null }, activations: { lastInputBits: null } });
  });

  test("a wrong value under an old name is refused by that name", () => {
    expect(() => upgradeRecipe({ ...json("recipe.json"), asym: "yes" }, "old.json")).toThrow(
      'old.json: asym is not valid: expected true or false, found "yes".',
    );
  });
});

/** What the experiment of v1/ was run over: the demo's network, test images and preprocessing. */
function baseOf(): Record<string, unknown> {
  const [first] = json("experiment-rows.json").runs as { recipe: Record<string, unknown> }[];
  const { version, model, evaluation, preprocessing, calibration } = first?.recipe ?? {};
  return { version, model, evaluation, preprocessing, calibration, weights: { bits: 4 } };
}

function withoutVersion({ model, evaluation, preprocessing }: Recipe): Record<string, unknown> {
  return { model, evaluation, preprocessing };
}
