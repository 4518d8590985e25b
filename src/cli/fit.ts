/**
 * `brecq-lab fit`: a goal instead of settings. Writes the best network's report with what was tried, and its exports; ends
 * with exit code 3 where the goal is missed, so that a script can tell.
 */
import { writeFile } from "node:fs/promises";
import { BadInput, Cancelled } from "../base/errors";
import { sizeText } from "../export/proof/text";
import { HOST_MEMORY, openDevice } from "../node/device";
import { type Goal, lossGoal, sizeGoal } from "../session/fit/goal";
import { runFit } from "../session/fit/run";
import { FIT_DEFAULTS, type FitSettings } from "../session/fit/settings";
import type { FitState } from "../session/fit/state";
import { candidateText, fitVerdictText } from "../session/fit/verdict";
import { withOrigins } from "../session/inputs/origins";
import type { Report } from "../session/run/report";
import type { LabEvent } from "../session/worker/events";
import { checkpointsOf, forget, measurementsOf, sayHowToGoOn } from "./checkpoints";
import { planExports } from "./export";
import { checkWritable } from "./files";
import { readRecipe, sourcesOf } from "./inputs";
import { inputOf } from "./model-input";
import { type QuantizeOptions, recipeOf } from "./options";
import { withPreset } from "./preprocessing";
import { aligned, duration, summary, TerminalProgress } from "./terminal";

export interface FitFlags extends QuantizeOptions {
  readonly size?: string;
  readonly lose?: number;
  readonly bits?: number[];
  readonly measure?: string;
  readonly tries?: number;
  readonly keep?: string;
}

/** Everything went as it should, but no network that was tried keeps the goal. */
export class GoalMissed extends Error {
  override name = "GoalMissed";
}

export async function fit(model: string | undefined, given: FitFlags): Promise<void> {
  const options = await withPreset(given, () => inputOf(model, given));
  const settings = settingsOf(options);
  await checkWritable(options.out);
  const exports = await planExports(options);
  const base = await readRecipe(options.recipe);
  const sources = await sourcesOf(model, options);
  const recipe = withOrigins(recipeOf(model, options, base), sources);
  const checkpoints = checkpointsOf(options);
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  const heard = new Heard(progress);
  const finish = async (): Promise<void> => {
    const { report, state } = heard;
    if (!report || !state) return;
    progress.stop();
    if (options.out) await writeFile(options.out, `${JSON.stringify({ ...report, fit: state }, null, 2)}\n`);
    console.log([...triedTable(state), summary(report, state.verdict ? fitVerdictText(state.verdict) : undefined)].join("\n"));
    await exports.write();
  };
  try {
    const { verdict } = await runFit({
      ...{ recipe, settings, sources, openDevice, hostMemory: HOST_MEMORY, keep: exports.keep },
      store: measurementsOf(options),
      ...(checkpoints ? { checkpoints } : {}),
      emit: (event) => heard.event(event),
      signal: controller.signal,
    });
    await finish();
    await forget(checkpoints, options);
    if (verdict.kind === "missed") throw new GoalMissed();
  } catch (error) {
    // What was tried until then stays, with the best of it.
    if (error instanceof Cancelled) await finish();
    sayHowToGoOn(error, checkpoints);
    throw error;
  } finally {
    progress.stop();
  }
}

/** What is heard of a fit: the progress of each try, and the result at the end, which is not shown as a run again. */
class Heard {
  state: FitState | null = null;
  report: Report | null = null;

  constructor(private readonly progress: TerminalProgress) {}

  event(event: LabEvent): void {
    if (event.type === "fit") {
      const { fit: state } = event;
      const next = state.current === null ? undefined : state.tried[state.current];
      if (next) this.progress.say(`Candidate: ${candidateText(next)}, predicted loss ${next.predictedLoss.toPrecision(3)}`);
      this.state = state;
    } else if (event.type === "done") this.report = event.report;
    else if (this.state?.stage !== "trying" || this.state.current !== null || event.type === "progress") this.progress.handle(event);
  }
}

/** @throws BadInput for no goal or two, and widths or ways of measuring that are none */
function settingsOf(options: FitFlags): FitSettings {
  const { size, lose, bits, measure = FIT_DEFAULTS.measure, tries = FIT_DEFAULTS.tries } = options;
  if (measure !== "nearest" && measure !== "reconstructed") throw new BadInput(`--measure ${measure} is unknown; choose nearest or reconstructed.`);
  const trainingIsGiven = options.recipe ?? options.preset ?? options.iterations ?? options.learningRate;
  return {
    ...{ goal: goalOf(size, lose), bits: bits ?? FIT_DEFAULTS.bits, measure, tries, table: null },
    preset: trainingIsGiven === undefined ? FIT_DEFAULTS.preset : null,
  };
}

function goalOf(size: string | undefined, lose: number | undefined): Goal {
  if (size !== undefined && lose !== undefined) throw new BadInput("One goal at a time: give --size or --lose, not both.");
  if (size !== undefined) return sizeGoal(size);
  if (lose !== undefined) return lossGoal(lose);
  throw new BadInput("A fit needs a goal: --size 100kB (or 0.5MB, 3bit), or --lose 1 for at most one point.");
}

/** What was looked at and what was tried, a row each; the best is marked. */
function triedTable({ tried, best, measure }: FitState): string[] {
  const lost = measure === "agreement" ? ["class changed, %", "by rounding, %"] : ["points lost", "by rounding"];
  const rows = [["", "bits", "size", "predicted loss", ...lost, "time"]];
  for (const [i, { kind, bits, size, predictedLoss, measured }] of tried.entries())
    rows.push([
      i === best ? "*" : "",
      kind === "mixed" ? "mixed" : `${bits} bit`,
      sizeText(size),
      predictedLoss.toPrecision(3),
      ...(measured ? [measured.lost.quantized.toFixed(2), measured.lost.nearest.toFixed(2), duration(measured.seconds)] : ["not tried", "", ""]),
    ]);
  return aligned(rows, 2);
}
