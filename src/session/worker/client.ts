/** The page's side of the session: starts the worker and speaks the protocol. */

import type { Experiment } from "../experiments/experiment";
import type { Recipe } from "../recipe/recipe";
import type { SearchSettings } from "../search/settings";
import type { LabEvent } from "./events";
import type { FileRole, FromWorker, SentFiles, ToWorker } from "./protocol";

export class SessionClient {
  private readonly worker: Worker;

  constructor(onEvents: (events: readonly LabEvent[]) => void) {
    this.worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => onEvents(data.events);
    this.worker.onerror = (event) =>
      onEvents([
        { type: "failed", message: `The lab's worker stopped: ${event.message || "it could not start"}. Reload the page.`, badInput: false },
        { type: "state", state: "failed" },
      ]);
    this.send({ type: "start", page: document.baseURI });
  }

  give(role: FileRole, given: SentFiles | null): void {
    this.send({ type: "give", role, given });
  }

  check(recipe: Recipe): void {
    this.send({ type: "check", recipe });
  }

  run(recipe: Recipe): void {
    this.send({ type: "run", recipe });
  }

  compare(experiment: Experiment): void {
    this.send({ type: "compare", experiment });
  }

  search(recipe: Recipe, settings: SearchSettings): void {
    this.send({ type: "search", recipe, settings });
  }

  cancel(): void {
    this.send({ type: "cancel" });
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}
