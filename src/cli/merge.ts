/**
 * `brecq-lab merge`: the table and chart of a plan from its finished trials, as JSON lines for other programs, and for TensorBoard. The
 * table holds no times, so that it is the same, byte for byte, wherever and in whatever order the trials were done.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { resultsChart } from "../charts/results";
import { PlanFolder } from "../node/plan-folder";
import { writeWhole } from "../node/whole-file";
import { resultsCsv, resultsMarkdown } from "../session/experiments/results";
import { type PlanResults, planResults, resultsLines, type TrialResult } from "../session/trials/results";
import { eventFile, scalarsOf } from "../session/trials/tensorboard";

export interface MergeOptions {
  readonly tensorboard?: boolean;
}

/** Trials are missing; the table holds what is there. */
export class Unfinished extends Error {}

/** @throws BadInput, Unfinished */
export async function merge(path: string, { tensorboard = false }: MergeOptions): Promise<void> {
  const folder = new PlanFolder(path);
  const plan = await folder.read();
  const results = await Promise.all(plan.trials.map((trial) => folder.result(trial)));
  const merged = planResults(plan, results);
  await writeTables(folder.path, merged);
  await writeWhole(join(folder.path, "results.jsonl"), resultsLines(results));
  if (tensorboard) await writeEvents(join(folder.path, "tensorboard"), results);
  const { missing } = merged;
  console.log(resultsMarkdown(merged.rows, { times: false }));
  // What finished trials kept for each other is of no use any more.
  if (missing.length === 0)
    for (const name of ["claims", "checkpoints", "shared"]) await rm(join(folder.path, name), { recursive: true, force: true });
  if (missing.length > 0)
    throw new Unfinished(
      `${missing.length} of ${plan.trials.length} trials are missing: ${missing
        .slice(0, 4)
        .map(({ name }) => name)
        .join(", ")}${missing.length > 4 ? " and others" : ""}. Run them, and merge again.`,
    );
}

async function writeTables(folder: string, { experiment, rows }: PlanResults): Promise<void> {
  const plain = rows.map(({ seconds: _seconds, ...row }) => row);
  const { title, note } = experiment;
  await writeWhole(join(folder, "results.json"), `${JSON.stringify({ experiment, rows: plain }, null, 2)}\n`);
  await writeWhole(join(folder, "results.csv"), resultsCsv(rows, { times: false }));
  await writeWhole(join(folder, "results.svg"), resultsChart(title, rows));
  const text = [`# ${title}`, note, "![Chart](results.svg)", "Means over seeds ± standard deviation.", resultsMarkdown(rows, { times: false })];
  await writeWhole(join(folder, "results.md"), `${text.filter(Boolean).join("\n\n")}\n`);
}

/** A folder for each trial, which TensorBoard shows as a run of its own. */
async function writeEvents(folder: string, results: readonly TrialResult[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const now = Math.floor(Date.now() / 1000);
  for (const { trial, report } of results) {
    if (!report) continue;
    const name = `${trial.label.replaceAll(/[^A-Za-z0-9.]+/g, "-")}-seed${trial.recipe.seed}`;
    await writeWhole(join(folder, name, `events.out.tfevents.${now}.${trial.name}`), await eventFile(scalarsOf(report), now));
  }
}
