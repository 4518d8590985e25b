/** What a search leaves behind. */
import { shortName } from "../../passes/short-name";
import { FLOAT_BITS } from "../../quantize/layer-widths";
import type { Generation } from "../../search/allocation/genetic";
import type { Recipe } from "../recipe/recipe";

/** The bits of a layer's weights, 32 for float, and, where activations are searched and it is the first to read one, of that. */
export interface LayerBits {
  readonly layer: string;
  readonly bits: number;
  readonly activation: number | null;
}

interface Found {
  readonly cost: number;
  readonly predictedLoss: number;
}

/** One limit's outcome. */
export interface SearchResult extends Found {
  /** `text` is the limit as it was written: "size=3bit". */
  readonly limit: { readonly text: string; readonly cost: string; readonly value: number; readonly unit: string; readonly origin: string };
  /** Layers with their bits, in order. */
  readonly assignment: readonly LayerBits[];
  /** For comparison: the exact optimum where the space allows, and greedy descent. */
  readonly optimum: (Found & { readonly assignment: readonly LayerBits[] }) | null;
  readonly greedy: Found | null;
  /** What HAWQ-V2's sensitivity would choose under the limit, with the predicted loss of this table. */
  readonly hawq: (Found & { readonly assignment: readonly LayerBits[] }) | null;
  readonly history: readonly Generation[];
  /** Why there is no optimum and no front: the space is too large; null where there is. */
  readonly tooLarge: string | null;
  /** Cost and loss of assignments that none beats in both; null where the space is too large. */
  readonly front: readonly (readonly [cost: number, loss: number])[] | null;
  /** What every layer at one width costs and loses. */
  readonly uniform: readonly (Found & { readonly bits: number })[];
  /** False where everything at its widest keeps the limit: then it binds nothing. */
  readonly binding: boolean;
  readonly milliseconds: number;
}

/** Two costs and loss: assignments that none found beats in all three. */
export interface TradeoffResult {
  readonly costs: readonly { readonly cost: string; readonly unit: string; readonly origin: string }[];
  readonly points: readonly { readonly costs: readonly number[]; readonly predictedLoss: number; readonly assignment: readonly LayerBits[] }[];
  readonly milliseconds: number;
}

/** What an assignment sets in a recipe, by path. */
export function settingsOf(assignment: readonly LayerBits[]): Record<string, Record<string, number>> {
  // A layer in float has its width from the recipe's overrides, which stand above assignments.
  const quantized = assignment.filter(({ bits }) => bits !== FLOAT_BITS);
  const activations = assignment.flatMap(({ layer, activation }) => (activation === null ? [] : [[layer, activation] as const]));
  return {
    "weights.assignment": Object.fromEntries(quantized.map(({ layer, bits }) => [layer, bits])),
    ...(activations.length > 0 ? { "activations.assignment": Object.fromEntries(activations) } : {}),
  };
}

/** The recipe with an assignment; one that says nothing of activations leaves theirs. */
export function withBits(recipe: Recipe, assignment: readonly LayerBits[]): Recipe {
  const own = settingsOf(assignment);
  const read = own["activations.assignment"];
  return {
    ...recipe,
    weights: { ...recipe.weights, assignment: own["weights.assignment"] ?? null },
    activations: recipe.activations && read ? { ...recipe.activations, assignment: read } : recipe.activations,
  };
}

/** The recipe with its common widths alone. */
export function withoutBits(recipe: Recipe): Recipe {
  return {
    ...recipe,
    weights: { ...recipe.weights, assignment: null },
    activations: recipe.activations && { ...recipe.activations, assignment: null },
  };
}

/** The recipe without any width that names a layer: another network has others. */
export function withoutLayerWidths(recipe: Recipe): Recipe {
  const own = withoutBits(recipe);
  const { overrides: _overrides, ...weights } = own.weights;
  return { ...own, weights };
}

/** "layer1.0/conv1 2, layer1.0/conv2 4, …", and with activations "layer1.0/conv1 2/8" where it reads 8 bit. */
export function assignmentText(assignment: readonly LayerBits[]): string {
  return assignment
    .map(({ layer, bits, activation }) => `${shortName(layer)} ${bits === FLOAT_BITS ? "float" : bits}${activation === null ? "" : `/${activation}`}`)
    .join(", ");
}
