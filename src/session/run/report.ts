/** What a run leaves behind: the page and the command line write the same report.json. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { DeviceKind } from "../../engine/device";
import type { Fidelity } from "../../quantize/diagnosis";
import type { Phase, QuantizedNetwork } from "../../quantize/methods/method";
import type { Recipe } from "../recipe/recipe";

export interface Accuracy {
  /** Percent of images classified as labelled; null without labels. */
  readonly top1: number | null;
  /** Percent of images put in the same class as by the full-precision network. */
  readonly agreement: number;
  readonly images: number;
}

export const ACCURACIES = ["fullPrecision", "nearest", "quantized"] as const;
export type AccuracyName = (typeof ACCURACIES)[number];

export interface UnitReport {
  readonly name: string;
  /** Whether weights were trained or the scales of activations. */
  readonly phase: Phase;
  readonly layers: readonly string[];
  /** Bits of each layer. */
  readonly bits: readonly number[];
  readonly loss: { readonly first: number; readonly last: number; readonly sampled: readonly (readonly [iteration: number, loss: number])[] };
  /** Share of roundings outside 0.01..0.99 when they were hardened. */
  readonly settled: number;
  readonly iterations: number;
  /** Whether it was taken from an earlier run of the same sweep, with the same outcome. */
  readonly reused: boolean;
  readonly seconds: number;
}

/** A unit's output in the quantized network, and what the unit costs. */
export interface UnitDiagnosis extends Fidelity {
  /** Accuracy with only this unit quantized, and with all but it; null unless the recipe asks. */
  readonly only: Accuracy | null;
  readonly without: Accuracy | null;
}

/** What a share link carries and a rerun is compared with. */
export interface Fingerprint {
  readonly top1: number | null;
  readonly agreement: number;
  /** Last reconstruction loss of each unit. */
  readonly losses: readonly number[];
  /** sha256 of every kernel, bias and activation scale. */
  readonly rounding: string;
}

export interface Report {
  readonly recipe: Recipe;
  readonly device: { readonly kind: DeviceKind; readonly description: string; readonly reason: string };
  /** Of the device: bytes allowed, expected at once with all caches, kept on the host, and measured at most. */
  readonly memory: { readonly budget: number; readonly expected: number; readonly streamed: number; readonly peak: number };
  readonly evaluatedOn: "evaluation" | "calibration";
  readonly accuracy: Readonly<Record<AccuracyName, Accuracy>>;
  readonly units: readonly UnitReport[];
  readonly diagnosis: readonly UnitDiagnosis[];
  /** What a person should know before believing the numbers. */
  readonly warnings: readonly string[];
  /** By phase, and in total. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly fingerprint: Fingerprint;
}

/** The hash of everything that quantization decided, bit for bit: kernels, biases, activation scales and zero points. */
export function hashNetwork({ kernels, biases, quantizers }: Omit<QuantizedNetwork, "graph">): string {
  const hash = sha256.create();
  const add = (name: string, values: Float32Array) => {
    hash.update(new TextEncoder().encode(name));
    // A zero weight has no sign.
    hash.update(new Uint8Array(values.map((value) => value + 0).buffer));
  };
  for (const [kind, map] of Object.entries({ kernels, biases }))
    for (const name of [...map.keys()].sort()) add(`${kind}/${name}`, map.get(name) as Float32Array);
  for (const value of [...quantizers.keys()].sort()) {
    const { scale, zero } = quantizers.get(value) as { scale: number; zero: number };
    add(value, Float32Array.of(scale, zero));
  }
  return bytesToHex(hash.digest());
}

/** At most `most` points of a curve, first and last included. */
export function sampleCurve(values: ArrayLike<number>, most = 100): [number, number][] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, i) => {
    const at = count === 1 ? 0 : Math.round((i * (values.length - 1)) / (count - 1));
    return [at + 1, values[at] as number];
  });
}

/** What differs between the result of a link and of its rerun; empty when it is reproduced bit for bit. */
export function compareFingerprints(expected: Fingerprint, actual: Fingerprint): string[] {
  const differences: string[] = [];
  if (expected.top1 !== actual.top1) differences.push(`top-1 is ${percent(actual.top1)} instead of ${percent(expected.top1)}`);
  if (expected.agreement !== actual.agreement)
    differences.push(`agreement is ${percent(actual.agreement)} instead of ${percent(expected.agreement)}`);
  const units = expected.losses.map((loss, i) => relative(loss, actual.losses[i])).filter((difference) => difference > 0);
  if (expected.losses.length !== actual.losses.length) differences.push(`${actual.losses.length} units instead of ${expected.losses.length}`);
  else if (units.length > 0)
    differences.push(`${units.length} of ${expected.losses.length} unit losses differ, by ${(100 * Math.max(...units)).toPrecision(2)} % at most`);
  if (expected.rounding !== actual.rounding) differences.push("the quantized network differs");
  return differences;
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${value.toFixed(2)} %`;
}

function relative(a: number, b: number | undefined): number {
  return b === undefined ? 1 : Math.abs(a - b) / Math.max(Math.abs(a), 1e-12);
}
