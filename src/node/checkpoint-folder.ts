/** Checkpoints in folders, one for each run. */
import { mkdir, readdir, readFile, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { BadInput } from "../base/errors";
import type { CheckpointStore, CheckpointStores } from "../session/checkpoint/store";
import { writeWhole } from "./whole-file";

/** Digits of a run's identity that name its folder. */
const DIGITS = 16;
/** Milliseconds between two states of a unit in training. */
const EVERY = 60_000;

export interface CheckpointFolder extends CheckpointStores {
  /** The folder of the run that was opened last. */
  readonly opened: string | null;
  /** Removes the folders of all runs that were opened, when their result is safe, and the folder of all runs if none is left. */
  clear(): Promise<void>;
}

/**
 * @param resume whether checkpoints that are there are to be used; else they are refused, lest they be lost
 * @param every milliseconds after which a unit in training is kept again
 */
export function checkpointFolder(folder: string, resume: boolean, every: number = EVERY): CheckpointFolder {
  const own = new Set<string>();
  return {
    every,
    get opened() {
      return [...own].at(-1) ?? null;
    },
    async open(run) {
      const opened = join(folder, run.slice(0, DIGITS));
      await mkdir(opened, { recursive: true });
      const known = (await readdir(opened)).filter((name) => name.endsWith(".checkpoint"));
      // A run that lost its device opens its own folder once more.
      if (known.length > 0 && !resume && !own.has(opened))
        throw new BadInput(`${opened} holds checkpoints of this very run; add --resume to go on from them, or name another folder.`);
      own.delete(opened);
      own.add(opened);
      return storeIn(opened);
    },
    async clear() {
      for (const opened of own) await rm(opened, { recursive: true, force: true });
      own.clear();
      // Other runs' folders keep it.
      await rmdir(folder).catch(() => {});
    },
  };
}

function storeIn(folder: string): CheckpointStore {
  return {
    async read(name) {
      try {
        return Uint8Array.from(await readFile(join(folder, name)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    write: (name, bytes) => writeWhole(join(folder, name), bytes),
    remove: (name) => unlink(join(folder, name)).catch(() => {}),
  };
}
