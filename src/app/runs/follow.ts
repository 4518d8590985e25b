/**
 * Keeps every run that ends. It listens to the session itself, event by event: in an experiment the end of a run and the
 * beginning of the next come together, and the page's view is already that of the next one.
 */
import type { NetworkView } from "../../session/network/view";
import type { ClassResults, LabEvent, SoFar } from "../../session/worker/events";
import type { LossCurves } from "../charts/curves";
import type { Experiment } from "./record";
import type { RunsState } from "./store";

interface Heard {
  readonly network: NetworkView | null;
  readonly soFar: readonly SoFar[];
  readonly classes: ClassResults | null;
  /** The experiment's title, and what of it goes on. */
  readonly queue: string | null;
  readonly experiment: Experiment | null;
}

const START: Heard = { network: null, soFar: [], classes: null, queue: null, experiment: null };

function hear(heard: Heard, event: LabEvent): Heard {
  switch (event.type) {
    case "network":
      return { ...heard, network: event.network };
    case "recipe":
      return { ...heard, soFar: [], classes: null };
    case "soFar":
      return { ...heard, soFar: [...heard.soFar, event.soFar] };
    case "classes":
      return { ...heard, classes: event.classes };
    case "queue":
      return { ...heard, queue: event.title };
    case "queueRun":
      return { ...heard, experiment: heard.queue === null ? null : { title: heard.queue, label: event.label } };
    case "queueRow":
      return { ...heard, experiment: null };
    case "state":
      return event.state === "cancelled" || event.state === "failed" ? { ...heard, experiment: null } : heard;
    default:
      return heard;
  }
}

export interface Followed {
  /** See LabState. */
  listen(listener: (events: readonly LabEvent[]) => void): () => void;
  readonly curves: LossCurves;
}

/** @returns what ends it */
export function followRuns({ listen, curves }: Followed, keep: RunsState["keep"]): () => void {
  let heard = START;
  return listen((events) => {
    for (const event of events) {
      heard = hear(heard, event);
      if (event.type === "done") {
        const { network, soFar, classes, experiment } = heard;
        keep({ report: event.report, network, curves: curves.units, soFar, classes }, experiment);
      }
    }
  });
}
