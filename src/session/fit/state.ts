/** What a fit tells while it goes on, and what it leaves behind. */
import type { Recipe } from "../recipe/recipe";
import type { Accuracy } from "../run/report";
import type { Measure, Verdict } from "../run/verdict";
import { type LayerBits, withBits, withoutBits } from "../search/result";
import type { SettledGoal } from "./goal";

/** Widths for all layers that could be the answer, before they are tried. */
export interface Candidate {
  /** `mixed` was searched for; `uniform` has one width throughout, but for layers whose width is fixed. */
  readonly kind: "mixed" | "uniform";
  /** The common width of a uniform one, else null. */
  readonly bits: number | null;
  /** Of every layer, in order. */
  readonly assignment: readonly LayerBits[];
  /** Bytes, with scales, zero points and biases (quantize/size). */
  readonly size: number;
  /** Nats of divergence, as the sensitivity table adds them up. */
  readonly predictedLoss: number;
}

export interface TriedCandidate extends Candidate {
  /** What came out once it was reconstructed; null for one that was only looked at. */
  readonly measured: {
    readonly accuracy: Accuracy;
    /** Points below full precision, of it and of rounding to nearest at the same widths. */
    readonly lost: { readonly quantized: number; readonly nearest: number };
    readonly meets: boolean;
    readonly seconds: number;
    /** Units that were taken from an earlier try, and all. */
    readonly reused: readonly [reused: number, units: number];
    /** Of its result: what tells its network from the others'. */
    readonly rounding: string;
  } | null;
}

export type FitStage = "sensitivity" | "search" | "trying" | "done" | "cancelled";

export interface FitState {
  readonly stage: FitStage;
  readonly goal: SettledGoal;
  /** What losses are counted in; null before the first candidate has been tried. */
  readonly measure: Measure | null;
  /** Smallest first. */
  readonly tried: readonly TriedCandidate[];
  /** Which of them is being tried, and how many at most will have been. */
  readonly current: number | null;
  readonly most: number;
  /** Which of them is the best so far; null before one has been tried. */
  readonly best: number | null;
  /** At the end, and where it was cancelled with something tried. */
  readonly verdict: FitVerdict | null;
}

export interface FitVerdict {
  readonly kind: "met" | "missed";
  readonly goal: SettledGoal;
  readonly best: Verdict;
  /** How many candidates were reconstructed. */
  readonly tried: number;
  /** Whether the limit left a choice: false where everything at its widest keeps a size. */
  readonly binding: boolean;
}

/** A recipe with a candidate's widths: a common one is said as such, so that the recipe reads as people would write it. */
export function candidateRecipe(recipe: Recipe, { kind, bits, assignment }: Pick<Candidate, "kind" | "bits" | "assignment">): Recipe {
  if (kind === "mixed" || bits === null) return withBits(recipe, assignment);
  const own = withoutBits(recipe);
  return { ...own, weights: { ...own.weights, bits } };
}
