/** The page's kept runs. */
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import { version } from "../../../package.json";
import { newId } from "../../base/id";
import { openRuns } from "./database";
import { createRuns, type RunsState } from "./store";

export const runs: StoreApi<RunsState> = createRuns({ open: openRuns, now: () => new Date(), newId, app: version });

export function useRuns<T>(select: (state: RunsState) => T): T {
  return useStore(runs, select);
}
