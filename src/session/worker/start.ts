/**
 * The page's first script, before React and all else: the worker's code comes and starts on another core while the page's own is still
 * being read. Where there are no workers, as in tests, nothing starts.
 */
import { ownScript } from "../../base/trusted";
import script from "./worker.ts?worker&url";

const make = () => new Worker(ownScript(script), { type: "module" });

let first: Worker | null = typeof Worker === "undefined" ? null : make();

/** The worker that was started with the page; a new one where that is taken. */
export function startWorker(): Worker {
  const worker = first ?? make();
  first = null;
  return worker;
}
