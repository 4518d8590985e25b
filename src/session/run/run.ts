/**
 * One run of a recipe, from sources to report: load and plan, quantize, measure what the result stands between (baseline.ts), evaluate,
 * diagnose. It knows nothing of pages, workers or terminals; it emits events and stops when asked.
 */

import type { Device } from "../../engine/device";
import { yieldToEvents } from "../../engine/yield";
import type { Layer } from "../../graph/types";
import type { Checkpoints } from "../../quantize/checkpoints";
import { planMemory } from "../../quantize/memory";
import { METHODS } from "../../quantize/methods";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import type { QParams } from "../../quantize/quantizer";
import { weightQParams } from "../../quantize/weight-qparams";
import { runIdentity } from "../checkpoint/identity";
import { RunCheckpoints } from "../checkpoint/run-checkpoints";
import type { CheckpointStores } from "../checkpoint/store";
import { InputCache } from "../inputs/cache";
import { type Loaded, load } from "../inputs/load";
import { upload } from "../inputs/upload";
import { viewNetwork } from "../network/build";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { Baseline } from "./baseline";
import { Clock, type Inspectable, type RunContext, type RunOptions, warn } from "./context";
import { memoryCheckpoints, onNewDevices } from "./lost-device";
import { judgeResult } from "./outcome";
import { estimateRun, plannedWork } from "./plan";
import { Progress } from "./progress";
import type { Report } from "./report";
import { stopIfAsked } from "./stop";
import { warnOfRewrite, warnOfTravel } from "./warnings";

export type { Inspectable, RunOptions };

export function runRecipe(given: RunOptions): Promise<Report> {
  const options = { ...given, inputs: given.inputs ?? new InputCache() };
  const warn = (message: string) => given.emit({ type: "warning", message });
  return onNewDevices(given.checkpoints ?? memoryCheckpoints(), warn, (checkpoints) =>
    attempt({ ...options, checkpoints }, given.checkpoints != null),
  );
}

/** @param lasting whether checkpoints outlive the run; others are of use to a GPU alone, which may be lost */
async function attempt(options: RunContext["options"] & { readonly checkpoints: CheckpointStores }, lasting: boolean): Promise<Report> {
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
    const checkpoints = lasting || device.info.kind === "webgpu" ? options.checkpoints : null;
    const context = await prepare({ ...options, checkpoints }, loaded, device, clock, owned);
    const baseline = new Baseline(context, await searchScales(context));
    if (baseline.comesFirst) await baseline.measured();
    const network = await quantize(context, baseline);
    const report = await judgeResult(await baseline.measured(), baseline.units, network, reason);
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
  const { recipe, graph, calibration, judged, notes } = loaded;
  emit({ type: "state", state: "calibrating" });
  const sizes = { images: calibration.set.count, evaluation: recipe.evaluation ? judged.count : 0 };
  const estimate = estimateRun(graph, recipe, sizes, (program) => device.footprint(program));
  const plan = planMemory(estimate, device.memory.budget, options.hostMemory ?? null);
  emit({ type: "memory", estimate, plan });
  const warnings: string[] = [];
  warn({ options, warnings }, [...notes, ...warnOfTravel(recipe)]);
  device.memory.reserve = plan.streamed ? plan.streaming : plan.program;
  const checkpoints = await openCheckpoints(options, recipe, device);
  const images = await upload(device, calibration.set, recipe.preprocessing, plan, owned);
  clock.phase("load");
  const work = plannedWork(graph, recipe, { calibration: calibration.set.count, judged: judged.count });
  const progress = new Progress(work.total, (told) => emit({ type: "progress", ...told }));
  const breathe = async () => {
    await yieldToEvents();
    stopIfAsked(signal);
  };
  return { ...loaded, options, device, plan, work, progress, images, warnings, checkpoints, owned, clock, breathe };
}

async function openCheckpoints({ checkpoints, signal, emit }: RunOptions, recipe: Recipe, { info }: Device): Promise<Checkpoints | null> {
  if (!checkpoints) return null;
  const run = await runIdentity(recipe, info);
  return new RunCheckpoints({ store: await checkpoints.open(run), run, signal, emit, every: checkpoints.every });
}

/** Scales and zero points of the weights, which every method starts from. */
async function searchScales({ options, device, recipe, graph, progress, breathe }: RunContext): Promise<Map<Layer, QParams>> {
  progress.begin("Searching the scales of weights", { what: "scales" }, null, 0);
  return weightQParams(device, graph, recipe.weights, breathe, options.grids);
}

async function quantize(context: RunContext, baseline: Baseline): Promise<QuantizedNetwork> {
  const { options, device, recipe, graph, progress, clock } = context;
  const { title } = METHOD_CATALOG[recipe.method];
  options.emit({ type: "state", state: "quantizing" });
  progress.begin(`Quantizing with ${title}`, { what: "preparing" }, METHOD_CATALOG[recipe.method].optimizes === "none" ? null : "weights", 0);
  const network = recipe.method === "nearest" ? (await baseline.measured()).network : await METHODS[recipe.method].quantize(baseline.given);
  if (network.graph !== graph) {
    const { judge } = (await baseline.measured()).context;
    warn(context, await warnOfRewrite(device, graph, network.graph, judge.set, recipe.preprocessing, `Rewriting the network for ${title}`));
  }
  clock.phase("reconstruct");
  return network;
}
