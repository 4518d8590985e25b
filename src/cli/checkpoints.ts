/** `--checkpoint DIR`, `--checkpoint-every SECONDS` and `--resume`, alike for every command that has them. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { BadInput, Cancelled } from "../base/errors";
import { type CheckpointFolder, checkpointFolder } from "../node/checkpoint-folder";
import type { MeasurementStore } from "../session/search/measurements";
import { fileStore } from "./measurements";

/** Below the folder of checkpoints. */
const MEASUREMENTS = "measurements";

export interface CheckpointOptions {
  /** The folder of checkpoints, and whether those that are there are gone on from. */
  readonly checkpoint?: string;
  readonly resume?: boolean;
  /** Seconds after which the unit in training is kept again. */
  readonly checkpointEvery?: number;
}

/** @throws BadInput where the options do not fit each other */
export function checkpointsOf({ checkpoint, resume = false, checkpointEvery = 60 }: CheckpointOptions): CheckpointFolder | null {
  if (!checkpoint && resume) throw new BadInput("--resume needs --checkpoint DIR, the folder that the run was begun with.");
  if (!(checkpointEvery >= 0)) throw new BadInput(`--checkpoint-every ${checkpointEvery} is no number of seconds; give 0 or more.`);
  return checkpoint ? checkpointFolder(checkpoint, resume, checkpointEvery * 1000) : null;
}

/** Where measurements of sensitivity are kept: in a folder of their own, or with the checkpoints, so that neither is made twice. */
export function measurementsOf({ keep, checkpoint }: CheckpointOptions & { readonly keep?: string }): MeasurementStore | null {
  const folder = keep ?? (checkpoint && join(checkpoint, MEASUREMENTS));
  return folder ? fileStore(folder) : null;
}

/** Removes what was kept of work whose result is safe. */
export async function forget(checkpoints: CheckpointFolder | null, { checkpoint }: CheckpointOptions): Promise<void> {
  if (checkpoint) await rm(join(checkpoint, MEASUREMENTS), { recursive: true, force: true });
  await checkpoints?.clear();
}

/** After what was stopped on request: how to go on. */
export function sayHowToGoOn(error: unknown, checkpoints: CheckpointFolder | null): void {
  if (error instanceof Cancelled && checkpoints?.opened)
    console.error(`What is done is kept in ${checkpoints.opened}; the same command with --resume goes on.`);
}
