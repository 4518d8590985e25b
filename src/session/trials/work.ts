/**
 * One worker at a plan: it does the trials that it was given, one after another, leaves out what is finished, and passes over what
 * another worker has. At the end it waits for those: who has one may be stopped, and then it is this worker's, from the last checkpoint
 * on. So a worker that was told of a trial ends with it finished, failed, or when it is stopped itself.
 */
import { Cancelled } from "../../base/errors";
import { InputCache } from "../inputs/cache";
import type { Recipe } from "../recipe/recipe";
import type { Report } from "../run/report";
import { type RunOptions, runRecipe } from "../run/run";
import { stopIfAsked } from "../run/stop";
import type { Trial } from "./plan";

/** What a worker needs of the folder that it shares with others. */
export interface TrialPlace {
  report(trial: Trial): Promise<Report | null>;
  finish(trial: Trial, report: Report): Promise<void>;
  fail(trial: Trial, message: string): Promise<void>;
  /** The right to a trial, or null while another has it. */
  claim(trial: Trial): Promise<{ release(): Promise<void> } | null>;
  checkpoints(trial: Trial): NonNullable<RunOptions["checkpoints"]> & { clear(): Promise<void> };
}

export interface WorkOptions extends Omit<RunOptions, "recipe" | "openDevice" | "checkpoints"> {
  readonly trials: readonly Trial[];
  readonly place: TrialPlace;
  /** Whether trials that others have are waited for. */
  readonly wait: boolean;
  openDevice(recipe: Recipe): ReturnType<RunOptions["openDevice"]>;
  /** Told as each begins or is found. */
  told(trial: Trial, what: "begins" | "was finished" | "is another's" | "is done" | "failed", message?: string): void;
  /** Waits a while between two looks at what others have. */
  pause(): Promise<void>;
}

export interface WorkOutcome {
  readonly finished: number;
  readonly failed: readonly Trial[];
  /** Another worker's still. */
  readonly others: readonly Trial[];
}

/** @throws Cancelled, after the trial under way was kept and released */
export async function workOn(options: WorkOptions): Promise<WorkOutcome> {
  const inputs = options.inputs ?? new InputCache();
  const failed: Trial[] = [];
  let finished = 0;
  let left = [...options.trials];
  while (left.length > 0) {
    const others: Trial[] = [];
    for (const trial of left) {
      stopIfAsked(options.signal);
      const end = await attempt(trial, { ...options, inputs });
      if (end === "finished") finished++;
      else if (end === "failed") failed.push(trial);
      else others.push(trial);
    }
    if (others.length === 0) break;
    if (!options.wait) return { finished, failed, others };
    if (others.length === left.length) await options.pause();
    left = others;
  }
  return { finished, failed, others: [] };
}

async function attempt(trial: Trial, options: WorkOptions): Promise<"finished" | "failed" | "another's"> {
  const { place, told, openDevice, ...run } = options;
  if (await place.report(trial)) {
    told(trial, "was finished");
    return "finished";
  }
  const claim = await place.claim(trial);
  if (!claim) {
    told(trial, "is another's");
    return "another's";
  }
  try {
    // It may have been finished between the two looks.
    if (await place.report(trial)) return "finished";
    told(trial, "begins");
    const checkpoints = place.checkpoints(trial);
    const report = await runRecipe({ ...run, recipe: trial.recipe, checkpoints, openDevice: () => openDevice(trial.recipe) });
    await place.finish(trial, report);
    await checkpoints.clear();
    told(trial, "is done");
    return "finished";
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const message = error instanceof Error ? error.message : String(error);
    await place.fail(trial, message);
    told(trial, "failed", message);
    return "failed";
  } finally {
    await claim.release();
  }
}
