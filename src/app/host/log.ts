/** What the session said lately, in a line each, for a person who reports an error. Numbers and names alone: no image, no weight, no curve. */
import type { LabEvent } from "../../session/worker/events";

/** Lines that are kept. */
const MOST = 200;
/** What comes many times a second, and what holds pictures or curves. */
const LEFT_OUT: ReadonlySet<LabEvent["type"]> = new Set<LabEvent["type"]>([
  "progress",
  "losses",
  "rounding",
  "glimpse",
  "samples",
  "preview",
  "score",
]);

const lines: string[] = [];

function detail(event: LabEvent): string {
  switch (event.type) {
    case "state":
      return event.state;
    case "failed":
    case "warning":
      return event.message;
    case "device":
      return `${event.kind}: ${event.description} (${event.reason})`;
    case "unit":
      return event.name;
    case "unitDone":
      return `${event.report.name}, ${event.report.iterations} iterations, ${event.report.seconds.toFixed(1)} s`;
    case "resumed":
      return `${event.name}${event.iteration === null ? "" : `, after iteration ${event.iteration}`}`;
    case "paused":
      return String(event.paused);
    case "queueRun":
      return `${event.label}, seed ${event.seed}, ${event.index + 1} of ${event.total}`;
    default:
      return "";
  }
}

/** Keeps a line for each event that says something. */
export function logEvents(events: readonly LabEvent[]): void {
  const time = new Date().toISOString().slice(11, 23);
  for (const event of events) if (!LEFT_OUT.has(event.type)) lines.push(`${time} ${event.type} ${detail(event)}`.trim());
  lines.splice(0, Math.max(0, lines.length - MOST));
}

export function logged(): readonly string[] {
  return lines;
}
