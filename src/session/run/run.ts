/**
 * One run of a recipe, from sources to report: load and plan, evaluate full precision and nearest, quantize, evaluate,
 * diagnose. It knows nothing of pages, workers or terminals; it emits events and stops when asked.
 */

import type { Preprocessing } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import { yieldToEvents } from "../../engine/yield";
import { shapeOf } from "../../graph/queries";
import type { Scores } from "../../network/evaluate";
import { planMemory } from "../../quantize/memory";
import { METHODS } from "../../quantize/methods";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { MethodOptions, QuantizedNetwork } from "../../quantize/methods/method";
import { readsByLayer } from "../../quantize/reads";
import { weightQParams } from "../../quantize/weight-qparams";
import { InputCache } from "../inputs/cache";
import { type Loaded, load, loadSome } from "../inputs/load";
import { upload } from "../inputs/upload";
import { viewNetwork } from "../network/build";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { SHOWN } from "../watch/choose";
import { type Baseline, Clock, evaluate, type Inspectable, type RunContext, type RunOptions, warn } from "./context";
import { Judge } from "./judge";
import { UnitObserver } from "./observer";
import { judgeResult } from "./outcome";
import { estimateRun, plannedWork } from "./plan";
import { advisePreprocessing } from "./preprocessing-check";
import { Progress } from "./progress";
import type { Report } from "./report";
import { stopIfAsked } from "./stop";
import { warnOfRewrite, warnOfTravel } from "./warnings";
import { WatchedRun } from "./watched-run";

export type { Inspectable, RunOptions };

export async function runRecipe(given: RunOptions): Promise<Report> {
  const options = { ...given, inputs: given.inputs ?? new InputCache() };
  const { emit } = options;
  const clock = new Clock();
  emit({ type: "state", state: "loading" });
  const loaded = await load(options);
  emit({ type: "recipe", recipe: loaded.recipe });
  emit({ type: "network", network: viewNetwork(loaded.graph, workingUnit(loaded.recipe), loaded.recipe.weights) });
  const { device, reason } = await options.openDevice();
  emit({ type: "device", kind: device.info.kind, description: device.info.description, reason });
  const owned: RunContext["owned"] = [];
  try {
    stopIfAsked(options.signal);
    const context = await prepare(options, loaded, device, clock, owned);
    const baseline = await measureBaseline(context);
    const network = await quantize(context, baseline);
    const report = await judgeResult(context, baseline, network, reason);
    emit({ type: "done", report });
    emit({ type: "state", state: "done" });
    return report;
  } finally {
    for (const tensor of owned) tensor.dispose();
    device.dispose();
  }
}

/** Plans memory and work, and puts the images on the device. */
async function prepare(
  options: RunContext["options"],
  loaded: Loaded,
  device: Device,
  clock: Clock,
  owned: RunContext["owned"],
): Promise<RunContext> {
  const { emit, signal } = options;
  const { recipe, graph, calibration, evaluation, notes } = loaded;
  emit({ type: "state", state: "calibrating" });
  const sizes = { images: calibration.set.count, evaluation: evaluation?.set.count ?? 0 };
  const estimate = estimateRun(graph, recipe, sizes, (program) => device.footprint(program));
  const plan = planMemory(estimate, device.memory.budget, options.hostMemory ?? null);
  emit({ type: "memory", estimate, plan });
  const warnings: string[] = [];
  warn({ options, warnings }, [...notes, ...warnOfTravel(recipe)]);
  device.memory.reserve = plan.streamed ? plan.streaming : plan.program;
  const images = await upload(device, calibration.set, recipe.preprocessing, plan, owned);
  const test = evaluation ? await upload(device, evaluation.set, recipe.preprocessing, plan, owned) : images;
  clock.phase("load");
  const work = plannedWork(graph, recipe, { calibration: calibration.set.count, judged: (evaluation ?? calibration).set.count });
  const progress = new Progress(work.total, (told) => emit({ type: "progress", ...told }));
  const judge = new Judge((evaluation ?? calibration).set, evaluation ? "test" : "calibration", emit);
  const breathe = async () => {
    await yieldToEvents();
    stopIfAsked(signal);
  };
  return { ...loaded, options, device, plan, work, progress, judge, images, test, warnings, owned, clock, breathe };
}

/** Full precision and rounding to nearest: what a result stands between. */
async function measureBaseline(context: RunContext): Promise<Baseline> {
  const { options, device, recipe, graph, unfolded, judge, work, progress, clock, breathe } = context;
  const full = await evaluate(context, "Evaluating full precision", { what: "evaluating", which: "fullPrecision" }, graph, { kernels: new Map() });
  const fullPrecision = judge.accuracy("fullPrecision", full, full);
  if (unfolded.nodes.length !== graph.nodes.length)
    warn(context, await warnOfRewrite(device, unfolded, graph, judge.set, recipe.preprocessing, "Folding batch normalization"));
  await doubtPreprocessing(context);
  progress.begin("Searching the scales of weights", { what: "scales" }, null, 0);
  const layerQParams = await weightQParams(device, graph, recipe.weights, breathe);
  const watched = watchedRun(context, full);
  const observer = new UnitObserver({
    ...{ recipe, progress, work, watched, layerQParams, reads: readsByLayer(graph), emit: options.emit },
    stopIfAsked: () => stopIfAsked(options.signal),
  });
  const { model, calibration, preprocessing, method } = recipe;
  const unitCache = options.units ? { cache: options.units, identity: JSON.stringify([model, calibration, preprocessing, method]) } : null;
  const given: MethodOptions = { ...recipe, device, graph, images: context.images, layerQParams, observer, unitCache };
  const network = await METHODS.nearest.quantize(given);
  const which = { what: "evaluating", which: "nearest" } as const;
  const nearest = await evaluate(context, `Evaluating nearest rounding at ${bitsText(recipe)}`, which, graph, network);
  const accuracy = { fullPrecision, nearest: judge.accuracy("nearest", nearest, full) };
  await watchNearest(context, watched, nearest, network);
  clock.phase("baseline");
  return { full, nearest, network, given, observer, watched, accuracy };
}

function watchedRun(context: RunContext, full: Scores): WatchedRun {
  const { options, device, recipe, graph, plan, work, judge, calibration, evaluation, owned, breathe } = context;
  // Two streams of activations of the sample, beside the caches of a run, which must not give way to them.
  const share = (work.watch.images + SHOWN) / calibration.set.count;
  const room = plan.budget - plan.program - plan.images - plan.caches;
  const tight = plan.streamed > 0 || room < 2 * share * (plan.caches + plan.images);
  const watched = new WatchedRun({
    ...{ device, graph, recipe, plan: work.watch, set: judge.set, full, on: judge.on, preprocessing: recipe.preprocessing, breathe },
    classNames: (evaluation ?? calibration).set.classNames,
    ...(tight ? { place: "host" } : {}),
    emit: options.emit,
  });
  owned.push(watched);
  return watched;
}

/** The curve of rounding to nearest, and the pictures where nobody has chosen some. */
async function watchNearest(context: RunContext, watched: WatchedRun, nearest: Scores, network: QuantizedNetwork): Promise<void> {
  const { options, recipe, graph, work, progress } = context;
  const { pictures, sources } = options;
  const key = pictures?.keyOf(graph, recipe, sources) ?? "";
  const shown = watched.begin(pictures?.get(key) ?? null, nearest);
  pictures?.set(key, shown);
  const part = { what: "evaluating", which: "part" } as const;
  progress.begin("Measuring nearest rounding unit by unit", part, "watching", work.watch.curve);
  await watched.nearest(network, (share) => progress.advance(share));
}

/** Says which preprocessing fits better, if one does. */
async function doubtPreprocessing(context: RunContext): Promise<void> {
  const { options, device, recipe, graph, judge, calibration, evaluation, breathe } = context;
  const reread = (preprocessing: Preprocessing, places: readonly number[]) =>
    loadSome({ ...recipe, preprocessing }, evaluation ? "evaluation" : "calibration", { ...options, graph }, () => places, breathe);
  const { resized } = evaluation ?? calibration;
  const advice = await advisePreprocessing(device, graph, judge.set, recipe.preprocessing, { reread: resized ? reread : null, breathe });
  if (!advice) return;
  warn(context, [advice.message]);
  options.emit({ type: "advice", advice, input: shapeOf(graph, graph.input) });
}

async function quantize(context: RunContext, { network: nearest, given }: Baseline): Promise<QuantizedNetwork> {
  const { options, device, recipe, graph, judge, progress, clock } = context;
  const { title } = METHOD_CATALOG[recipe.method];
  options.emit({ type: "state", state: "quantizing" });
  progress.begin(`Quantizing with ${title}`, { what: "preparing" }, METHOD_CATALOG[recipe.method].optimizes === "none" ? null : "weights", 0);
  const network = recipe.method === "nearest" ? nearest : await METHODS[recipe.method].quantize(given);
  if (network.graph !== graph)
    warn(context, await warnOfRewrite(device, graph, network.graph, judge.set, recipe.preprocessing, `Rewriting the network for ${title}`));
  clock.phase("reconstruct");
  return network;
}

/** "2 bit, activations at 4". */
function bitsText({ weights, activations }: Recipe): string {
  const read = activations ? `, activations at ${activations.assignment ? "mixed" : activations.bits}` : "";
  return `${weights.assignment || weights.overrides ? "mixed" : weights.bits} bit${read}`;
}
