/**
 * What the sentence at the top says, as data: how far rounding to nearest throws the network back, and where the run
 * stands. One sentence before a run, during it and at its end, from the figures that are known by then.
 */

import type { Accuracy } from "../../../session/run/report";
import type { Watch } from "../../../session/worker/events";
import { isBusy, type View } from "../../state/view";

/** Percent that a person would quote: as labelled, or in agreement with full precision where there are no labels. */
export function quoted({ top1, agreement }: Accuracy): number {
  return top1 ?? agreement;
}

export interface Story {
  readonly stage: "unknown" | "before" | "during" | "after";
  readonly full: number | null;
  readonly nearest: number | null;
  readonly method: number | null;
  /** Units done, and of how many. */
  readonly done: number;
  readonly of: number;
  /** Whether percentages are of labels or of agreement with full precision. */
  readonly labelled: boolean;
}

type Facts = Pick<View, "state" | "accuracy" | "glimpses" | "soFar" | "score" | "units" | "network">;

/** @param bits the width that the form has, for all layers; null where they have widths of their own */
export function storyOf(view: Facts, bits: number | null, isCurrent: boolean): Story {
  const { accuracy, glimpses, soFar, network } = view;
  const glimpse = (of: number | null): Watch | undefined => glimpses.find((one) => one.bits === of);
  const busy = isBusy(view.state);
  const ran = accuracy.quantized !== undefined;
  const fromRun = isCurrent && view.state !== "loading" && (busy || ran || accuracy.nearest !== undefined);
  // Two figures of the same images, or none: the run's own when it has measured both.
  const seen = { full: glimpse(32)?.accuracy, nearest: bits === null ? view.score?.accuracy : glimpse(bits)?.accuracy };
  const measured = fromRun && (accuracy.nearest !== undefined || !seen.nearest);
  const full = (measured ? accuracy.fullPrecision : undefined) ?? seen.full;
  const nearest = (measured ? accuracy.nearest : undefined) ?? seen.nearest;
  const last = fromRun ? soFar.findLast(({ method }) => method === "quantized") : undefined;
  const method = fromRun ? (accuracy.quantized ?? last?.accuracy) : undefined;
  const of = network?.units.filter(({ unit }) => unit !== null).length ?? 0;
  const stage = !full ? "unknown" : busy && (fromRun || view.state === "loading") ? "during" : fromRun && ran ? "after" : "before";
  return {
    stage,
    full: full ? quoted(full) : null,
    nearest: nearest ? quoted(nearest) : null,
    method: method ? quoted(method) : null,
    done: last ? last.unit + 1 : 0,
    of,
    labelled: full ? full.top1 !== null : true,
  };
}
