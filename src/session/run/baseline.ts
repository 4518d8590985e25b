/**
 * What a result stands between: full precision and rounding to nearest, both on all judged images, and the curve of rounding to nearest
 * unit by unit. No method needs them, so that they need not come first: a person who presses Run sees the first unit train at once, and
 * they are measured when it is done. They come before everything where the first unit takes long, since full precision tells whether the
 * right images were given, and where a method has no units. When they are measured changes no result.
 */
import type { Preprocessing } from "../../data/preprocess";
import { shapeOf } from "../../graph/queries";
import type { Layer } from "../../graph/types";
import type { Scores } from "../../network/evaluate";
import { METHODS } from "../../quantize/methods";
import type { MethodOptions, QuantizedNetwork } from "../../quantize/methods/method";
import type { QParams } from "../../quantize/quantizer";
import { readsByLayer } from "../../quantize/reads";
import { loadSome } from "../inputs/load";
import { upload } from "../inputs/upload";
import type { Recipe } from "../recipe/recipe";
import { SHOWN } from "../watch/choose";
import { judgedRole } from "../watch/pictures";
import { evaluate, type JudgedContext, type RunContext, warn } from "./context";
import { Judge } from "./judge";
import { UnitObserver } from "./observer";
import { advisePreprocessing } from "./preprocessing-check";
import type { Accuracy, UnitReport } from "./report";
import { stopIfAsked } from "./stop";
import { warnOfRewrite } from "./warnings";
import { WatchedRun } from "./watched-run";

/** A first unit that takes as many times the work of measuring the baseline is not waited for. */
const PATIENCE = 3;

export interface Measured {
  readonly context: JudgedContext;
  readonly full: Scores;
  readonly nearest: Scores;
  /** Rounded to nearest. */
  readonly network: QuantizedNetwork;
  readonly watched: WatchedRun;
  readonly accuracy: { readonly fullPrecision: Accuracy; readonly nearest: Accuracy };
}

export class Baseline {
  /** What the run's method is given. */
  readonly given: MethodOptions;
  private readonly observer: UnitObserver;
  private measuring: Promise<Measured> | null = null;

  constructor(
    private readonly context: RunContext,
    layerQParams: ReadonlyMap<Layer, QParams>,
  ) {
    const { options, recipe, graph, device, images, progress, work, checkpoints } = context;
    this.observer = new UnitObserver({
      ...{ recipe, progress, work, layerQParams, reads: readsByLayer(graph), emit: options.emit },
      watched: async () => (await this.measured()).watched,
      stopIfAsked: () => stopIfAsked(options.signal),
    });
    const { model, calibration, preprocessing, method } = recipe;
    const unitCache = options.units ? { cache: options.units, identity: JSON.stringify([model, calibration, preprocessing, method]) } : null;
    this.given = { ...recipe, device, graph, images, layerQParams, observer: this.observer, unitCache, checkpoints };
  }

  /** What is known of the units so far. */
  get units(): readonly UnitReport[] {
    return this.observer.reports;
  }

  /** Whether it is measured before the method begins. */
  get comesFirst(): boolean {
    const { evaluation, units, watch } = this.context.work;
    const first = units.weights[0];
    return !first || first.work > PATIENCE * (2 * evaluation + watch.curve);
  }

  /** Measures it, the first time that it is asked for. */
  measured(): Promise<Measured> {
    this.measuring ??= this.context.clock.apart("baseline", () => this.measure());
    return this.measuring;
  }

  private async measure(): Promise<Measured> {
    const context = await readJudged(this.context);
    const { device, recipe, graph, unfolded, judge } = context;
    const full = await evaluate(context, "Evaluating full precision", { what: "evaluating", which: "fullPrecision" }, graph, {
      kernels: new Map(),
    });
    const fullPrecision = judge.accuracy("fullPrecision", full, full);
    if (unfolded.nodes.length !== graph.nodes.length)
      warn(context, await warnOfRewrite(device, unfolded, graph, judge.set, recipe.preprocessing, "Folding batch normalization"));
    await doubtPreprocessing(context);
    const watched = watchedRun(context, full);
    const network = await METHODS.nearest.quantize(this.given);
    const which = { what: "evaluating", which: "nearest" } as const;
    const nearest = await evaluate(context, `Evaluating nearest rounding at ${bitsText(recipe)}`, which, graph, network);
    const accuracy = { fullPrecision, nearest: judge.accuracy("nearest", nearest, full) };
    await watchNearest(context, watched, nearest, network);
    return { context, full, nearest, network, watched, accuracy };
  }
}

/** Puts the images that results are judged on on the device. */
async function readJudged(context: RunContext): Promise<JudgedContext> {
  const { options, device, recipe, plan, owned, judged, images, progress } = context;
  progress.begin("Reading test images", { what: "preparing" }, null, 0);
  const { set, resized } = await judged.images((share) => progress.advance(share));
  const test = judged.on === "test" ? await upload(device, set, recipe.preprocessing, plan, owned) : images;
  return { ...context, judge: new Judge(set, judged.on, options.emit), test, resized };
}

function watchedRun(context: JudgedContext, full: Scores): WatchedRun {
  const { options, device, recipe, graph, plan, work, judge, calibration, owned, breathe } = context;
  // Two streams of activations of the sample, beside the caches of a run, which must not give way to them.
  const share = (work.watch.images + SHOWN) / calibration.set.count;
  const room = plan.budget - plan.program - plan.images - plan.caches;
  const tight = plan.streamed > 0 || room < 2 * share * (plan.caches + plan.images);
  const watched = new WatchedRun({
    ...{ device, graph, recipe, plan: work.watch, set: judge.set, full, on: judge.on, preprocessing: recipe.preprocessing, breathe },
    classNames: judge.set.classNames,
    ...(tight ? { place: "host" } : {}),
    emit: options.emit,
  });
  owned.push(watched);
  return watched;
}

/** The curve of rounding to nearest, and the pictures where nobody has chosen some. */
async function watchNearest(context: JudgedContext, watched: WatchedRun, nearest: Scores, network: QuantizedNetwork): Promise<void> {
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
async function doubtPreprocessing(context: JudgedContext): Promise<void> {
  const { options, device, recipe, graph, judge, resized, breathe } = context;
  const reread = (preprocessing: Preprocessing, places: readonly number[]) =>
    loadSome({ ...recipe, preprocessing }, judgedRole(recipe), { ...options, graph }, () => places, breathe);
  const advice = await advisePreprocessing(device, graph, judge.set, recipe.preprocessing, { reread: resized ? reread : null, breathe });
  if (!advice) return;
  warn(context, [advice.message]);
  options.emit({ type: "advice", advice, input: shapeOf(graph, graph.input) });
}

/** "2 bit, activations at 4". */
function bitsText({ weights, activations }: Recipe): string {
  const read = activations ? `, activations at ${activations.assignment ? "mixed" : activations.bits}` : "";
  return `${weights.assignment || weights.overrides ? "mixed" : weights.bits} bit${read}`;
}
