/**
 * A finished run as it is kept: its report, which holds the recipe and the fingerprint, and what the page drew of it, with
 * every curve at a bounded number of points. It holds no images, weights or files, so that it is small and may be given away.
 */
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { NetworkView } from "../../session/network/view";
import type { Recipe } from "../../session/recipe/recipe";
import { type AccuracyName, baseName, phaseOf, type Report } from "../../session/run/report";
import type { ClassResults, SoFar } from "../../session/worker/events";
import type { UnitCurve } from "../charts/curves";
import { type ReducedCurve, reduceCurve } from "../charts/reduce";

/** Of a record; raised when a reader of the one before would misread it. `upgrade` in database.ts then learns to read that. */
export const RECORD_FORMAT = 1 as const;

/** Points of a kept curve at most. */
export const KEPT_POINTS = 128;

/** A unit's curve in one phase; means, least and greatest values of runs of `every` iterations (charts/reduce.ts). */
export interface KeptCurve {
  readonly unit: string;
  readonly phase: "weights" | "activations";
  readonly iterations: number;
  readonly every: number;
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Accuracy and noise of the network quantized up to a unit. */
export type KeptSoFar = Pick<SoFar, "method" | "phase" | "unit" | "name" | "noise"> & { readonly top1: number | null; readonly agreement: number };

export interface KeptClasses {
  readonly names: readonly string[];
  readonly counts: readonly number[];
  readonly accuracy: Readonly<Record<AccuracyName, readonly (number | null)[]>>;
  /** [label * classes + prediction]; null above 128 classes. */
  readonly confusion: Readonly<Record<AccuracyName, readonly number[]>> | null;
}

export interface KeptRun {
  readonly format: typeof RECORD_FORMAT;
  readonly id: string;
  readonly name: string;
  readonly star: boolean;
  /** When it ended, as ISO 8601 in UTC. */
  readonly date: string;
  /** The lab's version. */
  readonly app: string;
  /** The experiment that it was a run of, and its row there. */
  readonly experiment: string | null;
  readonly label: string | null;
  readonly report: Report;
  /** The units in order, each with its number of layers: where on the axis of depth a unit ends. */
  readonly outline: readonly { readonly name: string; readonly layers: number }[];
  readonly curves: readonly KeptCurve[];
  readonly soFar: readonly KeptSoFar[];
  readonly classes: KeptClasses | null;
}

export interface Finished {
  readonly report: Report;
  readonly network: NetworkView | null;
  readonly curves: readonly UnitCurve[];
  readonly soFar: readonly SoFar[];
  readonly classes: ClassResults | null;
}

/** What a run of an experiment was of. */
export interface Experiment {
  readonly title: string;
  readonly label: string;
}

export interface Circumstances {
  readonly id: string;
  readonly date: Date;
  readonly app: string;
  readonly experiment: Experiment | null;
  /** Names that are taken. */
  readonly taken: readonly string[];
}

export function keptRun({ report, network, curves, soFar, classes }: Finished, { id, date, app, experiment, taken }: Circumstances): KeptRun {
  return {
    format: RECORD_FORMAT,
    id,
    name: freeName(experiment ? experiment.label.slice(0, LONGEST_NAME) : nameOf(report.recipe), taken),
    star: false,
    date: date.toISOString(),
    app,
    experiment: experiment?.title ?? null,
    label: experiment?.label ?? null,
    report,
    outline: (network?.units ?? []).map(({ name, layers }) => ({ name, layers: layers.length })),
    curves: curvesOf(report, curves),
    soFar: soFar.map(({ method, phase, unit, name, noise, accuracy }) => ({
      ...{ method, phase, unit, name, noise: digits(noise) },
      ...{ top1: accuracy.top1, agreement: accuracy.agreement },
    })),
    classes: classes && {
      names: classes.names,
      counts: classes.counts,
      accuracy: classes.accuracy,
      confusion: classes.confusion && {
        fullPrecision: Array.from(classes.confusion.fullPrecision),
        nearest: Array.from(classes.confusion.nearest),
        quantized: Array.from(classes.confusion.quantized),
      },
    },
  };
}

/** What was recorded of each unit; of one that was taken from an earlier run, the points of its report. */
function curvesOf(report: Report, curves: readonly UnitCurve[]): KeptCurve[] {
  return report.units.map(({ name, loss, iterations }) => {
    const [unit, phase] = [baseName(name), phaseOf(name)];
    const own = curves.find((curve) => curve.unit === unit && curve.phase === phase && curve.length > 0);
    const curve = own ? fewer(own.reduced("reconstruction")) : sampledCurve(loss.sampled, iterations);
    return { unit, phase, ...plain(curve) };
  });
}

/** A reduced curve at KEPT_POINTS points at most: neighbouring runs are joined. */
function fewer(curve: ReducedCurve): ReducedCurve {
  let { iterations, every, mean, low, high } = curve;
  while (mean.length > KEPT_POINTS) {
    const count = Math.ceil(mean.length / 2);
    const [before, least, greatest] = [mean, low, high];
    const join = (of: ArrayLike<number>, how: (a: number, b: number, share: number) => number) =>
      Float32Array.from({ length: count }, (_, i) => {
        const held = Math.min(iterations, (2 * i + 2) * every) - 2 * i * every;
        return 2 * i + 1 < of.length ? how(of[2 * i] as number, of[2 * i + 1] as number, every / held) : (of[2 * i] as number);
      });
    mean = join(before, (a, b, share) => a * share + b * (1 - share));
    low = join(least, Math.min);
    high = join(greatest, Math.max);
    every *= 2;
  }
  return { iterations, every, mean, low, high };
}

/** The points that a report has, evenly spread over the iterations. */
function sampledCurve(sampled: Report["units"][number]["loss"]["sampled"], iterations: number): ReducedCurve {
  const curve = reduceCurve(
    sampled.map(([, loss]) => loss),
    KEPT_POINTS,
  );
  // One point stands for so many iterations.
  return { ...curve, iterations, every: Math.max(1, Math.ceil(iterations / Math.max(1, curve.mean.length))) };
}

/** Numbers as they are written to a file: six digits tell a loss. */
function plain({ iterations, every, mean, low, high }: ReducedCurve): Omit<KeptCurve, "unit" | "phase"> {
  const rounded = (values: ArrayLike<number>) => Array.from(values, digits);
  return { iterations, every, mean: rounded(mean), low: rounded(low), high: rounded(high) };
}

function digits(value: number): number {
  return Number(value.toPrecision(6));
}

/** "shapes-resnet14 BRECQ W2 A8", from what most people change. */
export function nameOf(recipe: Recipe): string {
  return `${recipe.model.name.replace(/\.[a-z0-9]+$/i, "")} ${METHOD_CATALOG[recipe.method].title} ${bitsOf(recipe)}`.slice(0, LONGEST_NAME);
}

/** Characters of a run's name at most. */
export const LONGEST_NAME = 120;

/** "W2 A8", "W2", "W mixed A4". */
export function bitsOf({ weights, activations }: Pick<Recipe, "weights" | "activations">): string {
  const own = (assignment: Readonly<Record<string, number>> | null) => assignment !== null && Object.keys(assignment).length > 0;
  const w = own(weights.assignment) || Object.keys(weights.overrides ?? {}).length > 0 ? "W mixed" : `W${weights.bits}`;
  if (!activations) return w;
  return `${w} ${own(activations.assignment) ? "A mixed" : `A${activations.bits}`}`;
}

/** The name, with a number after it where it is taken. */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let i = 2; ; i++) if (!taken.includes(`${name} (${i})`)) return `${name} (${i})`;
}
