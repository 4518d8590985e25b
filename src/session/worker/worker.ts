/** The session in a Web Worker: files kept between jobs, one job at a time, events out in bundles. */

import { BadInput } from "../../base/errors";
import { programBytes } from "../../engine/allocate";
import { createWasmDevice } from "../../engine/wasm/device";
import threadScript from "../../engine/wasm/thread-worker?worker&url";
import { yieldToEvents } from "../../engine/yield";
import { artifactOf, type QuantizedArtifact } from "../../export/artifact";
import type { Graph } from "../../graph/types";
import type { SensitivityTable } from "../../search/sensitivity/table";
import { InputCache } from "../inputs/cache";
import { checkHash } from "../inputs/hash";
import { checkWidths, sizeAfter } from "../inputs/load";
import { lookAtImages } from "../inputs/look";
import type { FileRole, GivenFiles, Sources } from "../inputs/sources";
import type { Inspection } from "../inspect/inspection";
import type { Inspector, KeptRun } from "../inspect/inspector";
import { viewNetwork } from "../network/build";
import { Looks } from "../network/looks";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { chooseDevice, threadsFor } from "../run/devices";
import { estimateRun } from "../run/plan";
import { type RunOptions, runRecipe } from "../run/run";
import { stopIfAsked } from "../run/stop";
import { browserStore } from "../search/browser-measurements";
import { type JudgedRole, judgedRole, WatchedPictures } from "../watch/pictures";
import { Watcher } from "../watch/watcher";
import type { LabEvent } from "./events";
import { Jobs } from "./jobs";
import { type FromWorker, givenOf, type Job, type ToWorker } from "./protocol";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const given = new Map<FileRole, GivenFiles>();
const store = browserStore();
const inputs = new InputCache();
const looks = new Looks();
const pictures = new WatchedPictures();
const watcher = new Watcher({
  inputs,
  pictures,
  openDevice: ({ threads }) => createWasmDevice(threads ?? threadsFor(scope.navigator.hardwareConcurrency), undefined, threadScript),
});
/** What exports are made from: the last run's network, and the last search's table with the model that it was measured on. */
let finished: QuantizedArtifact | null = null;
/** What inspections look into, and who looks. */
let kept: KeptRun | null = null;
let inspector: Inspector | null = null;
let measured: { readonly table: SensitivityTable; readonly model: string } | null = null;
let page = "";

const post = (message: FromWorker) => scope.postMessage(message);

async function builtinModel(name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`demo/${name}.onnx`, page));
  if (!response.ok) throw new Error(`The built-in network ${name} could not be fetched (${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}

function sources(): Sources {
  return {
    builtinModel,
    model: given.get("model") ?? null,
    calibration: given.get("calibration") ?? null,
    evaluation: given.get("evaluation") ?? null,
  };
}

/** How many images a recipe names, if that is known before they are read. */
function imagesOf({ calibration, evaluation }: Recipe): { images: number; evaluation: number } | null {
  const [images, test] = [calibration.count, evaluation ? evaluation.count : 0];
  return images === null || test === null ? null : { images, evaluation: test };
}

/** Draws the network of a recipe; too short to count as loading, which would lock the page's form. */
async function check(recipe: Recipe, emit: (event: LabEvent) => void, signal: AbortSignal): Promise<void> {
  const { graph, sha256 } = await inputs.loadModel(recipe.model, sources(), sizeAfter(recipe.preprocessing));
  stopIfAsked(signal);
  checkHash(recipe.model.kind === "file" ? recipe.model.sha256 : null, sha256, graph.name);
  emit({ type: "network", network: viewNetwork(graph, workingUnit(recipe), recipe.weights) });
  checkWidths(graph, recipe);
  const sizes = imagesOf(recipe);
  if (sizes) emit({ type: "memory", estimate: estimateRun(graph, recipe, sizes, programBytes), plan: null });
  emit({ type: "state", state: "ready" });
  emit({ type: "firstLook", look: await looks.at(graph, recipe.weights, () => breathe(signal)) });
  for (const role of ["calibration", "evaluation"] as const) {
    const own = recipe[role] !== null && recipe[role].kind !== "builtin" && given.has(role);
    const look = own ? await lookAtImages(recipe, role, { graph, inputs, sources: sources() }, () => breathe(signal)) : null;
    emit({ type: "preview", role, preview: look });
  }
  await watch(recipe, graph, signal, emit);
}

/** Looks at images under rounding to nearest, where there are some for the network: built-in ones mean nothing to a person's own. */
async function watch(recipe: Recipe, graph: Graph, signal: AbortSignal, emit: (event: LabEvent) => void): Promise<void> {
  const read = [judgedRole(recipe), ...(recipe.activations ? (["calibration"] as const) : [])];
  const isMissing = (role: JudgedRole) => (recipe[role]?.kind === "builtin" ? recipe.model.kind !== "builtin" : !given.has(role));
  if (read.some(isMissing)) return emit({ type: "unwatched", reason: null });
  try {
    await watcher.glimpses({ recipe, graph, sources: sources(), breathe: () => breathe(signal) }, emit);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    emit({ type: "unwatched", reason: error.message });
  }
}

/** The recipe's own widths first, for which a person waits; then all that a check tells. */
async function scoreThenCheck(recipe: Recipe, emit: (event: LabEvent) => void, signal: AbortSignal): Promise<void> {
  const { graph } = await inputs.loadModel(recipe.model, sources(), sizeAfter(recipe.preprocessing));
  checkWidths(graph, recipe);
  emit({ type: "score", score: await watcher.score({ recipe, graph, sources: sources(), breathe: () => breathe(signal) }) });
  await check(recipe, emit, signal);
}

async function breathe(signal: AbortSignal): Promise<void> {
  await yieldToEvents();
  stopIfAsked(signal);
}

const openDevice = (recipe: Recipe) => chooseDevice(recipe, scope.navigator.gpu, scope.navigator.hardwareConcurrency, threadScript);

/** Looks into a layer; what it cannot show is its answer, no failure of what is on the page. */
async function inspect({ recipe, ask }: Extract<Job, { kind: "inspect" }>, emit: (event: LabEvent) => void, signal: AbortSignal): Promise<void> {
  inspector ??= new (await import("../inspect/inspector")).Inspector();
  const tell = (inspection: Inspection) => emit({ type: "inspected", inspection });
  try {
    await inspector.inspect({ ask, recipe, kept, sources: sources(), inputs, openDevice, tell, breathe: () => breathe(signal) });
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    emit({ type: "inspected", inspection: { ask, error: error.message } });
  }
}

async function perform(job: Job, emit: (event: LabEvent) => void, signal: AbortSignal): Promise<void> {
  const keep: RunOptions["keep"] = (network, report, evidence, inspectable) => {
    finished = artifactOf(network, report, evidence);
    kept = { ...inspectable, network, recipe: report.recipe, rounding: report.fingerprint.rounding };
  };
  const common = { sources: sources(), inputs, pictures, emit, signal, keep };
  if (job.kind === "check") return check(job.recipe, emit, signal);
  if (job.kind === "score") return scoreThenCheck(job.recipe, emit, signal);
  if (job.kind === "inspect") return inspect(job, emit, signal);
  // What computes in earnest has the memory and the cores to itself.
  watcher.close();
  if (job.kind === "export") {
    const { exportFile, proveFiles } = await import("./export");
    const { saved, files } = await exportFile(job, finished, measured);
    emit({ type: "exported", file: saved });
    if (finished) await proveFiles(job.as, finished, files, emit);
    return emit({ type: "state", state: "done" });
  }
  if (job.kind === "checkFile") {
    const [{ exportFile }, { sameWeights }] = await Promise.all([import("./export"), import("../share/payload")]);
    const { files } = await exportFile(job, finished, null);
    emit({ type: "checked", same: await sameWeights(job.as, await givenOf(job.given).read(), files) });
    return emit({ type: "state", state: "done" });
  }
  if (job.kind === "compare") {
    const { runExperiment } = await import("../experiments/queue");
    await runExperiment({ ...common, experiment: job.experiment, openDevice });
  } else if (job.kind === "fit") {
    const { runFit } = await import("../fit/run");
    const { table } = await runFit({ ...common, recipe: job.recipe, settings: job.settings, store, openDevice });
    measured = { table, model: job.recipe.model.name };
  } else if (job.kind === "run") await runRecipe({ ...common, recipe: job.recipe, openDevice: () => openDevice(job.recipe) });
  else {
    const { runSearch } = await import("../search/run");
    const { table } = await runSearch({ ...common, recipe: job.recipe, settings: job.settings, store, openDevice: () => openDevice(job.recipe) });
    measured = { table, model: job.recipe.model.name };
    emit({ type: "state", state: "done" });
  }
}

const jobs = new Jobs({
  perform,
  deliver: (job, events) => post({ type: "events", job, events }),
  broken: (message) => post({ type: "broken", message }),
});

scope.onunhandledrejection = ({ reason }) => post({ type: "broken", message: reason instanceof Error ? reason.message : String(reason) });

scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "start") page = data.page;
  else if (data.type === "cancel") jobs.cancel();
  else if (data.type === "job") jobs.submit(data.id, data.job);
  else {
    const { role, given: sent } = data;
    if (role === "model") measured = null;
    if (sent) given.set(role, givenOf(sent));
    else given.delete(role);
  }
};
