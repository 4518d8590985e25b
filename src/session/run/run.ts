/**
 * One run of a recipe, from sources to report: load, evaluate full precision and nearest, reconstruct unit
 * by unit, evaluate. It knows nothing of pages, workers or terminals; it emits events and stops when asked.
 */
import { BadInput, Cancelled } from "../../base/errors";
import { checkImages } from "../../data";
import type { ImageSet } from "../../data/images";
import { normalize } from "../../data/preprocess";
import type { Bank, Device } from "../../engine/device";
import { yieldToEvents } from "../../engine/yield";
import type { Graph } from "../../graph/types";
import { layersOf, shapeOf } from "../../graph/walk";
import { agreement, type Scores, score } from "../../network/evaluate";
import type { Overrides } from "../../network/quantized";
import { readsByLayer } from "../../quantize/activations";
import { weightGrids } from "../../quantize/grids";
import { type MemoryPlan, planMemory } from "../../quantize/memory";
import { METHODS } from "../../quantize/methods";
import type { MethodOptions } from "../../quantize/methods/method";
import type { UnitMemory } from "../../quantize/training/unit-memory";
import { type LoadedImages, loadImages, loadModel, type Sources } from "../inputs/sources";
import { viewNetwork } from "../network/view";
import { type Recipe, workingUnit } from "../recipe/recipe";
import type { LabEvent } from "../worker/events";
import type { ChosenDevice } from "./devices";
import { diagnose } from "./diagnosis";
import { UnitObserver } from "./observer";
import { estimateRun, plannedWork } from "./plan";
import { Progress } from "./progress";
import { type Accuracy, type AccuracyName, hashNetwork, type Report } from "./report";
import { pickSamples } from "./samples";
import { warnOfNearest, warnOfPreprocessing, warnOfRewrite } from "./warnings";

export interface RunOptions {
  readonly recipe: Recipe;
  readonly sources: Sources;
  openDevice(): Promise<ChosenDevice>;
  /** Bytes of memory that the host has for caches; null where that is unknown. */
  readonly hostMemory?: number | null;
  emit(event: LabEvent): void;
  readonly signal: AbortSignal;
  /** Units of earlier runs, where several runs share some. */
  readonly units?: UnitMemory;
}

interface Loaded {
  readonly recipe: Recipe;
  readonly graph: Graph;
  /** As it is in the file, batch normalization apart. */
  readonly unfolded: Graph;
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
  checkAssignment(model.graph, recipe);
  const hashed: Recipe = {
    ...recipe,
    model: recipe.model.kind === "file" ? { ...recipe.model, sha256: model.sha256 } : recipe.model,
    calibration: recipe.calibration.kind === "files" ? { ...recipe.calibration, sha256: calibration.sha256 } : recipe.calibration,
    evaluation: recipe.evaluation?.kind === "files" && evaluation ? { ...recipe.evaluation, sha256: evaluation.sha256 } : recipe.evaluation,
  };
  return { recipe: hashed, graph: model.graph, unfolded: model.unfolded, calibration, evaluation };
}

function checkAssignment(graph: Graph, { weights, activations }: Recipe): void {
  const names = new Set(layersOf(graph).map(({ name }) => name));
  const unknown = Object.keys({ ...weights.assignment, ...activations?.assignment }).find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new BadInput(
      `The recipe gives bits to a layer "${unknown}", which ${graph.name} does not have; its layers are ${[...names].slice(0, 4).join(", ")}…`,
    );
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
  const { recipe, graph, unfolded, calibration, evaluation } = await load(options);
  const unit = workingUnit(recipe);
  const { preprocessing } = recipe;
  emit({ type: "recipe", recipe });
  emit({ type: "network", network: viewNetwork(graph, unit) });
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
    const evaluate = (text: string, network: Graph, overrides: Overrides): Promise<Scores> => {
      progress.begin(text, work.evaluation);
      return score(device, network, test, overrides, (share) => {
        stopIfAsked(signal);
        progress.advance(share);
      });
    };
    const judge = (name: AccuracyName, scores: Scores, reference: Scores): Accuracy => {
      const accuracy = accuracyOf(scores, reference, judged);
      emit({ type: "accuracy", name, accuracy });
      return accuracy;
    };
    const warnings: string[] = [];
    const warn = (found: readonly string[]) => {
      for (const message of found) emit({ type: "warning", message });
      warnings.push(...found);
    };

    const full = await evaluate("Evaluating full precision", graph, { kernels: new Map() });
    const fullAccuracy = judge("fullPrecision", full, full);
    if (unfolded.nodes.length !== graph.nodes.length)
      warn(await warnOfRewrite(device, unfolded, graph, judged, preprocessing, "Folding batch normalization"));
    warn(await warnOfPreprocessing(device, graph, judged, preprocessing, fullAccuracy));
    const breathe = async () => {
      await yieldToEvents();
      stopIfAsked(signal);
    };
    const grids = await weightGrids(graph, recipe.weights, breathe);
    const observer = new UnitObserver({
      recipe,
      progress,
      work: work.units,
      grids,
      reads: readsByLayer(graph),
      emit,
      stopIfAsked: () => stopIfAsked(signal),
    });
    const known = options.units ? { memory: options.units, context: unitContext(recipe, kind) } : null;
    const given: MethodOptions = { ...recipe, device, graph, images, grids, observer, known };
    const widths = `${recipe.weights.assignment ? "mixed" : recipe.weights.bits} bit${recipe.activations ? `, activations at ${recipe.activations.assignment ? "mixed" : recipe.activations.bits}` : ""}`;
    const baseline = await METHODS.nearest.quantize(given);
    const nearest = await evaluate(`Evaluating nearest rounding at ${widths}`, graph, baseline);
    const nearestAccuracy = judge("nearest", nearest, full);
    clock("baseline");

    emit({ type: "state", state: "quantizing" });
    const method = METHODS[recipe.method];
    progress.begin(`Quantizing with ${method.title}`, 0);
    const network = recipe.method === "nearest" ? baseline : await method.quantize(given);
    if (network.graph !== graph)
      warn(await warnOfRewrite(device, graph, network.graph, judged, preprocessing, `Rewriting the network for ${method.title}`));
    clock("reconstruct");

    emit({ type: "state", state: "evaluating" });
    const quantized = await evaluate("Evaluating the quantized network", network.graph, network);
    const quantizedAccuracy = judge("quantized", quantized, full);
    warn(warnOfNearest(method.title, nearestAccuracy, quantizedAccuracy));
    clock("evaluate");
    const diagnosis = await diagnose(
      recipe,
      { device, images: test, unit, network },
      { evaluate, accuracy: (scores) => accuracyOf(scores, full, judged), emit, breathe },
    );
    clock("diagnose");
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
      diagnosis,
      warnings,
      seconds,
      fingerprint: {
        top1: quantizedAccuracy.top1,
        agreement: quantizedAccuracy.agreement,
        losses: observer.reports.map(({ loss }) => loss.last),
        rounding: hashNetwork(network),
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

/** What a unit's reconstruction depends on but for the bits of layers. */
function unitContext(
  { model, calibration, preprocessing, weights, method, unit, loss, asym, cache, seed, batch, ...training }: Recipe,
  device: string,
) {
  const { bits: _bits, assignment: _assignment, ...grids } = weights;
  const { iterations, learningRate, regularizer, annealing } = training;
  const settings = [model, calibration, preprocessing, grids, method, unit, loss, asym, cache, seed, batch];
  return JSON.stringify([...settings, iterations, learningRate, regularizer, annealing, device]);
}

export function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted) throw new Cancelled();
}

/**
 * Images are uploaded in parts, so that a large set neither doubles in memory nor blocks the worker. Where
 * memory is short they leave the device to the caches, which training reads over and over.
 */
export async function upload(
  device: Device,
  set: ImageSet,
  { preprocessing }: Recipe,
  plan: Pick<MemoryPlan, "streamed">,
  banks: Bank[],
): Promise<Bank> {
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

function accuracyOf(scores: Scores, reference: Scores, set: ImageSet): Accuracy {
  return {
    top1: set.labels ? agreement(scores.predictions, set.labels) : null,
    agreement: agreement(scores.predictions, reference.predictions),
    images: scores.predictions.length,
  };
}
