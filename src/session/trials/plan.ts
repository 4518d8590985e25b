/**
 * An experiment cut into trials, each a run that any machine can do on its own. A trial's name is the hash of all that its bits depend
 * on, so that equal trials of two experiments have one name, and a changed setting, file or arithmetic gives another. Where a recipe
 * leaves the device open a plan fixes `wasm`, whose bits are the same on every machine.
 */
import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import { type Experiment, parseExperiment, rowsOf } from "../experiments/experiment";
import { hashBytes } from "../inputs/hash";
import type { Recipe } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "../share/arithmetic";
import { canonical, resultRecipe } from "../share/fingerprint";

export const PLAN_FORMAT = "brecq-lab plan";
export const PLAN_VERSION = 1;
/** Hexadecimal digits of a trial's name. */
const DIGITS = 16;

export interface Trial {
  /** 16 hexadecimal digits. */
  readonly name: string;
  /** Of the experiment's row. */
  readonly label: string;
  readonly recipe: Recipe;
}

/** Where network and images are, as paths or addresses. */
export interface PlanInputs {
  readonly model: string | null;
  readonly calibration: string | null;
  readonly evaluate: string | null;
}

export interface Plan {
  readonly arithmetic: number;
  readonly experiment: Experiment;
  readonly inputs: PlanInputs;
  /** Into how many shards the scheduler files cut it. */
  readonly shards: number;
  readonly trials: readonly Trial[];
}

const planSchema = z.object({
  format: z.literal(PLAN_FORMAT),
  version: z.literal(PLAN_VERSION),
  arithmetic: z.number(),
  experiment: z.unknown(),
  inputs: z.object({ model: z.string().nullable(), calibration: z.string().nullable(), evaluate: z.string().nullable() }),
  shards: z.int().min(1),
  trials: z.array(z.object({ name: z.string(), label: z.string(), seed: z.int() })),
});

/** @param experiment whose recipe has the hashes of its files @throws BadInput where the experiment is none */
export async function planOf(experiment: Experiment, inputs: PlanInputs, shards: number | null): Promise<Plan> {
  const { recipe } = experiment;
  const settled: Experiment = { ...experiment, recipe: { ...recipe, device: recipe.device === "auto" ? "wasm" : recipe.device } };
  const trials = await trialsOf(settled);
  return { arithmetic: ARITHMETIC_VERSION, experiment: settled, inputs, shards: Math.min(shards ?? 16, trials.length), trials };
}

/** Rows in order, in each its seeds. */
async function trialsOf(experiment: Experiment): Promise<Trial[]> {
  const named = rowsOf(experiment).flatMap(({ label, recipes }) => recipes.map((recipe) => ({ label, recipe })));
  return Promise.all(named.map(async (one) => ({ ...one, name: await trialName(one.recipe) })));
}

/** @param recipe with the hashes of its files */
export async function trialName(recipe: Recipe): Promise<string> {
  const text = canonical([ARITHMETIC_VERSION, resultRecipe(recipe)]);
  return (await hashBytes(new TextEncoder().encode(text))).slice(0, DIGITS);
}

export function planText({ trials, ...plan }: Plan): string {
  const listed = trials.map(({ name, label, recipe }) => ({ name, label, seed: recipe.seed }));
  return `${JSON.stringify({ format: PLAN_FORMAT, version: PLAN_VERSION, ...plan, trials: listed }, null, 2)}\n`;
}

/** @throws BadInput where it is no plan, was made by another arithmetic, or was changed by hand */
export async function readPlan(value: unknown, source: string): Promise<Plan> {
  const result = planSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BadInput(`${source} is no plan: ${issue?.path.join(".") || "it"} is not valid: ${issue?.message ?? "unknown problem"}.`);
  }
  const { arithmetic, inputs, shards, trials: listed } = result.data;
  if (arithmetic !== ARITHMETIC_VERSION)
    throw new BadInput(
      `${source} was planned for arithmetic version ${arithmetic}, and this version of the lab has ${ARITHMETIC_VERSION}; use the version that planned it, or plan anew.`,
    );
  const experiment = parseExperiment(result.data.experiment, source);
  const trials = await trialsOf(experiment);
  const same = trials.length === listed.length && trials.every(({ name }, i) => name === listed[i]?.name);
  if (!same) throw new BadInput(`${source}: its trials are not those of its experiment; change the experiment and plan anew, not the plan.`);
  return { arithmetic, experiment, inputs, shards, trials };
}
