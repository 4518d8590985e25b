/**
 * Work that ended early in this browser (session/checkpoint/work-database.ts), so that the page can offer to go on: looked up when the page
 * starts and whenever work has been stopped or has broken. Where the browser keeps nothing there is none.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { allWork, type KeptWork, openWork, removeWork, workUnderWay } from "../../session/checkpoint/work-database";

export interface InterruptedState {
  /** The newest first, without what the page has put aside. */
  readonly works: readonly KeptWork[];
  /** Newest work that another tab is at; null where there is none. */
  readonly elsewhere: KeptWork | null;
  look(): Promise<void>;
  /** Deletes what was kept of it. */
  discard(id: string): Promise<void>;
  /** Takes it off the list without deleting it: it is being gone on with, or a person will decide later. */
  putAside(id: string): void;
}

export function createInterrupted(): StoreApi<InterruptedState> {
  return createStore<InterruptedState>((set, get) => ({
    works: [],
    elsewhere: null,
    async look() {
      try {
        const database = await openWork();
        const [all, underWay] = await Promise.all([allWork(database), workUnderWay()]);
        database.close();
        const elsewhere = all.find(({ id }) => underWay.has(id)) ?? null;
        set({ works: all.filter(({ id }) => !underWay.has(id)), elsewhere });
      } catch {
        set({ works: [], elsewhere: null });
      }
    },
    async discard(id) {
      get().putAside(id);
      const database = await openWork();
      await removeWork(database, id);
      database.close();
    },
    putAside: (id) =>
      set(({ works, elsewhere }) => ({ works: works.filter((one) => one.id !== id), elsewhere: elsewhere?.id === id ? null : elsewhere })),
  }));
}

export const interrupted: StoreApi<InterruptedState> = createInterrupted();
