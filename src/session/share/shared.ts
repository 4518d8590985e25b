/** What is shared of a run: its recipe, the fingerprint by which a rerun is judged, and the few numbers that are shown before anything runs. */
import type { Recipe } from "../recipe/recipe";
import { ACCURACIES, type Accuracy, type AccuracyName, type Report } from "../run/report";
import { arithmeticOf } from "./arithmetic";
import type { Fingerprint } from "./fingerprint";
import type { PackedWidths } from "./widths";

/** What is shown of a result before it is run again. */
export interface Headline {
  readonly accuracy: Readonly<Record<AccuracyName, Accuracy>>;
  readonly evaluatedOn: "evaluation" | "calibration";
  /** Bytes of the network; null where the report does not say. */
  readonly size: { readonly fullPrecision: number; readonly quantized: number } | null;
  /** What computed it, as it calls itself. */
  readonly device: { readonly kind: "wasm" | "webgpu"; readonly description: string };
  readonly seconds: number | null;
  /** The day on which it was shared, as in 2026-11-26; null where nobody says. */
  readonly date: string | null;
}

export interface SharedRun {
  /** Without the widths of single layers as long as `widths` holds them. */
  readonly recipe: Recipe;
  /** Null where a recipe alone is shared. */
  readonly fingerprint: Fingerprint | null;
  /** By how much the fingerprint's losses may be off, relatively: 0 where they were carried exactly. */
  readonly lossError: number;
  /** The arithmetic version of the fingerprint. */
  readonly arithmetic: number;
  /** Null in older links, and where a recipe alone is shared. */
  readonly headline: Headline | null;
  /** Widths of single layers by position, until the network is there whose layers they belong to (widths.ts). */
  readonly widths: PackedWidths | null;
}

/** A recipe of which nothing is known yet. */
export function sharedRecipe(recipe: Recipe, arithmetic: number): SharedRun {
  return { recipe, fingerprint: null, lossError: 0, arithmetic, headline: null, widths: null };
}

/** A finished run to be shared. @param date the day, as in 2026-11-26, or null to say none */
export function sharedReport(report: Report, date: string | null): SharedRun {
  const { recipe, device, fingerprint, evaluatedOn, accuracy, size, seconds } = report;
  const pick = ({ top1, agreement, images, meanIou }: Accuracy): Accuracy => ({
    ...{ top1, agreement, images },
    ...(meanIou === undefined ? {} : { meanIou }),
  });
  return {
    // The device that was used, not "automatic": another machine must compute the same bits.
    recipe: { ...recipe, device: device.kind },
    ...{ fingerprint, lossError: 0, arithmetic: arithmeticOf(report), widths: null },
    headline: {
      accuracy: Object.fromEntries(ACCURACIES.map((name) => [name, pick(accuracy[name])])) as Headline["accuracy"],
      ...{ evaluatedOn, size: size ?? null, seconds: seconds.total ?? null, date },
      device: { kind: device.kind, description: device.description },
    },
  };
}
