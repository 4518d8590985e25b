/**
 * `brecq-lab compare`: runs an experiment and writes its table. Every finished run is kept in DIR/runs and skipped when
 * it is there and still holds (kept-runs.ts), so that an experiment can be stopped, resumed and extended. The run that is under way keeps
 * its units in DIR/checkpoints, and goes on from there.
 */

import { mkdir } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import { BadInput, Cancelled } from "../base/errors";
import { resultsChart } from "../charts/results";
import { checkpointFolder } from "../node/checkpoint-folder";
import { HOST_MEMORY, openDevice } from "../node/device";
import { writeWhole } from "../node/whole-file";
import { type Experiment, parseExperiment } from "../session/experiments/experiment";
import { runExperiment } from "../session/experiments/queue";
import { type ResultRow, resultsCsv, resultsMarkdown } from "../session/experiments/results";
import { withOrigins } from "../session/inputs/origins";
import type { Sources } from "../session/inputs/sources";
import { READY_MADE } from "../session/recipe/ready-made";
import type { Recipe } from "../session/recipe/recipe";
import { readJson, sourcesOf } from "./inputs";
import { KeptRuns } from "./kept-runs";
import { inputOf } from "./model-input";
import { inputSettings, type QuantizeOptions } from "./options";
import { withPreset } from "./preprocessing";
import { TerminalProgress } from "./terminal";

export interface CompareOptions extends QuantizeOptions {
  readonly seeds?: number[];
  readonly model?: string;
}

export async function compare(name: string, given: CompareOptions): Promise<void> {
  const options = await withPreset(given, () => inputOf(given.model, given));
  if (!options.out) throw new BadInput("compare writes a table and every run: say where with --out DIR.");
  const experiment = await experimentOf(name, options);
  const sources = await sourcesOf(options.model, options);
  await runComparison({ ...experiment, recipe: withOrigins(experiment.recipe, sources) }, options.out, sources);
}

/** Runs what is not in the folder yet, and writes the table there. */
export async function runComparison(experiment: Experiment, folder: string, sources: Sources): Promise<ResultRow[]> {
  await mkdir(join(folder, "runs"), { recursive: true });
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  const kept = new KeptRuns(join(folder, "runs"), sources);
  const checkpoints = checkpointFolder(join(folder, "checkpoints"), true);
  try {
    const rows = await runExperiment({
      experiment,
      sources,
      openDevice,
      emit: (event) => progress.handle(event),
      signal: controller.signal,
      hostMemory: HOST_MEMORY,
      finishedBefore: (label, recipe, inputs) => kept.find(label, recipe, inputs),
      checkpoints,
      async finished(label, report) {
        await kept.keep(label, report);
        await checkpoints.clear();
      },
    });
    progress.stop();
    for (const line of kept.summary()) console.error(line);
    await write(folder, experiment, rows);
    console.log(resultsMarkdown(rows));
    return rows;
  } catch (error) {
    progress.stop();
    if (error instanceof Cancelled) console.error(`What is done is kept in ${folder}; the same command goes on.`);
    throw error;
  } finally {
    progress.stop();
  }
}

export async function experimentOf(name: string, options: CompareOptions): Promise<Experiment> {
  const ready = READY_MADE[name];
  const value = ready ?? (await readJson(name, `an experiment, or the name of one that comes with the lab: ${Object.keys(READY_MADE).join(", ")}`));
  const experiment = parseExperiment(value, name, inputSettings(options.model, options));
  return options.seeds ? { ...experiment, seeds: options.seeds } : experiment;
}

async function write(folder: string, experiment: Experiment, rows: readonly ResultRow[]): Promise<void> {
  await writeWhole(join(folder, "results.json"), `${JSON.stringify({ experiment, rows }, null, 2)}\n`);
  await writeWhole(join(folder, "results.csv"), resultsCsv(rows));
  await writeWhole(join(folder, "results.svg"), resultsChart(experiment.title, rows));
  await writeWhole(join(folder, "results.md"), page(experiment, rows));
}

/** The experiment as a page: what was asked, the chart, the table, and the command that makes it again. */
function page({ title, note, recipe }: Experiment, rows: readonly ResultRow[]): string {
  const means = "Means over seeds ± standard deviation; seconds of one run on the machine that ran it.";
  const others = rows.some(({ reference }) => reference !== null)
    ? " Reference: the published PyTorch release under the same settings, as far as its figures are known."
    : "";
  const images = `Calibration: ${nameOf(recipe.calibration)}; evaluation: ${recipe.evaluation ? nameOf(recipe.evaluation) : "the same"}.`;
  return [`# ${title}`, note, "![Chart](results.svg)", `${means}${others} ${images}`, resultsMarkdown(rows), "Made by:", `    ${command()}`, ""].join(
    "\n\n",
  );
}

function nameOf(images: Recipe["calibration"]): string {
  const count = images.count === null ? "" : `, ${images.count} images`;
  return images.kind === "builtin" ? `${images.name}, ${images.split}${count}` : `${images.name}${count}`;
}

/** The command line without the folders of this machine. */
function command(): string {
  const args = process.argv.slice(2).map((arg) => (isAbsolute(arg) ? basename(arg) : arg));
  return `npx brecq-lab ${args.join(" ")}`;
}
