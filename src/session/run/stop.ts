/** Cancelling: a signal is looked at wherever a run yields to events. */
import { Cancelled } from "../../base/errors";

/** @throws Cancelled where the run was asked to stop */
export function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted) throw new Cancelled();
}
