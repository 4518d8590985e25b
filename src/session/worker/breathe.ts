/** How the jobs of the worker give way to each other. */
import { yieldToEvents } from "../../engine/yield";
import { stopIfAsked } from "../run/stop";

/** Lets messages in between two parts of a job. @throws Cancelled where one has stopped it */
export async function breathe(signal: AbortSignal): Promise<void> {
  await yieldToEvents();
  stopIfAsked(signal);
}
