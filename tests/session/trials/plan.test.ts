/** An experiment as trials: names that say what they are of, shards that share them out, a plan that cannot be changed by hand. */
import { expect, test } from "vitest";
import { parseExperiment } from "../../../src/session/experiments/experiment";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import { type Plan, planOf, planText, readPlan, trialName } from "../../../src/session/trials/plan";
import { parseShard, trialsIn } from "../../../src/session/trials/shard";

const NONE = { model: null, calibration: null, evaluate: null };
const experiment = (change: object = {}) =>
  parseExperiment(
    { version: 2, recipe: { ...demoRecipe(), device: "auto" }, grid: { "weights.bits": [2, 3], unit: ["layer", "block"] }, seeds: [0, 1], ...change },
    "e",
  );

test("a plan has a trial for each run; its device is settled, and it is read as it was written", async () => {
  const plan = await planOf(experiment(), NONE, null);
  expect(plan.trials.map(({ label, recipe }) => `${label}, ${recipe.seed}`)).toEqual(
    ["W2, layer", "W2, block", "W3, layer", "W3, block"].flatMap((label) => [`${label}, 0`, `${label}, 1`]),
  );
  expect(plan.trials.every(({ recipe }) => recipe.device === "wasm")).toBe(true);
  expect(plan.shards).toBe(8);
  expect(await readPlan(JSON.parse(planText(plan)), "plan.json")).toEqual(plan);
});

test("a trial's name follows all that its bits depend on, and nothing else", async () => {
  const recipe = demoRecipe();
  const name = await trialName(recipe);
  expect(name).toMatch(/^[0-9a-f]{16}$/);
  for (const same of [{ threads: 1 }, { memory: 64 }, { diagnose: true }]) expect(await trialName({ ...recipe, ...same })).toBe(name);
  for (const other of [{ seed: 5 }, { iterations: 7 }, { device: "webgpu" as const }])
    expect(await trialName({ ...recipe, ...other })).not.toBe(name);
});

test("what was changed by hand, cut short, or planned by another arithmetic is refused, and says what to do", async () => {
  const value = JSON.parse(planText(await planOf(experiment(), NONE, null))) as { trials: unknown[]; experiment: object };
  const refusals: [object, RegExp][] = [
    [{ ...value, trials: value.trials.slice(1) }, /its trials are not those of its experiment/],
    [{ ...value, experiment: { ...value.experiment, seeds: [0, 2] } }, /plan anew, not the plan/],
    [{ ...value, arithmetic: 0 }, /planned for arithmetic version 0/],
    [{ ...value, format: "other" }, /is no plan: format is not valid/],
    [{}, /is no plan/],
  ];
  for (const [changed, message] of refusals) await expect(readPlan(changed, "plan.json")).rejects.toThrow(message);
});

test("shards have every trial once, and differ by one at most", async () => {
  const plan = await planOf(experiment({ seeds: [0, 1, 2] }), NONE, 5);
  for (const count of [1, 2, 5, 12, 20]) {
    const shards = Array.from({ length: count }, (_, i) => trialsIn(plan, { index: i + 1, count }));
    expect(new Set(shards.flat())).toEqual(new Set(plan.trials));
    expect(shards.flat()).toHaveLength(plan.trials.length);
    const sizes = shards.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
  expect(parseShard("3/16")).toEqual({ index: 3, count: 16 });
  for (const text of ["0/4", "5/4", "1", "a/b", "1/0", "-1/3"]) expect(() => parseShard(text)).toThrow(/counted from 1/);
});

test("a plan is a plan of its experiment: none is shared by two", async () => {
  const names = async (plan: Promise<Plan>) => (await plan).trials.map(({ name }) => name);
  const [one, same, other] = await Promise.all(
    [experiment(), experiment({ title: "Other title" }), experiment({ seeds: [3] })].map((each) => names(planOf(each, NONE, null))),
  );
  expect(same).toEqual(one);
  expect(other?.some((name) => one?.includes(name))).toBe(false);
});
