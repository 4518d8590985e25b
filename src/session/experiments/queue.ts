/**
 * The queue of an experiment: its runs one after another, rows in order. A run that fails leaves its message
 * in its row, and the queue goes on; cancelling ends it, with everything finished kept.
 */
import { Cancelled } from "../../base/errors";
import { workTime } from "../../engine/yield";
import { UnitCache } from "../../quantize/unit-cache";
import { InputCache } from "../inputs/cache";
import type { Recipe } from "../recipe/recipe";
import type { Report } from "../run/report";
import { type RunOptions, runRecipe } from "../run/run";
import type { SampledCurves } from "../worker/events";
import { type Experiment, rowsOf } from "./experiment";
import { type ResultRow, type RowRuns, resultRow } from "./results";

export interface QueueOptions extends Omit<RunOptions, "recipe" | "openDevice"> {
  readonly experiment: Experiment;
  openDevice(recipe: Recipe): ReturnType<RunOptions["openDevice"]>;
  /** A report of this very run that is already there; `inputs` has read what the recipe names, for its hashes. */
  finishedBefore?(label: string, recipe: Recipe, inputs: InputCache): Report | null | Promise<Report | null>;
  finished?(label: string, report: Report): void | Promise<void>;
}

export async function runExperiment({ experiment, emit, finishedBefore, finished, ...options }: QueueOptions): Promise<ResultRow[]> {
  const rows = rowsOf(experiment);
  const runs: RowRuns[] = [];
  const total = rows.reduce((sum, row) => sum + row.recipes.length, 0);
  const units = new UnitCache();
  const inputs = options.inputs ?? new InputCache();
  let index = 0;
  // One queue is one piece of work: it is done when its last run is.
  const clock = new QueueClock(total);
  const quiet: typeof emit = (event) => {
    if (event.type === "progress") emit({ ...event, queue: clock.at(index, event.fraction, event.secondsLeft) });
    else if (event.type !== "state" || event.state !== "done") emit(event);
  };
  emit({ type: "state", state: "loading" });
  emit({ type: "queue", title: experiment.title, rows: rows.map(({ label }) => label), total });
  for (const row of rows) {
    const reports: Report[] = [];
    const failures: string[] = [];
    runs.push({ row, reports, failures });
    for (const recipe of row.recipes) {
      clock.begin();
      emit({ type: "queueRun", label: row.label, seed: recipe.seed, index, total });
      try {
        const old = (await finishedBefore?.(row.label, recipe, inputs)) ?? null;
        const report = old ?? (await runRecipe({ ...options, recipe, units, inputs, emit: quiet, openDevice: () => options.openDevice(recipe) }));
        if (!old) clock.finished();
        if (!old) await finished?.(row.label, report);
        reports.push(report);
      } catch (error) {
        if (error instanceof Cancelled) throw error;
        failures.push(`seed ${recipe.seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
      index++;
      emit({ type: "queueRow", row: resultRow({ row, reports, failures }), curves: reports.map(curvesOf) });
    }
  }
  emit({ type: "state", state: "done" });
  return runs.map(resultRow);
}

/** How far the whole queue is: runs that are still to come are taken to be as long as those that are done, or as the first. */
export class QueueClock {
  private started = 0;
  private readonly taken: number[] = [];

  /** @param now milliseconds of a clock */
  constructor(
    private readonly total: number,
    private readonly now: () => number = () => workTime(),
  ) {}

  begin(): void {
    this.started = this.now();
  }

  /** A run that was computed is done; of one that failed or was there already nothing is learnt. */
  finished(): void {
    this.taken.push((this.now() - this.started) / 1000);
  }

  /** @param index of the run under way, with its own fraction and time left */
  at(index: number, fraction: number, secondsLeft: number | null): { readonly fraction: number; readonly secondsLeft: number | null } {
    const mean = this.taken.reduce((sum, seconds) => sum + seconds, 0) / this.taken.length;
    const own = secondsLeft === null ? null : (this.now() - this.started) / 1000 + secondsLeft;
    const each = this.taken.length > 0 ? mean : own;
    // Before a run knows its own time left, it is taken to be as long as the others.
    const current = secondsLeft ?? (each === null ? null : Math.max(0, each - (this.now() - this.started) / 1000));
    return {
      fraction: (index + fraction) / this.total,
      secondsLeft: each === null || current === null ? null : current + (this.total - index - 1) * each,
    };
  }
}

/** The sampled loss curve of each unit. */
function curvesOf({ recipe, units }: Report): SampledCurves {
  return { seed: recipe.seed, units: units.map(({ name, loss }) => ({ name, points: loss.sampled })) };
}
