/**
 * `brecq-lab run`: does trials of a plan, all of them or a shard, and may be started at any time, any number of times, at the same time
 * too. Stopped by SIGTERM or SIGINT it keeps the trial under way and exits with 75; killed, it has lost what came after the last checkpoint.
 */
import { BadInput, Cancelled } from "../base/errors";
import { HOST_MEMORY, openDevice } from "../node/device";
import { PlanFolder } from "../node/plan-folder";
import { InputCache } from "../session/inputs/cache";
import type { Sources } from "../session/inputs/sources";
import type { Plan, Trial } from "../session/trials/plan";
import { parseShard, trialsIn } from "../session/trials/shard";
import { SharedUnits } from "../session/trials/shared-units";
import { type TrialPlace, workOn } from "../session/trials/work";
import { sourcesOf } from "./inputs";
import { TerminalProgress } from "./terminal";
import type { WebOptions } from "./web";

export interface RunTrialsOptions extends WebOptions {
  readonly shard?: string;
  readonly trial?: string;
  readonly threads?: number;
  readonly wait: boolean;
  readonly checkpointEvery?: number;
  /** Where this machine has the files, if not where the plan says. */
  readonly model?: string;
  readonly calibration?: string;
  readonly evaluate?: string;
}

/** Start it again: it stopped early, or waits for nobody. */
export class TryAgain extends Error {}
/** Some trials failed, and would fail again. */
export class TrialsFailed extends Error {}

/** Milliseconds between two looks at what others have. */
const PAUSE = 5_000;

/** @throws BadInput, TrialsFailed, TryAgain */
export async function runTrials(path: string, options: RunTrialsOptions): Promise<void> {
  const folder = new PlanFolder(path);
  const plan = await folder.read();
  const trials = chosen(plan, options);
  const inputs = new InputCache();
  const sources = await sourcesFor(plan, options, inputs);
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  try {
    const { finished, failed, others } = await workOn({
      ...{ trials, sources, inputs, signal: controller.signal, wait: options.wait, hostMemory: HOST_MEMORY },
      place: placeOf(folder, options.checkpointEvery ?? 60),
      units: new SharedUnits(folder.shared, (why) => progress.say(`Warning: a unit could not be shared with other trials (${why}).`)),
      openDevice: (recipe) => openDevice(options.threads ? { ...recipe, threads: options.threads } : recipe),
      emit: (event) => progress.handle(event),
      told: ({ name, label, recipe }, what, message) =>
        progress.say(`Trial ${name}, ${label}, seed ${recipe.seed}: ${WORDS[what]}${message ? `: ${message}` : ""}`),
      pause: () => pause(controller.signal),
    });
    progress.stop();
    console.log(`${finished} of ${trials.length} trials finished${failed.length > 0 ? `, ${failed.length} failed` : ""}.`);
    if (others.length > 0) throw new TryAgain(`${others.length} trials are at work elsewhere.`);
    if (failed.length > 0) throw new TrialsFailed(`${failed.length} trials failed; their messages are in ${folder.path}/failures.`);
  } catch (error) {
    progress.stop();
    if (error instanceof Cancelled) throw new TryAgain("Stopped: what is done is kept, and the same command goes on.");
    throw error;
  }
}

const WORDS = {
  ...{ begins: "begins", "was finished": "was finished before", "is another's": "is at work elsewhere", "is done": "finished", failed: "failed" },
} as const;

function chosen(plan: Plan, { shard, trial }: RunTrialsOptions): readonly Trial[] {
  if (shard !== undefined && trial !== undefined) throw new BadInput("--shard and --trial exclude each other; give one of them.");
  if (shard !== undefined) return trialsIn(plan, parseShard(shard));
  if (trial === undefined) return plan.trials;
  const found = plan.trials.filter(({ name }) => name === trial);
  if (found.length === 0) throw new BadInput(`The plan has no trial ${trial}; its trials are listed in plan.json.`);
  return found;
}

/** The plan's files as this machine has them. @throws BadInput where their content is not what was planned with */
async function sourcesFor({ experiment, inputs: named }: Plan, options: RunTrialsOptions, inputs: InputCache): Promise<Sources> {
  const { recipe } = experiment;
  const count = recipe.calibration.kind === "files" ? recipe.calibration.count : null;
  const paths = {
    ...{ calibration: options.calibration ?? named.calibration ?? undefined, evaluate: options.evaluate ?? named.evaluate ?? undefined },
    ...(count === null ? {} : { calibrationImages: count }),
    ...(options.webCache ? { webCache: options.webCache } : {}),
  };
  const sources = await sourcesOf(options.model ?? named.model ?? undefined, paths as Parameters<typeof sourcesOf>[1]);
  const found = await inputs.withHashes(recipe, sources);
  for (const role of ["model", "calibration", "evaluation"] as const) {
    const [planned, own] = [recipe[role], found[role]];
    if (planned && own && "sha256" in planned && "sha256" in own && planned.sha256 !== own.sha256)
      throw new BadInput(
        `The ${role === "model" ? "model" : `${role} images`} here (${own.name}) are not what was planned with: their SHA-256 is ${own.sha256}, and the plan's is ${planned.sha256}. Put the planned files there, or plan anew.`,
      );
  }
  return sources;
}

function placeOf(folder: PlanFolder, every: number): TrialPlace {
  return {
    report: (trial) => folder.report(trial),
    finish: (trial, report) => folder.finish(trial, report),
    fail: (trial, message) => folder.fail(trial, message),
    async claim({ name }) {
      const claim = await folder.claims.take(name);
      return "release" in claim ? claim : null;
    },
    checkpoints: (trial) => folder.checkpoints(trial, every * 1000),
  };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
