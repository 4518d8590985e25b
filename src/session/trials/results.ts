/** What the trials of a plan came to: the rows of its table, and what is missing. Nothing here depends on the machines or the order. */
import { type Experiment, rowsOf } from "../experiments/experiment";
import { type ResultRow, resultRow } from "../experiments/results";
import type { Report } from "../run/report";
import type { Plan, Trial } from "./plan";

export interface TrialResult {
  readonly trial: Trial;
  /** Null where it is not finished. */
  readonly report: Report | null;
  /** Why the last attempt failed; null where none did. */
  readonly failure: string | null;
}

export interface PlanResults {
  readonly experiment: Experiment;
  readonly rows: readonly ResultRow[];
  readonly missing: readonly Trial[];
}

export function planResults({ experiment }: Plan, results: readonly TrialResult[]): PlanResults {
  let next = 0;
  const rows = rowsOf(experiment).map((row) => {
    const own = row.recipes.map(() => results[next++] as TrialResult);
    const reports = own.flatMap(({ report }) => (report ? [report] : []));
    const failures = own.flatMap(({ trial, report, failure }) => (report ? [] : [`seed ${trial.recipe.seed}: ${failure ?? "not finished"}`]));
    return resultRow({ row, reports, failures });
  });
  return { experiment, rows, missing: results.filter(({ report }) => !report).map(({ trial }) => trial) };
}

/** A line of JSON for each finished trial, for whatever reads lines: pandas, jq, a database. */
export function resultsLines(results: readonly TrialResult[]): string {
  return results
    .flatMap(({ trial, report }) => {
      if (!report) return [];
      const { accuracy, fingerprint, size, seconds, units, recipe, warnings } = report;
      const told = units.map(({ name, bits, loss, seconds: taken }) => ({ name, bits, loss: loss.last, seconds: taken }));
      return [
        `${JSON.stringify({ trial: trial.name, label: trial.label, seed: recipe.seed, accuracy, size, seconds, fingerprint, units: told, warnings, recipe })}\n`,
      ];
    })
    .join("");
}
