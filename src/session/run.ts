/**
 * One run of a recipe, from sources to report: load, evaluate full precision and nearest, reconstruct unit
 * by unit, evaluate. It knows nothing of pages, workers or terminals; it emits events and stops when asked.
 */
import { BadInput, Cancelled } from "../base/errors";
import { checkImages } from "../data";
import type { ImageSet } from "../data/images";
import { normalize } from "../data/preprocess";
import type { Bank, Device } from "../engine/device";
import type { Program } from "../engine/program";
import { yieldToEvents } from "../engine/yield";
import type { Graph, Layer } from "../graph/types";
import { layersOf, shapeOf } from "../graph/walk";
import { agreement, type Scores, score } from "../network/evaluate";
import type { Kernels } from "../network/lower";
import { partition, shortName } from "../passes/partition";
import { brecq, nearestKernels, weightGrids } from "../quantize/brecq";
import { estimateMemory, type MemoryEstimate, type MemoryPlan, planMemory } from "../quantize/memory";
import type { Grid } from "../quantize/quantizer";
import { unitsOf } from "../quantize/units";
import type { ChosenDevice } from "./devices";
import type { LabEvent, LossPoint } from "./events";
import { macsOf, viewNetwork } from "./network-view";
import { Progress } from "./progress";
import type { Recipe } from "./recipe";
import { type Accuracy, type AccuracyName, hashRoundings, type Report, sampleCurve, type UnitReport } from "./report";
import { pickSamples } from "./samples";
import { type LoadedImages, loadImages, loadModel, type Sources } from "./sources";

export interface RunOptions {
  readonly recipe: Recipe;
  readonly sources: Sources;
  openDevice(): Promise<ChosenDevice>;
  /** Bytes of memory that the host has for caches; null where that is unknown. */
  readonly hostMemory?: number | null;
  emit(event: LabEvent): void;
  readonly signal: AbortSignal;
}

interface Loaded {
  readonly recipe: Recipe;
  readonly graph: Graph;
  readonly calibration: LoadedImages;
  readonly evaluation: LoadedImages | null;
}

/** Reads model and images, checks that they fit, and completes the recipe with their hashes. */
export async function load({ recipe, sources, signal, emit }: Omit<RunOptions, "openDevice">): Promise<Loaded> {
  const model = await loadModel(recipe, sources);
  const reading = (what: string) => async (share: number) => {
    emit({ type: "progress", text: `Reading ${what} images, ${Math.round(100 * share)} %`, fraction: 0, secondsLeft: null });
    await yieldToEvents();
    stopIfAsked(signal);
  };
  const { preprocessing } = recipe;
  const calibration = await loadImages("calibration", recipe.calibration, sources.calibration, preprocessing, reading("calibration"));
  const evaluation = recipe.evaluation ? await loadImages("evaluation", recipe.evaluation, sources.evaluation, preprocessing, reading("test")) : null;
  const input = shapeOf(model.graph, model.graph.input);
  const classes = shapeOf(model.graph, model.graph.output).at(-1) as number;
  checkImages(calibration.set, input, classes, calibration.name);
  if (evaluation) checkImages(evaluation.set, input, classes, evaluation.name);
  if (calibration.set.count < recipe.batch)
    throw new BadInput(
      `${calibration.name} holds ${calibration.set.count} calibration images, fewer than a batch of ${recipe.batch}; add images or use a smaller batch.`,
    );
  if (layersOf(model.graph).length < 2) throw new BadInput(`${model.graph.name} has fewer than two layers; there is nothing to reconstruct.`);
  const hashed: Recipe = {
    ...recipe,
    model: recipe.model.kind === "file" ? { ...recipe.model, sha256: model.sha256 } : recipe.model,
    calibration: recipe.calibration.kind === "files" ? { ...recipe.calibration, sha256: calibration.sha256 } : recipe.calibration,
    evaluation: recipe.evaluation?.kind === "files" && evaluation ? { ...recipe.evaluation, sha256: evaluation.sha256 } : recipe.evaluation,
  };
  return { recipe: hashed, graph: model.graph, calibration, evaluation };
}

export async function runRecipe(options: RunOptions): Promise<Report> {
  const { emit, signal } = options;
  const started = performance.now();
  const seconds: Record<string, number> = {};
  let mark = started;
  const clock = (phase: string) => {
    const now = performance.now();
    seconds[phase] = (seconds[phase] ?? 0) + (now - mark) / 1000;
    mark = now;
  };

  emit({ type: "state", state: "loading" });
  const { recipe, graph, calibration, evaluation } = await load(options);
  emit({ type: "recipe", recipe });
  emit({ type: "network", network: viewNetwork(graph, recipe.unit) });
  const { device, reason } = await options.openDevice();
  const { kind, description } = device.info;
  emit({ type: "device", kind, description, reason });
  const banks: Bank[] = [];
  try {
    stopIfAsked(signal);
    emit({ type: "state", state: "calibrating" });
    const sizes = { images: calibration.set.count, evaluation: evaluation?.set.count ?? 0 };
    const estimate = estimateRun(graph, recipe, sizes, (program) => device.footprint(program));
    const plan = planMemory(estimate, device.memory.budget, options.hostMemory ?? null);
    emit({ type: "memory", estimate, plan });
    device.memory.reserve = plan.streamed ? plan.streaming : plan.program;
    const images = await upload(device, calibration.set, recipe, plan, banks);
    const judged = evaluation?.set ?? calibration.set;
    const test = evaluation ? await upload(device, evaluation.set, recipe, plan, banks) : images;
    clock("load");

    const work = plannedWork(graph, recipe, judged.count);
    const progress = new Progress(work.total, (text, fraction, secondsLeft) => emit({ type: "progress", text, fraction, secondsLeft }));
    const evaluate = (text: string, kernels: Kernels): Promise<Scores> => {
      progress.begin(text, work.evaluation);
      return score(device, graph, test, kernels, (share) => {
        stopIfAsked(signal);
        progress.advance(share);
      });
    };
    const judge = (name: AccuracyName, scores: Scores, reference: Scores): Accuracy => {
      const accuracy = accuracyOf(scores, reference, judged);
      emit({ type: "accuracy", name, accuracy });
      return accuracy;
    };

    const full = await evaluate("Evaluating full precision", new Map());
    const fullAccuracy = judge("fullPrecision", full, full);
    const grids = await weightGrids(graph, recipe.weights.bits, recipe.weights.scale, recipe.weights, async () => {
      await yieldToEvents();
      stopIfAsked(signal);
    });
    const nearest = await evaluate(`Evaluating nearest rounding at ${recipe.weights.bits} bit`, nearestKernels(grids));
    const nearestAccuracy = judge("nearest", nearest, full);
    clock("baseline");

    emit({ type: "state", state: "quantizing" });
    const observer = new UnitObserver(options, progress, work.units, grids);
    const kernels = await brecq({ ...recipe, device, graph, images, grids, observer });
    clock("reconstruct");

    emit({ type: "state", state: "evaluating" });
    const quantized = await evaluate("Evaluating the reconstructed network", kernels);
    const quantizedAccuracy = judge("quantized", quantized, full);
    clock("evaluate");
    emit({
      type: "samples",
      samples: pickSamples(judged, evaluation?.set.classNames ?? calibration.set.classNames, { fullPrecision: full, nearest, quantized }),
    });
    seconds.total = (performance.now() - started) / 1000;

    const report: Report = {
      recipe,
      device: { kind, description, reason },
      memory: { budget: plan.budget, expected: plan.program + plan.images + plan.caches, streamed: plan.streamed, peak: device.memory.peak },
      evaluatedOn: evaluation ? "evaluation" : "calibration",
      accuracy: { fullPrecision: fullAccuracy, nearest: nearestAccuracy, quantized: quantizedAccuracy },
      units: observer.reports,
      seconds,
      fingerprint: {
        top1: quantizedAccuracy.top1,
        agreement: quantizedAccuracy.agreement,
        losses: observer.reports.map(({ loss }) => loss.last),
        rounding: hashRoundings(observer.roundings),
      },
    };
    emit({ type: "done", report });
    emit({ type: "state", state: "done" });
    return report;
  } finally {
    for (const bank of banks) bank.dispose();
    device.dispose();
  }
}

export function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted) throw new Cancelled();
}

/**
 * Images are uploaded in parts, so that a large set neither doubles in memory nor blocks the worker. Where
 * memory is short they leave the device to the caches, which training reads over and over.
 */
async function upload(device: Device, set: ImageSet, { preprocessing }: Recipe, plan: MemoryPlan, banks: Bank[]): Promise<Bank> {
  const elements = set.height * set.width * set.channels;
  const bank = device.createBank(set.count, elements, plan.streamed ? { place: "host" } : {});
  banks.push(bank);
  const part = Math.max(1, Math.floor(2 ** 22 / elements));
  for (let first = 0; first < set.count; first += part) {
    bank.write(first, normalize(set, preprocessing, first, Math.min(part, set.count - first)));
    await yieldToEvents();
  }
  return bank;
}

/** The memory that a recipe's run over so many images will need. */
export function estimateRun(
  graph: Graph,
  recipe: Recipe,
  sizes: { images: number; evaluation: number },
  footprint: (program: Program) => number,
): MemoryEstimate {
  const { weights, loss, ...rest } = recipe;
  return estimateMemory({ ...rest, ...sizes, graph, bits: weights.bits, weighted: loss !== "mse", footprint });
}

function accuracyOf(scores: Scores, reference: Scores, set: ImageSet): Accuracy {
  return {
    top1: set.labels ? agreement(scores.predictions, set.labels) : null,
    agreement: agreement(scores.predictions, reference.predictions),
    images: scores.predictions.length,
  };
}

/** Multiply-accumulates of a run's phases; a training iteration counts as three forward passes of its batch. */
function plannedWork(graph: Graph, recipe: Recipe, images: number): { evaluation: number; units: number[]; total: number } {
  const macs = (layers: ReturnType<typeof layersOf>) => layers.reduce((sum, layer) => sum + macsOf(graph, layer), 0);
  const evaluation = macs(layersOf(graph)) * images;
  const units = unitsOf(graph, partition(graph, recipe.unit)).map(({ layers }) => 3 * macs([...layers]) * recipe.batch * recipe.iterations);
  return { evaluation, units, total: 3 * evaluation + units.reduce((sum, work) => sum + work, 0) };
}

type BrecqObserver = Parameters<typeof brecq>[0]["observer"];

/** Turns what BRECQ reports about units into events, progress and the report. */
class UnitObserver implements BrecqObserver {
  readonly reports: UnitReport[] = [];
  readonly roundings: Float32Array[] = [];
  private index = 0;
  private started = 0;

  constructor(
    private readonly options: RunOptions,
    private readonly progress: Progress,
    private readonly work: readonly number[],
    private readonly grids: ReadonlyMap<Layer, Grid>,
  ) {}

  unitStarted: BrecqObserver["unitStarted"] = (unit, index, count) => {
    stopIfAsked(this.options.signal);
    this.index = index;
    this.started = performance.now();
    this.options.emit({ type: "unit", index, name: unit.name });
    this.progress.begin(`Reconstructing ${unit.name} (${index + 1} of ${count})`, this.work[index] as number);
  };

  losses: BrecqObserver["losses"] = ({ first, reconstruction, regularizer }) => {
    stopIfAsked(this.options.signal);
    this.progress.advance((first + reconstruction.length) / this.options.recipe.iterations);
    this.options.emit({ type: "losses", unit: this.index, points: thin(first, reconstruction, regularizer, this.options.recipe.iterations) });
  };

  unitDone: BrecqObserver["unitDone"] = (unit, result) => {
    stopIfAsked(this.options.signal);
    for (const v of result.roundings.values()) this.roundings.push(v);
    const { losses } = result;
    const report: UnitReport = {
      name: unit.name,
      layers: unit.layers.map(({ name }) => shortName(name)),
      bits: unit.layers.map((layer) => this.grids.get(layer)?.bits ?? 0),
      loss: { first: losses[0] as number, last: losses.at(-1) as number, sampled: sampleCurve(losses) },
      settled: result.settled,
      iterations: losses.length,
      seconds: (performance.now() - this.started) / 1000,
    };
    this.reports.push(report);
    this.options.emit({ type: "unitDone", index: this.index, report });
  };
}

/** Points for a live chart: about 200 a unit, whatever the number of iterations, the last one included. */
function thin(first: number, reconstruction: readonly number[], regularizer: readonly number[], iterations: number): LossPoint[] {
  const every = Math.max(1, Math.floor(iterations / 200));
  const points: LossPoint[] = [];
  reconstruction.forEach((loss, i) => {
    const iteration = first + i + 1;
    if (iteration % every === 0 || iteration === 1 || iteration === iterations)
      points.push({ iteration, reconstruction: loss, regularizer: regularizer[i] as number });
  });
  return points;
}
