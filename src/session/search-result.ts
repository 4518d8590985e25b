/** What a search leaves behind for one limit. */
import { shortName } from "../passes/partition";
import type { Generation } from "../search/genetic";

/** One limit's outcome. */
export interface SearchResult {
  readonly limit: { readonly cost: string; readonly value: number; readonly unit: string; readonly origin: string };
  /** Layers with their bits, in order. */
  readonly assignment: readonly { readonly layer: string; readonly bits: number }[];
  readonly cost: number;
  readonly predictedLoss: number;
  /** For comparison: the exact optimum where the space allows, and greedy descent. */
  readonly optimum: { readonly cost: number; readonly predictedLoss: number } | null;
  readonly greedy: { readonly cost: number; readonly predictedLoss: number };
  readonly history: readonly Generation[];
  /** Cost and loss of assignments that none beats in both; null where the space is too large. */
  readonly front: readonly (readonly [cost: number, loss: number])[] | null;
  /** What every layer at one width costs and loses. */
  readonly uniform: readonly { readonly bits: number; readonly cost: number; readonly predictedLoss: number }[];
  readonly milliseconds: number;
}

/** A result's assignment as a recipe carries it. */
export function assignmentOf({ assignment }: SearchResult): Record<string, number> {
  return Object.fromEntries(assignment.map(({ layer, bits }) => [layer, bits]));
}

/** "layer1.0/conv1 2, layer1.0/conv2 4, …" */
export function assignmentText({ assignment }: SearchResult): string {
  return assignment.map(({ layer, bits }) => `${shortName(layer)} ${bits}`).join(", ");
}
