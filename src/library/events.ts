/** What a run tells while it goes on: of all that the page draws, what a program can use. */
import type { LabEvent } from "../session/worker/events";

const TOLD = ["state", "device", "recipe", "progress", "accuracy", "losses", "unitDone", "warning", "fit"] as const;

/**
 * A phase that begins, the device, the complete recipe, progress (`fraction` from 0 to 1), an accuracy, losses of the unit that is
 * trained, a unit that is done, warnings that a person should read, and of a fit what was tried so far.
 */
export type RunEvent = Extract<LabEvent, { readonly type: (typeof TOLD)[number] }>;

export function told(onEvent: ((event: RunEvent) => void) | undefined): (event: LabEvent) => void {
  const isTold = (event: LabEvent): event is RunEvent => (TOLD as readonly string[]).includes(event.type);
  return (event) => {
    if (onEvent && isTold(event)) onEvent(event);
  };
}
