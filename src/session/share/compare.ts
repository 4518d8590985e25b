/**
 * What became of a shared result when it was run again. On the wasm device the same recipe gives the same bits everywhere, so that
 * whatever differs is named. GPUs round in orders of their own: two of them, or a GPU and wasm, part at some rounding decision and
 * end with two networks that are equally good, not equal. There a result counts as confirmed where accuracies and losses are near.
 */
import type { Report } from "../run/report";
import { ARITHMETIC_VERSION } from "./arithmetic";
import type { Fingerprint } from "./fingerprint";
import type { SharedRun } from "./shared";

/** One thing that came out otherwise. Accuracies are percent, or null without labels. */
export type Difference =
  | { readonly what: "top1" | "agreement"; readonly expected: number | null; readonly actual: number | null }
  | { readonly what: "units"; readonly expected: number; readonly actual: number }
  /** `most` is relative. */
  | { readonly what: "losses"; readonly count: number; readonly of: number; readonly most: number }
  | { readonly what: "rounding" };

/** What computed the shared result and the rerun, as they call themselves; the former is null where the link does not say. */
export interface Devices {
  readonly expected: { readonly kind: string; readonly description: string } | null;
  readonly actual: { readonly kind: string; readonly description: string };
}

export type Comparison =
  | { readonly kind: "reproduced" }
  /** A GPU took part, and all that differs is near. */
  | { readonly kind: "within"; readonly devices: Devices; readonly differences: readonly Difference[] }
  /** The arithmetic has changed on purpose since; what differs is said all the same. */
  | { readonly kind: "otherArithmetic"; readonly version: number; readonly differences: readonly Difference[] }
  | { readonly kind: "differs"; readonly devices: Devices; readonly differences: readonly Difference[] };

/**
 * What a result may be away from another device's: accuracy in percentage points, and each unit's last loss relatively.
 */
export const TOLERANCE = { points: 1, loss: 0.1 } as const;

/** @returns null where the link held a recipe alone */
export function compareResults(
  { fingerprint, lossError, arithmetic, headline, recipe }: Pick<SharedRun, "fingerprint" | "lossError" | "arithmetic" | "headline" | "recipe">,
  report: Pick<Report, "fingerprint" | "device">,
): Comparison | null {
  if (!fingerprint) return null;
  const differences = compareFingerprints(fingerprint, report.fingerprint, lossError);
  if (differences.length === 0) return { kind: "reproduced" };
  if (arithmetic !== ARITHMETIC_VERSION) return { kind: "otherArithmetic", version: arithmetic, differences };
  const { kind, description } = report.device;
  const devices: Devices = { expected: headline?.device ?? null, actual: { kind, description } };
  const isGpu = [headline?.device.kind ?? recipe.device, kind].includes("webgpu");
  return { kind: isGpu && differences.every(isNear) ? "within" : "differs", devices, differences };
}

function isNear(difference: Difference): boolean {
  if (difference.what === "rounding") return true;
  if (difference.what === "losses") return difference.most <= TOLERANCE.loss;
  if (difference.what === "units") return false;
  const { expected, actual } = difference;
  return expected !== null && actual !== null && Math.abs(expected - actual) <= TOLERANCE.points;
}

/** What differs between a shared result and its rerun; empty when it is reproduced bit for bit. @param lossError see SharedRun */
export function compareFingerprints(expected: Fingerprint, actual: Fingerprint, lossError: number): Difference[] {
  const differences: Difference[] = [];
  for (const what of ["top1", "agreement"] as const)
    if (expected[what] !== actual[what]) differences.push({ what, expected: expected[what], actual: actual[what] });
  const of = expected.losses.length;
  const off = expected.losses.map((loss, i) => relative(loss, actual.losses[i])).filter((difference) => difference > lossError);
  if (of !== actual.losses.length) differences.push({ what: "units", expected: of, actual: actual.losses.length });
  else if (off.length > 0) differences.push({ what: "losses", count: off.length, of, most: Math.max(...off) });
  if (expected.rounding !== actual.rounding) differences.push({ what: "rounding" });
  return differences;
}

/** A difference in English, for the command line. */
export function differenceText(difference: Difference): string {
  switch (difference.what) {
    case "top1":
      return `top-1 is ${percent(difference.actual)} instead of ${percent(difference.expected)}`;
    case "agreement":
      return `agreement is ${percent(difference.actual)} instead of ${percent(difference.expected)}`;
    case "units":
      return `${difference.actual} units instead of ${difference.expected}`;
    case "losses":
      return `${difference.count} of ${difference.of} unit losses differ, by ${(100 * difference.most).toPrecision(2)} % at most`;
    case "rounding":
      return "the quantized network differs";
  }
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${value.toFixed(2)} %`;
}

function relative(a: number, b: number | undefined): number {
  return b === undefined ? 1 : Math.abs(a - b) / Math.max(Math.abs(a), 1e-12);
}
