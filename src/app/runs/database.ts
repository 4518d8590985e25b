/**
 * Kept runs in IndexedDB. The database has a version, and each record a format of its own: the first is raised when stores or
 * indexes change, the second when what a record holds does. A record's recipe has a version too, and is read as what it
 * meant. Records of a format that this page does not know, which a newer page has written, are left as they are and counted.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { RECIPE_VERSION } from "../../session/recipe/recipe";
import { type KeptRun, RECORD_FORMAT } from "./record";

interface Schema extends DBSchema {
  readonly runs: { readonly key: string; readonly value: KeptRun };
}

export const DATABASE = "brecq-lab-runs";

/** What a version of the database adds to the one before. */
export type Step = (database: IDBPDatabase<Schema>) => void;

const STEPS: readonly Step[] = [(database) => database.createObjectStore("runs", { keyPath: "id" })];

export interface RunsDatabase {
  /** All runs that can be read, and how many cannot. */
  all(): Promise<{ readonly runs: readonly KeptRun[]; readonly unknown: number }>;
  put(runs: readonly KeptRun[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/**
 * @param steps one a version: those that the browser's database has not seen are taken
 * @throws DOMException where the browser keeps nothing, as in some private windows, or a newer page has upgraded the database
 */
export async function openRuns(steps: readonly Step[] = STEPS): Promise<RunsDatabase> {
  const database: IDBPDatabase<Schema> = await openDB<Schema>(DATABASE, steps.length, {
    upgrade: (opened, old) => {
      for (const step of steps.slice(old)) step(opened);
    },
    // A newer page in another tab wants to upgrade: it must not wait for this one.
    blocking: () => database.close(),
  });
  return {
    async all() {
      const found = await database.getAll("runs");
      const runs = (await Promise.all(found.map(today))).filter((run) => run !== null);
      return { runs, unknown: found.length - runs.length };
    },
    async put(runs) {
      const transaction = database.transaction("runs", "readwrite", { durability: "strict" });
      await Promise.all([...runs.map((run) => transaction.store.put(run)), transaction.done]);
    },
    async remove(ids) {
      const transaction = database.transaction("runs", "readwrite");
      await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
    },
  };
}

/** A record as today's page has them; null where it cannot be read as that. */
async function today(run: KeptRun): Promise<KeptRun | null> {
  if (run.format !== RECORD_FORMAT) return null;
  if (run.report.recipe.version === RECIPE_VERSION) return run;
  const { parseRecipe } = await import("../../session/recipe/schema");
  try {
    return { ...run, report: { ...run.report, recipe: parseRecipe(run.report.recipe, run.name) } };
  } catch {
    return null;
  }
}
