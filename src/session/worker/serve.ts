/**
 * The session in a Web Worker: files kept between jobs, one job at a time, events out in bundles. Here stands what draws a network;
 * the rest (work.ts) is loaded when the first is drawn. The worker's entry (worker.ts) hands over what it was told meanwhile.
 */
import { InputCache } from "../inputs/cache";
import { checkHash } from "../inputs/hash";
import { checkWidths, sizeAfter } from "../inputs/load";
import type { FileRole, GivenFiles, Sources } from "../inputs/sources";
import { viewNetwork } from "../network/build";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { stopIfAsked } from "../run/stop";
import type { LabEvent } from "./events";
import { Jobs } from "./jobs";
import { type FromWorker, givenOf, type Job, type SentFiles, type ToWorker } from "./protocol";
import { AskedThreads } from "./threads";
import { sayAlive } from "./watchdog";
import type { Work } from "./work";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const given = new Map<FileRole, GivenFiles>();
/** The same as it was sent: files that the browser can keep. */
const sent = new Map<FileRole, SentFiles>();
const inputs = new InputCache();
let page = "";
let working: Promise<Work> | null = null;

const post = (message: FromWorker) => scope.postMessage(message);
const threads = new AskedThreads(post);

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

/** What computes; a part that does not come, as offline, is asked for again by the next job. */
function work(): Promise<Work> {
  working ??= import("./work").then(
    ({ Work }) => new Work({ inputs, sources, sent, scope, startThread: threads.start, check }),
    (error: unknown) => {
      working = null;
      throw new Error(
        `A part of the lab could not be loaded; check the connection and try again (${error instanceof Error ? error.message : error})`,
      );
    },
  );
  return working;
}

/** Draws the network of a recipe, then looks at it; too short to count as loading, which would lock the page's form. */
async function check(recipe: Recipe, emit: (event: LabEvent) => void, signal: AbortSignal): Promise<void> {
  const { graph, sha256 } = await inputs.loadModel(recipe.model, sources(), sizeAfter(recipe.preprocessing));
  stopIfAsked(signal);
  checkHash(recipe.model.kind === "file" ? recipe.model.sha256 : null, sha256, graph.name);
  emit({ type: "network", network: viewNetwork(graph, workingUnit(recipe), recipe.weights) });
  checkWidths(graph, recipe);
  await (await work()).look(recipe, graph, emit, signal);
}

async function perform(job: Job, emit: (event: LabEvent) => void, signal: AbortSignal, resumes: string | null): Promise<void> {
  if (job.kind === "check") return check(job.recipe, emit, signal);
  await (await work()).perform(job, emit, signal, resumes);
}

const jobs = new Jobs({
  perform,
  deliver: (job, events) => post({ type: "events", job, events }),
  broken: (message) => post({ type: "broken", message }),
});

scope.onunhandledrejection = ({ reason }) => post({ type: "broken", message: reason instanceof Error ? reason.message : String(reason) });

/** Does what the page says. */
export function hear(data: ToWorker): void {
  if (data.type === "start") {
    page = data.page;
    sayAlive(() => post({ type: "alive" }));
  } else if (data.type === "cancel") jobs.cancel();
  else if (data.type === "pause") jobs.pause();
  else if (data.type === "goOn") jobs.goOn();
  else if (data.type === "thread") threads.hear(data);
  else if (data.type === "job") jobs.submit(data.id, data.job, data.resumes);
  else {
    const { role, given: now } = data;
    if (role === "model") void working?.then((one) => one.forgetMeasurements());
    given.delete(role);
    sent.delete(role);
    if (!now) return;
    given.set(role, givenOf(now));
    sent.set(role, now);
  }
}
