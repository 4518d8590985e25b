/**
 * One run of a recipe, from sources to report: load and plan, evaluate full precision and nearest, quantize, evaluate,
 * diagnose. It knows nothing of pages, workers or terminals; it emits events and stops when asked.
 */

import type { ImageSet } from "../../data/images";
import type { Preprocessing } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import { yieldToEvents } from "../../engine/yield";
import type { Evidence } from "../../export/artifact";
import { shapeOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { type Scores, score } from "../../network/evaluate";
import type { Overrides } from "../../network/quantized";
import { readsByLayer } from "../../quantize/activations";
import { type MemoryPlan, planMemory } from "../../quantize/memory";
import { METHODS } from "../../quantize/methods";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { MethodOptions, QuantizedNetwork } from "../../quantize/methods/method";
import { floatBytes, networkBytes } from "../../quantize/size";
import type { UnitCache } from "../../quantize/unit-cache";
import { weightQParams } from "../../quantize/weight-qparams";
import { InputCache } from "../inputs/cache";
import { type Loaded, load, loadSome } from "../inputs/load";
import type { Sources } from "../inputs/sources";
import { upload } from "../inputs/upload";
import { viewNetwork } from "../network/build";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "../share/arithmetic";
import { fingerprintOf, hashNetwork } from "../share/compute-fingerprint";
import type { WatchedPictures } from "../watch/pictures";
import type { LabEvent } from "../worker/events";
import type { ChosenDevice } from "./devices";
import { diagnose } from "./diagnosis";
import { gatherEvidence } from "./evidence";
import { accuracyOf, Judge } from "./judge";
import { UnitObserver } from "./observer";
import { estimateRun, type PlannedWork, plannedWork } from "./plan";
import { advisePreprocessing } from "./preprocessing-check";
import { Progress } from "./progress";
import type { Accuracy, Report, UnitDiagnosis } from "./report";
import { pickSamples } from "./samples";
import { stopIfAsked } from "./stop";
import { warnOfNearest, warnOfRewrite, warnOfTravel } from "./warnings";

export interface RunOptions {
  readonly recipe: Recipe;
  readonly sources: Sources;
  openDevice(): Promise<ChosenDevice>;
  /** Bytes of memory that the host has for caches; null where that is unknown. */
  readonly hostMemory?: number | null;
  emit(event: LabEvent): void;
  readonly signal: AbortSignal;
  /** What was read before, where several runs share inputs. */
  readonly inputs?: InputCache;
  /** The pictures that are shown of each network, where others show them too. */
  readonly pictures?: WatchedPictures;
  /** Units of earlier runs, where several runs share some. */
  readonly units?: UnitCache;
  /** Takes the quantized network of a run that is done, for exports. */
  keep?(network: QuantizedNetwork, report: Report, evidence: Evidence, inspectable: Inspectable): void;
}

/** What else is kept of a run, to look into its layers. */
export interface Inspectable {
  /** At full precision, batch normalization folded. */
  readonly graph: Graph;
  /** Rounded to nearest. */
  readonly nearest: QuantizedNetwork;
  /** The images that the result was judged on. */
  readonly set: ImageSet;
  readonly on: "test" | "calibration";
}

/** What all phases share. */
interface RunContext extends Loaded {
  readonly options: RunOptions & { readonly inputs: InputCache };
  readonly device: Device;
  readonly plan: MemoryPlan;
  readonly work: PlannedWork;
  readonly progress: Progress;
  readonly judge: Judge;
  /** Calibration images, and those that results are judged on. */
  readonly images: DatasetTensor;
  readonly test: DatasetTensor;
  readonly warnings: string[];
  readonly clock: Clock;
  breathe(): Promise<void>;
}

interface Baseline {
  readonly full: Scores;
  readonly nearest: Scores;
  readonly network: QuantizedNetwork;
  readonly given: MethodOptions;
  readonly observer: UnitObserver;
  readonly accuracy: { readonly fullPrecision: Accuracy; readonly nearest: Accuracy };
}

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
  const owned: DatasetTensor[] = [];
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
async function prepare(options: RunContext["options"], loaded: Loaded, device: Device, clock: Clock, owned: DatasetTensor[]): Promise<RunContext> {
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
  const work = plannedWork(graph, recipe, (evaluation ?? calibration).set.count);
  const progress = new Progress(work.total, (text, fraction, secondsLeft) => emit({ type: "progress", text, fraction, secondsLeft }));
  const judge = new Judge((evaluation ?? calibration).set, evaluation ? "test" : "calibration", emit);
  const breathe = async () => {
    await yieldToEvents();
    stopIfAsked(signal);
  };
  return { ...loaded, options, device, plan, work, progress, judge, images, test, warnings, clock, breathe };
}

/** Full precision and rounding to nearest: what a result stands between. */
async function measureBaseline(context: RunContext): Promise<Baseline> {
  const { options, device, recipe, graph, unfolded, judge, work, progress, clock, breathe } = context;
  const full = await evaluate(context, "Evaluating full precision", graph, { kernels: new Map() });
  const fullPrecision = judge.accuracy("fullPrecision", full, full);
  if (unfolded.nodes.length !== graph.nodes.length)
    warn(context, await warnOfRewrite(device, unfolded, graph, judge.set, recipe.preprocessing, "Folding batch normalization"));
  await doubtPreprocessing(context);
  progress.begin("Searching the scales of weights", 0);
  const layerQParams = await weightQParams(device, graph, recipe.weights, breathe);
  const observer = new UnitObserver({
    ...{ recipe, progress, work: work.units, layerQParams, reads: readsByLayer(graph), emit: options.emit },
    stopIfAsked: () => stopIfAsked(options.signal),
  });
  const { model, calibration, preprocessing, method } = recipe;
  const unitCache = options.units ? { cache: options.units, identity: JSON.stringify([model, calibration, preprocessing, method]) } : null;
  const given: MethodOptions = { ...recipe, device, graph, images: context.images, layerQParams, observer, unitCache };
  const network = await METHODS.nearest.quantize(given);
  const nearest = await evaluate(context, `Evaluating nearest rounding at ${bitsText(recipe)}`, graph, network);
  const accuracy = { fullPrecision, nearest: judge.accuracy("nearest", nearest, full) };
  clock.phase("baseline");
  return { full, nearest, network, given, observer, accuracy };
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
  progress.begin(`Quantizing with ${title}`, 0);
  const network = recipe.method === "nearest" ? nearest : await METHODS[recipe.method].quantize(given);
  if (network.graph !== graph)
    warn(context, await warnOfRewrite(device, graph, network.graph, judge.set, recipe.preprocessing, `Rewriting the network for ${title}`));
  clock.phase("reconstruct");
  return network;
}

async function judgeResult(context: RunContext, baseline: Baseline, network: QuantizedNetwork, reason: string): Promise<Report> {
  const { options, device, recipe, plan, judge, clock, calibration, evaluation, warnings } = context;
  const { full, nearest, observer } = baseline;
  options.emit({ type: "state", state: "evaluating" });
  const scores = await evaluate(context, "Evaluating the quantized network", network.graph, network);
  const quantized = judge.accuracy("quantized", scores, full);
  warn(context, warnOfNearest(METHOD_CATALOG[recipe.method].title, baseline.accuracy.nearest, quantized));
  clock.phase("evaluate");
  const diagnosis = await diagnoseUnits(context, network, full);
  clock.phase("diagnose");
  const classNames = evaluation?.set.classNames ?? calibration.set.classNames;
  options.emit({ type: "samples", samples: pickSamples(judge.set, classNames, { fullPrecision: full, nearest, quantized: scores }) });
  const { kind, description } = device.info;
  const report: Report = {
    arithmetic: ARITHMETIC_VERSION,
    recipe,
    device: { kind, description, reason },
    memory: { budget: plan.budget, expected: plan.program + plan.images + plan.caches, streamed: plan.streamed, peak: device.memory.peak },
    evaluatedOn: evaluation ? "evaluation" : "calibration",
    accuracy: { ...baseline.accuracy, quantized },
    size: { fullPrecision: floatBytes(context.graph), quantized: networkBytes(network.graph, recipe.weights) },
    units: observer.reports,
    diagnosis,
    warnings,
    seconds: clock.total(),
    fingerprint: await fingerprintOf(
      { ...recipe, device: kind },
      {
        top1: quantized.top1,
        agreement: quantized.agreement,
        losses: observer.reports.map(({ loss }) => loss.last),
        rounding: await hashNetwork(network),
      },
    ),
  };
  if (options.keep) {
    const { preprocessing } = recipe;
    const judged = { device, graph: context.graph, network, full, scores, set: judge.set, images: context.test, preprocessing };
    const inspectable = { graph: context.graph, nearest: baseline.network, set: judge.set, on: judge.on };
    options.keep(network, report, await gatherEvidence(judged), inspectable);
  }
  return report;
}

function diagnoseUnits(context: RunContext, network: QuantizedNetwork, full: Scores): Promise<UnitDiagnosis[]> {
  const { options, device, recipe, judge, test, breathe } = context;
  return diagnose(
    recipe,
    { device, images: test, unit: workingUnit(recipe), network },
    {
      evaluate: (text, graph, overrides) => evaluate(context, text, graph, overrides),
      accuracy: (scores) => accuracyOf(scores, full, judge.set),
      emit: options.emit,
      breathe,
    },
  );
}

function evaluate({ options, device, test, progress, work }: RunContext, text: string, network: Graph, overrides: Overrides): Promise<Scores> {
  progress.begin(text, work.evaluation);
  return score(device, network, test, overrides, (share) => {
    stopIfAsked(options.signal);
    progress.advance(share);
  });
}

function warn({ options, warnings }: Pick<RunContext, "options" | "warnings">, found: readonly string[]): void {
  for (const message of found) options.emit({ type: "warning", message });
  warnings.push(...found);
}

/** "2 bit, activations at 4". */
function bitsText({ weights, activations }: Recipe): string {
  const read = activations ? `, activations at ${activations.assignment ? "mixed" : activations.bits}` : "";
  return `${weights.assignment || weights.overrides ? "mixed" : weights.bits} bit${read}`;
}

/** Seconds by phase. */
class Clock {
  private readonly started: number = performance.now();
  private mark: number = this.started;
  private readonly seconds: Record<string, number> = {};

  phase(name: string): void {
    const now = performance.now();
    this.seconds[name] = (this.seconds[name] ?? 0) + (now - this.mark) / 1000;
    this.mark = now;
  }

  total(): Record<string, number> {
    return { ...this.seconds, total: (performance.now() - this.started) / 1000 };
  }
}
