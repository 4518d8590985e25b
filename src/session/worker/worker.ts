/** The session in a Web Worker: one run at a time, files kept between runs, events out in bundles. */
import { BadInput, Cancelled } from "../../base/errors";
import { programBytes } from "../../engine/allocate";
import type { Experiment } from "../experiments/experiment";
import { runExperiment } from "../experiments/queue";
import { type GivenFiles, loadModel, type Sources } from "../inputs/sources";
import { viewNetwork } from "../network/view";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { chooseDevice } from "../run/devices";
import { estimateRun } from "../run/plan";
import { runRecipe } from "../run/run";
import { browserStore } from "../search/browser-measurements";
import { runSearch } from "../search/run";
import type { SearchSettings } from "../search/settings";
import { EventBundler, type LabEvent } from "./events";
import { type FileRole, type FromWorker, readSent, type SentFiles, type ToWorker } from "./protocol";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const given = new Map<FileRole, SentFiles>();
const store = browserStore();
let controller: AbortController | null = null;
let page = "";

const bundler = new EventBundler((events) => scope.postMessage({ type: "events", events } satisfies FromWorker));

async function builtinModel(name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`demo/${name}.onnx`, page));
  if (!response.ok) throw new Error(`The built-in network ${name} could not be fetched (${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}

async function read(role: FileRole): Promise<GivenFiles | null> {
  const sent = given.get(role);
  return sent ? { name: sent.name, files: await readSent(sent) } : null;
}

async function sourcesOf(recipe: Recipe, images: boolean): Promise<Sources> {
  return {
    builtinModel,
    model: recipe.model.kind === "file" ? await read("model") : null,
    calibration: images && recipe.calibration.kind === "files" ? await read("calibration") : null,
    evaluation: images && recipe.evaluation?.kind === "files" ? await read("evaluation") : null,
  };
}

function emit(event: LabEvent): void {
  bundler.emit(event);
}

function fail(error: unknown): void {
  if (error instanceof Cancelled) emit({ type: "state", state: "cancelled" });
  else {
    emit({ type: "failed", message: error instanceof Error ? error.message : String(error), badInput: error instanceof BadInput });
    emit({ type: "state", state: "failed" });
  }
}

/** How many images a recipe names, if that is known before they are read. */
function imagesOf({ calibration, evaluation }: Recipe): { images: number; evaluation: number } | null {
  const [images, test] = [calibration.count, evaluation ? evaluation.count : 0];
  return images === null || test === null ? null : { images, evaluation: test };
}

/** Draws the network of a recipe; too short to count as loading, which would lock the page's form. */
async function check(recipe: Recipe): Promise<void> {
  try {
    const { graph } = await loadModel(recipe, await sourcesOf(recipe, false));
    emit({ type: "network", network: viewNetwork(graph, workingUnit(recipe)) });
    const sizes = imagesOf(recipe);
    if (sizes) emit({ type: "memory", estimate: estimateRun(graph, recipe, sizes, programBytes), plan: null });
    emit({ type: "state", state: "ready" });
  } catch (error) {
    fail(error);
  }
  bundler.flush();
}

/** Work that can be cancelled; the one before it is. */
async function cancellable(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  controller?.abort();
  const own = new AbortController();
  controller = own;
  try {
    await work(own.signal);
  } catch (error) {
    fail(error);
  }
  bundler.flush();
}

const openDevice = (recipe: Recipe) => chooseDevice(recipe, scope.navigator.gpu, scope.navigator.hardwareConcurrency);

function run(recipe: Recipe): Promise<void> {
  return cancellable(async (signal) =>
    runRecipe({ recipe, sources: await sourcesOf(recipe, true), openDevice: () => openDevice(recipe), emit, signal }),
  );
}

function compare(experiment: Experiment): Promise<void> {
  return cancellable(async (signal) => runExperiment({ experiment, sources: await sourcesOf(experiment.recipe, true), openDevice, emit, signal }));
}

function search(recipe: Recipe, settings: SearchSettings): Promise<void> {
  return cancellable(async (signal) => {
    const sources = await sourcesOf(recipe, true);
    await runSearch({ recipe, settings, sources, store, openDevice: () => openDevice(recipe), emit, signal });
    emit({ type: "state", state: "done" });
  });
}

let queue: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "start") page = data.page;
  else if (data.type === "cancel") controller?.abort();
  else if (data.type === "give") {
    if (data.given) given.set(data.role, data.given);
    else given.delete(data.role);
  } else if (data.type === "check") queue = queue.then(() => check(data.recipe));
  else if (data.type === "search") queue = queue.then(() => search(data.recipe, data.settings));
  else if (data.type === "compare") queue = queue.then(() => compare(data.experiment));
  else queue = queue.then(() => run(data.recipe));
};
