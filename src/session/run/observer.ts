/** Turns what a method reports about units into events, progress and the report. */

import { yieldToEvents } from "../../engine/yield";
import type { Layer } from "../../graph/types";
import { shortName } from "../../passes/short-name";
import type { PointName } from "../../quantize/activation-bits";
import { readBits } from "../../quantize/activation-bits";
import { FLOAT_BITS } from "../../quantize/layer-widths";
import type { MethodObserver } from "../../quantize/methods/method";
import type { QParams } from "../../quantize/quantizer";
import type { Recipe } from "../recipe/recipe";
import type { LabEvent, LossPoint } from "../worker/events";
import type { Progress } from "./progress";
import { phaseName, sampleCurve, type UnitReport } from "./report";

export interface UnitObserverOptions {
  readonly recipe: Recipe;
  readonly progress: Progress;
  /** Planned work of the units of both phases, in order. */
  readonly work: Readonly<Record<"weights" | "activations", readonly number[]>>;
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

  constructor(private readonly options: UnitObserverOptions) {}

  unitStarted: MethodObserver["unitStarted"] = (unit, index, count, phase) => {
    const { recipe, progress, work, emit, stopIfAsked } = this.options;
    stopIfAsked();
    this.started = performance.now();
    const training = phase === "weights" ? recipe : recipe.activations;
    this.iterations = training?.iterations ?? 1;
    emit({ type: "unit", index: this.reports.length, name: phaseName(unit.name, phase) });
    const doing = phase === "weights" ? "Reconstructing" : "Training activation scales of";
    progress.begin(`${doing} ${unit.name} (${index + 1} of ${count})`, work[phase][index] ?? 0);
  };

  losses: MethodObserver["losses"] = ({ first, reconstruction, regularizer }) => {
    const { progress, emit, stopIfAsked } = this.options;
    stopIfAsked();
    progress.advance((first + reconstruction.length) / this.iterations);
    const run = { first, reconstruction: Float32Array.from(reconstruction), regularizer: Float32Array.from(regularizer) };
    emit({ type: "losses", unit: this.reports.length, points: thin(first, reconstruction, regularizer, this.iterations), run });
  };

  unitDone: MethodObserver["unitDone"] = (unit, { losses, settled, reused = false }, phase) => {
    const { layerQParams, reads, recipe, emit, stopIfAsked } = this.options;
    stopIfAsked();
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
      seconds: (performance.now() - this.started) / 1000,
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
