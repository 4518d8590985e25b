/** What a run leaves behind: the page and the command line write the same report.json. */
import type { DeviceKind } from "../../engine/device";
import type { Fidelity } from "../../quantize/diagnosis";
import type { Phase } from "../../quantize/unit-change";
import type { Recipe } from "../recipe/recipe";
import type { Fingerprint } from "../share/fingerprint";

export interface Accuracy {
  /** Percent of images classified as labelled, of positions for segmentation (pixel accuracy); null without labels. */
  readonly top1: number | null;
  /** Percent of images, or positions, put in the same class as by the full-precision network. */
  readonly agreement: number;
  /** Mean intersection over union in percent, of segmentation; absent for classification, null without labels. */
  readonly meanIou?: number | null;
  readonly images: number;
}

export const ACCURACIES = ["fullPrecision", "nearest", "quantized"] as const;
export type AccuracyName = (typeof ACCURACIES)[number];

/** What follows a unit's name where the scales of its activations are trained. */
const ACTIVATIONS = ", activations";

/** How reports and events name a unit in a phase. */
export function phaseName(unit: string, phase: Phase): string {
  return phase === "weights" ? unit : `${unit}${ACTIVATIONS}`;
}

/** The unit of such a name, and its phase. */
export function baseName(name: string): string {
  return name.endsWith(ACTIVATIONS) ? name.slice(0, -ACTIVATIONS.length) : name;
}

export function phaseOf(name: string): Phase {
  return name.endsWith(ACTIVATIONS) ? "activations" : "weights";
}

export interface UnitReport {
  /** See `phaseName`. */
  readonly name: string;
  /** Whether weights were trained or the scales of activations. */
  readonly phase: Phase;
  readonly layers: readonly string[];
  /** Bits of each layer, 32 for float. */
  readonly bits: readonly number[];
  readonly loss: { readonly first: number; readonly last: number; readonly sampled: readonly (readonly [iteration: number, loss: number])[] };
  /** Share of roundings outside 0.01..0.99 when they were hardened. */
  readonly settled: number;
  readonly iterations: number;
  /** Whether it was taken from an earlier run of the same sweep, with the same outcome. */
  readonly reused: boolean;
  readonly seconds: number;
  /**
   * Noise over signal at its output on the sample by which the run was watched, rounded to nearest up to there and as it was quantized
   * (SoFar in worker/events); absent in older reports and for units without weights.
   */
  readonly noise?: { readonly nearest: number; readonly quantized: number };
}

/** A unit's output in the quantized network, and what the unit costs. */
export interface UnitDiagnosis extends Fidelity {
  /** Accuracy with only this unit quantized, and with all but it; null unless the recipe asks. */
  readonly only: Accuracy | null;
  readonly without: Accuracy | null;
}

export interface Report {
  /** The arithmetic version that it was computed with (share/arithmetic.ts); absent in reports of version 1. */
  readonly arithmetic?: number;
  readonly recipe: Recipe;
  readonly device: { readonly kind: DeviceKind; readonly description: string; readonly reason: string };
  /** Of the device: bytes allowed, expected at once with all caches, kept on the host, and measured at most. */
  readonly memory: { readonly budget: number; readonly expected: number; readonly streamed: number; readonly peak: number };
  readonly evaluatedOn: "evaluation" | "calibration";
  readonly accuracy: Readonly<Record<AccuracyName, Accuracy>>;
  /** Bytes of the network at full precision and quantized (quantize/size); absent in reports of earlier versions. */
  readonly size?: { readonly fullPrecision: number; readonly quantized: number };
  /** Of each network the class that it does worst, and how many images that has; absent without labels, for segmentation and in older reports. */
  readonly worstClass?: Readonly<Record<AccuracyName, { readonly name: string; readonly top1: number; readonly images: number }>>;
  readonly units: readonly UnitReport[];
  readonly diagnosis: readonly UnitDiagnosis[];
  /** What a person should know before believing the numbers. */
  readonly warnings: readonly string[];
  /** By phase, and in total. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly fingerprint: Fingerprint;
}

/** At most `most` points of a curve, first and last included. */
export function sampleCurve(values: ArrayLike<number>, most = 100): [number, number][] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, i) => {
    const at = count === 1 ? 0 : Math.round((i * (values.length - 1)) / (count - 1));
    return [at + 1, values[at] as number];
  });
}
