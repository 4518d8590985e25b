/**
 * Measured sensitivities in the browser's own storage (IndexedDB), so that they survive a reload. They stay on this
 * machine. A browser that refuses storage, as some private windows do, measures anew each time.
 */
import { createStore, delMany, entries, get, set } from "idb-keyval";
import { type KeptMeasurement, type MeasurementStore, pack, unpack } from "./measurements";

/** Measurements kept; the oldest go. */
const MOST = 24;

interface Kept {
  readonly at: number;
  readonly measured: KeptMeasurement;
}

export function browserStore(): MeasurementStore {
  const store = createStore("brecq-lab-sensitivity", "measurements");
  return {
    async load(key) {
      try {
        const kept = await get<Kept>(key, store);
        return kept ? unpack(kept.measured) : null;
      } catch {
        return null;
      }
    },
    async save(key, measured) {
      try {
        await set(key, { at: Date.now(), measured: pack(measured) } satisfies Kept, store);
        const all = (await entries<string, Kept>(store)).sort((a, b) => b[1].at - a[1].at);
        await delMany(
          all.slice(MOST).map(([old]) => old),
          store,
        );
      } catch {
        // Storage is a convenience: without it the search goes on.
      }
    },
  };
}
