/**
 * The kept runs as the page sees them. All of them are in memory, and every change goes to the browser's storage in order.
 * Where that refuses or is full the page says so, and the runs stay in memory until it is closed.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { RunsDatabase } from "./database";
import { type Experiment, type Finished, freeName, type KeptRun, keptRun, LONGEST_NAME } from "./record";

/** Whether the browser keeps runs: not read yet, kept, refused altogether, upgraded by a newer page, or full. */
export type Storage = "opening" | "kept" | "refused" | "newer" | "full";

export interface RunsState {
  /** The newest first. */
  readonly runs: readonly KeptRun[];
  readonly storage: Storage;
  /** Records of a newer page that this one cannot read. */
  readonly unknown: number;
  /** Ids of the runs that are compared, in the order in which they were chosen. */
  readonly chosen: readonly string[];
  /** What was deleted last, to be brought back. */
  readonly deleted: readonly KeptRun[];
  /** Keeps a run that has just ended. */
  keep(finished: Finished, experiment: Experiment | null): void;
  rename(id: string, name: string): void;
  star(id: string, star: boolean): void;
  choose(id: string, chosen: boolean): void;
  /** Chooses none. */
  clear(): void;
  remove(ids: readonly string[]): void;
  /** Brings back what was deleted last. */
  undo(): void;
  /** Adds runs of a file. @returns how many are new, and how many were there already */
  add(runs: readonly KeptRun[]): { readonly added: number; readonly known: number };
}

export interface RunsOptions {
  open(): Promise<RunsDatabase>;
  now(): Date;
  newId(): string;
  /** The lab's version. */
  readonly app: string;
}

export function createRuns({ open, now, newId, app }: RunsOptions): StoreApi<RunsState> {
  return createStore<RunsState>((set, get) => {
    const opened = open();
    const refuse = (error: unknown) => {
      const name = error instanceof Error ? error.name : "";
      set({ storage: name === "QuotaExceededError" ? "full" : name === "VersionError" ? "newer" : "refused" });
    };
    let last: Promise<void> = opened
      .then((database) => database.all())
      // What was kept before this page had read them stays.
      .then(({ runs, unknown }) => set((state) => ({ runs: sorted([...state.runs, ...runs]), unknown, storage: "kept" })))
      .catch(refuse);
    const store = (change: (database: RunsDatabase) => Promise<void>) => {
      last = last
        .then(() => opened)
        .then(change, refuse)
        .catch(refuse);
    };
    const update = (id: string, change: (run: KeptRun) => KeptRun) => {
      const run = get().runs.find((one) => one.id === id);
      if (!run) return;
      const changed = change(run);
      set(({ runs }) => ({ runs: runs.map((one) => (one.id === id ? changed : one)) }));
      store((database) => database.put([changed]));
    };
    const add = (runs: readonly KeptRun[]) => {
      set((state) => ({ runs: sorted([...state.runs, ...runs]) }));
      store((database) => database.put(runs));
    };
    return {
      runs: [],
      storage: "opening",
      unknown: 0,
      chosen: [],
      deleted: [],
      keep(finished, experiment) {
        const taken = get().runs.map(({ name }) => name);
        add([keptRun(finished, { id: newId(), date: now(), app, experiment, taken })]);
      },
      rename(id, name) {
        const clean = name.trim().slice(0, LONGEST_NAME);
        const others = get().runs.filter((run) => run.id !== id);
        if (clean)
          update(id, (run) => ({
            ...run,
            name: freeName(
              clean,
              others.map((other) => other.name),
            ),
          }));
      },
      star: (id, star) => update(id, (run) => ({ ...run, star })),
      choose: (id, on) => set(({ chosen }) => ({ chosen: on ? [...chosen.filter((one) => one !== id), id] : chosen.filter((one) => one !== id) })),
      clear: () => set({ chosen: [] }),
      remove(ids) {
        set(({ runs, chosen }) => ({
          runs: runs.filter(({ id }) => !ids.includes(id)),
          chosen: chosen.filter((id) => !ids.includes(id)),
          deleted: runs.filter(({ id }) => ids.includes(id)),
        }));
        store((database) => database.remove(ids));
      },
      undo() {
        add(get().deleted);
        set({ deleted: [] });
      },
      add(given) {
        const known = new Set(get().runs.map(({ id }) => id));
        const fresh = given.filter(({ id }) => !known.has(id));
        if (fresh.length > 0) add(fresh);
        return { added: fresh.length, known: given.length - fresh.length };
      },
    };
  });
}

function sorted(runs: readonly KeptRun[]): KeptRun[] {
  return runs.toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
}
