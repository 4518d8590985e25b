/**
 * What the worker does once a network is drawn: looks at it, runs, searches, exports. It is most of the lab's code, so that it is
 * loaded apart from what draws (worker.ts), right after the drawing, and stands ready before anybody presses Run.
 */
import { BadInput } from "../../base/errors";
import { newId } from "../../base/id";
import { programBytes } from "../../engine/allocate";
import { createWasmDevice } from "../../engine/wasm/device";
import type { StartHelper } from "../../engine/wasm/workers";
import { artifactOf, type QuantizedArtifact } from "../../export/artifact";
import type { Graph } from "../../graph/types";
import type { KnownGrids } from "../../quantize/weight-qparams";
import type { SensitivityTable } from "../../search/sensitivity/table";
import { type Keeping, keepWork } from "../checkpoint/kept-work";
import type { InputCache } from "../inputs/cache";
import { checkWidths, sizeAfter } from "../inputs/load";
import { lookAtImages } from "../inputs/look";
import type { FileRole, Sources } from "../inputs/sources";
import type { Inspection } from "../inspect/inspection";
import type { Inspector, KeptRun } from "../inspect/inspector";
import { Looks } from "../network/looks";
import type { Recipe } from "../recipe/recipe";
import { type ChosenDevice, chooseDevice, threadsFor } from "../run/devices";
import { estimateRun } from "../run/plan";
import type { Report } from "../run/report";
import { type RunOptions, runRecipe } from "../run/run";
import { browserStore } from "../search/browser-measurements";
import { type JudgedRole, judgedRole, WatchedPictures } from "../watch/pictures";
import { Watcher } from "../watch/watcher";
import { breathe } from "./breathe";
import type { LabEvent } from "./events";
import { givenOf, isLasting, type Job, type LastingJob, type SentFiles } from "./protocol";

type Emit = (event: LabEvent) => void;

export interface Workplace {
  readonly inputs: InputCache;
  /** What is given now. */
  sources(): Sources;
  /** The same as files that the browser can keep. */
  readonly sent: ReadonlyMap<FileRole, SentFiles>;
  readonly scope: DedicatedWorkerGlobalScope;
  /** Asks the page for a compute thread (threads.ts). */
  readonly startThread: StartHelper;
  /** A network as it is drawn, and all that a check tells (worker.ts). */
  check(recipe: Recipe, emit: Emit, signal: AbortSignal): Promise<void>;
}

/** How many images a recipe names, if that is known before they are read. */
function imagesOf({ calibration, evaluation }: Recipe): { images: number; evaluation: number } | null {
  const [images, test] = [calibration.count, evaluation ? evaluation.count : 0];
  return images === null || test === null ? null : { images, evaluation: test };
}

export class Work {
  private readonly store = browserStore();
  private readonly looks = new Looks();
  private readonly pictures = new WatchedPictures();
  private readonly grids: KnownGrids = new WeakMap();
  private readonly watcher: Watcher;
  /** What exports are made from: the last run's network, and the last search's table with the model that it was measured on. */
  private finished: QuantizedArtifact | null = null;
  private measured: { readonly table: SensitivityTable; readonly model: string } | null = null;
  /** What inspections look into, and who looks. */
  private kept: KeptRun | null = null;
  private inspector: Inspector | null = null;

  constructor(private readonly place: Workplace) {
    const openDevice = ({ threads }: Pick<Recipe, "threads">) => createWasmDevice(threads ?? threadsFor(this.cores), undefined, place.startThread);
    this.watcher = new Watcher({ inputs: place.inputs, pictures: this.pictures, grids: this.grids, openDevice });
  }

  /** Another model was given: the measurements are not its own. */
  forgetMeasurements(): void {
    this.measured = null;
  }

  /** All that is told of a network beside its drawing, before anything runs. */
  async look(recipe: Recipe, graph: Graph, emit: Emit, signal: AbortSignal): Promise<void> {
    const sizes = imagesOf(recipe);
    if (sizes) emit({ type: "memory", estimate: estimateRun(graph, recipe, sizes, programBytes), plan: null });
    emit({ type: "state", state: "ready" });
    emit({ type: "firstLook", look: await this.looks.at(graph, recipe.weights, () => breathe(signal)) });
    for (const role of ["calibration", "evaluation"] as const) {
      const { inputs, sources } = this.place;
      const own = recipe[role] !== null && recipe[role].kind !== "builtin" && sources()[role] !== null;
      const look = own ? await lookAtImages(recipe, role, { graph, inputs, sources: sources() }, () => breathe(signal)) : null;
      emit({ type: "preview", role, preview: look });
    }
    await this.watch(recipe, graph, signal, emit);
  }

  /** Does a job of any other kind than a check. */
  async perform(job: Exclude<Job, { kind: "check" }>, emit: Emit, signal: AbortSignal, resumes: string | null): Promise<void> {
    if (job.kind === "score") return this.scoreThenCheck(job.recipe, emit, signal);
    if (job.kind === "inspect") return this.inspect(job, emit, signal);
    // What computes in earnest has the memory and the cores to itself.
    this.watcher.close();
    if (job.kind === "export") {
      const { exportFile, proveFiles } = await import("./export");
      const { saved, files } = await exportFile(job, this.finished, this.measured);
      emit({ type: "exported", file: saved });
      if (this.finished) await proveFiles(job.as, this.finished, files, emit);
      return emit({ type: "state", state: "done" });
    }
    if (job.kind === "checkFile") {
      const [{ exportFile }, { sameWeights }] = await Promise.all([import("./export"), import("../share/payload")]);
      const { files } = await exportFile(job, this.finished, null);
      emit({ type: "checked", same: await sameWeights(job.as, await givenOf(job.given).read(), files) });
      return emit({ type: "state", state: "done" });
    }
    if (!isLasting(job)) return;
    const asked = { id: resumes ?? newId(), resumes: resumes !== null, job, given: this.place.sent, emit };
    await keepWork(asked, (keeping) => this.performLasting(job, emit, signal, keeping));
  }

  private async performLasting(job: LastingJob, emit: Emit, signal: AbortSignal, keeping: Keeping): Promise<void> {
    const keep: RunOptions["keep"] = (network, report, evidence, inspectable) => {
      this.finished = artifactOf(network, report, evidence);
      this.kept = { ...inspectable, network, recipe: report.recipe, rounding: report.fingerprint.rounding };
    };
    const openDevice = (recipe: Recipe) => this.openDevice(recipe);
    const { pictures, grids } = this;
    const { checkpoints } = keeping;
    const common = { sources: this.place.sources(), inputs: this.place.inputs, pictures, grids, checkpoints, emit, signal, keep };
    if (job.kind === "compare") {
      const { runExperiment } = await import("../experiments/queue");
      const finishedBefore = (label: string, recipe: Recipe) => keeping.report(label, recipe.seed);
      const finished = (label: string, report: Report) => keeping.keepReport(label, report);
      await runExperiment({ ...common, experiment: job.experiment, openDevice, finishedBefore, finished });
    } else if (job.kind === "fit") {
      const { runFit } = await import("../fit/run");
      const { table } = await runFit({ ...common, recipe: job.recipe, settings: job.settings, store: this.store, openDevice });
      this.measured = { table, model: job.recipe.model.name };
    } else if (job.kind === "run") await runRecipe({ ...common, recipe: job.recipe, openDevice: () => openDevice(job.recipe) });
    else {
      const { runSearch } = await import("../search/run");
      const { table } = await runSearch({
        ...common,
        recipe: job.recipe,
        settings: job.settings,
        store: this.store,
        openDevice: () => openDevice(job.recipe),
      });
      this.measured = { table, model: job.recipe.model.name };
      emit({ type: "state", state: "done" });
    }
  }

  private get cores(): number {
    return this.place.scope.navigator.hardwareConcurrency;
  }

  private openDevice(recipe: Recipe): Promise<ChosenDevice> {
    return chooseDevice(recipe, this.place.scope.navigator.gpu, this.cores, this.place.startThread);
  }

  /** Looks at images under rounding to nearest, where there are some for the network: built-in ones mean nothing to a person's own. */
  private async watch(recipe: Recipe, graph: Graph, signal: AbortSignal, emit: Emit): Promise<void> {
    const read = [judgedRole(recipe), ...(recipe.activations ? (["calibration"] as const) : [])];
    const isMissing = (role: JudgedRole) =>
      recipe[role]?.kind === "builtin" ? recipe.model.kind !== "builtin" : this.place.sources()[role] === null;
    if (read.some(isMissing)) return emit({ type: "unwatched", reason: null });
    try {
      const watched = { recipe, graph, sources: this.place.sources(), breathe: () => breathe(signal) };
      await this.watcher.glimpses(watched, emit);
      if (recipe.model.kind !== "builtin") emit({ type: "doubt", advice: await this.watcher.doubt(watched) });
      await this.place.inputs.drawAhead(recipe, () => breathe(signal));
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      emit({ type: "unwatched", reason: error.message });
    }
  }

  /** The recipe's own widths first, for which a person waits; then all that a check tells. */
  private async scoreThenCheck(recipe: Recipe, emit: Emit, signal: AbortSignal): Promise<void> {
    const { graph } = await this.place.inputs.loadModel(recipe.model, this.place.sources(), sizeAfter(recipe.preprocessing));
    checkWidths(graph, recipe);
    emit({ type: "score", score: await this.watcher.score({ recipe, graph, sources: this.place.sources(), breathe: () => breathe(signal) }) });
    await this.place.check(recipe, emit, signal);
  }

  /** Looks into a layer; what it cannot show is its answer, no failure of what is on the page. */
  private async inspect({ recipe, ask }: Extract<Job, { kind: "inspect" }>, emit: Emit, signal: AbortSignal): Promise<void> {
    this.inspector ??= new (await import("../inspect/inspector")).Inspector();
    const tell = (inspection: Inspection) => emit({ type: "inspected", inspection });
    try {
      await this.inspector.inspect({
        ask,
        recipe,
        kept: this.kept,
        sources: this.place.sources(),
        inputs: this.place.inputs,
        openDevice: (one) => this.openDevice(one),
        tell,
        breathe: () => breathe(signal),
      });
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      emit({ type: "inspected", inspection: { ask, error: error.message } });
    }
  }
}
