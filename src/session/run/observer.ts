/** Turns what a method reports about units into events, progress and the report. */

import { workTime, yieldToEvents } from "../../engine/yield";
import type { Layer } from "../../graph/types";
import { shortName } from "../../passes/short-name";
import type { PointName } from "../../quantize/activation-bits";
import { readBits } from "../../quantize/activation-bits";
import { FLOAT_BITS } from "../../quantize/layer-widths";
import type { MethodObserver } from "../../quantize/methods/method";
import type { QParams } from "../../quantize/quantizer";
import type { Recipe } from "../recipe/recipe";
import type { LabEvent, LossPoint } from "../worker/events";
import type { PlannedWork } from "./plan";
import type { Progress } from "./progress";
import { phaseName, sampleCurve, type UnitReport } from "./report";
import type { WatchedRun } from "./watched-run";

export interface UnitObserverOptions {
  readonly recipe: Recipe;
  readonly progress: Progress;
  /** Planned work of the units of both phases, in order. */
  readonly work: PlannedWork;
  /** Who tells of the network so far. */
  watched(): Promise<WatchedRun>;
  readonly layerQParams: ReadonlyMap<Layer, QParams>;
  /** The activations that each layer reads, by its name. */
  readonly reads: ReadonlyMap<string, readonly PointName[]>;
  emit(event: LabEvent): void;
  /** Throws where the run should stop. */
  stopIfAsked(): void;
}

export class UnitObserver implements MethodObserver {
  readonly reports: UnitReport[] = [];
  private iterations = 1;
  private started = 0;
  /** Share of the unit's work that precedes training. */
  private before = 0;
  private index = 0;

  constructor(private readonly options: UnitObserverOptions) {}

  unitStarted: MethodObserver["unitStarted"] = (unit, index, count, phase) => {
    const { recipe, progress, work, emit, stopIfAsked } = this.options;
    stopIfAsked();
    this.started = workTime();
    const training = phase === "weights" ? recipe : recipe.activations;
    this.iterations = training?.iterations ?? 1;
    emit({ type: "unit", index: this.reports.length, name: phaseName(unit.name, phase) });
    const doing = phase === "weights" ? "Reconstructing" : "Training activation scales of";
    const planned = work.units[phase][index];
    this.before = planned?.before ?? 0;
    this.index = index;
    const what = { what: "unit", phase, unit: unit.name, index, count } as const;
    progress.begin(`${doing} ${unit.name} (${index + 1} of ${count})`, what, phase, planned?.work ?? 0);
  };

  losses: MethodObserver["losses"] = ({ first, reconstruction, regularizer }) => {
    const { progress, emit, stopIfAsked } = this.options;
    stopIfAsked();
    progress.advance(this.before + (1 - this.before) * Math.min(1, (first + reconstruction.length) / this.iterations));
    const run = { first, reconstruction: Float32Array.from(reconstruction), regularizer: Float32Array.from(regularizer) };
    emit({ type: "losses", unit: this.reports.length, points: thin(first, reconstruction, regularizer, this.iterations), run });
  };

  calibrating: MethodObserver["calibrating"] = (share) => {
    const { progress, work, stopIfAsked } = this.options;
    stopIfAsked();
    if (share > 0) progress.advance(share);
    else progress.begin("Searching the scales of activations", { what: "scales" }, "scales", work.scales);
    // What comes before the next unit is no search.
    if (share === 1) progress.begin("Going on", { what: "preparing" }, null, 0);
  };

  rounding: MethodObserver["rounding"] = ({ iteration, layers }) => {
    this.options.stopIfAsked();
    this.options.emit({ type: "rounding", sample: { unit: this.reports.length, iteration, layers } });
  };

  unitDone: MethodObserver["unitDone"] = async (unit, { losses, settled, reused = false }, phase, network) => {
    const { layerQParams, reads, recipe, progress, work, watched, emit, stopIfAsked } = this.options;
    stopIfAsked();
    const seconds = (workTime() - this.started) / 1000;
    const told = await watched();
    progress.begin(`Measuring the network up to ${unit.name}`, { what: "evaluating", which: "part" }, "watching", work.watch.work[this.index] ?? 0);
    const quantized = await told.unitDone(unit, phase, network);
    const nearest = told.nearestNoise.get(unit.name);
    // Until the next unit begins, its inputs and targets are computed: time of this phase, whose work is counted with its units.
    progress.begin(`After ${unit.name}`, { what: "preparing" }, phase, 0);
    const read = (name: string) => readBits(reads.get(name) ?? [], recipe.activations, recipe.weights.overrides);
    const bits = new Map([...layerQParams].map(([layer, qparams]) => [layer.name, qparams.bits]));
    const report: UnitReport = {
      name: phaseName(unit.name, phase),
      phase,
      layers: unit.layers.map(({ name }) => shortName(name)),
      bits: unit.layers.map(({ name }) => (phase === "weights" ? (bits.get(name) ?? FLOAT_BITS) : read(name))),
      loss: { first: losses[0] as number, last: losses.at(-1) as number, sampled: sampleCurve(losses) },
      settled,
      iterations: losses.length,
      reused,
      seconds,
      ...(nearest === undefined || quantized === null ? {} : { noise: { nearest, quantized } }),
    };
    this.reports.push(report);
    emit({ type: "unitDone", index: this.reports.length - 1, report });
  };

  breathe: MethodObserver["breathe"] = async () => {
    await yieldToEvents();
    this.options.stopIfAsked();
  };
}

/** Points for whoever draws no more: about 200 a unit, whatever the number of iterations, the last one included. */
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
