/**
 * Bit widths of single layers without their names. A network of 160 layers says most of a link's length in layer names, which whoever
 * opens the link has in the network anyway: so the widths are written in the order of the sorted names, with how many names
 * there are and a hash of them. They are joined with names again when the network is there, and refused for any other.
 */
import { BadInput } from "../../base/errors";
import { Random } from "../../base/random";
import type { Recipe } from "../recipe/recipe";

export interface PackedWidths {
  /** Layers of the network. */
  readonly count: number;
  /** Of their sorted names, 32 bits: enough to tell a mistake, not to withstand an attack, which gains nothing here. */
  readonly hash: number;
  /** One a layer, in the order of the sorted names, 0 where none is given; null where there is no assignment. */
  readonly weights: readonly number[] | null;
  readonly activations: readonly number[] | null;
}

const hashOf = (sorted: readonly string[]) => new Random(sorted.length, sorted.join("\n")).uint32();

/**
 * The recipe without the widths of single layers, and these by position.
 * @param layers the names of all layers of the recipe's network
 * @returns null where there are none, or where one belongs to no layer
 */
export function packWidths(recipe: Recipe, layers: readonly string[]): { readonly recipe: Recipe; readonly widths: PackedWidths } | null {
  const { weights, activations } = recipe;
  if (!weights.assignment && !activations?.assignment) return null;
  const sorted = [...new Set(layers)].sort();
  const known = new Set(sorted);
  const packed = (assignment: Readonly<Record<string, number>> | null | undefined) =>
    assignment ? sorted.map((name) => (Object.hasOwn(assignment, name) ? (assignment[name] as number) : 0)) : null;
  const names = [weights.assignment, activations?.assignment].flatMap((assignment) => Object.keys(assignment ?? {}));
  if (names.some((name) => !known.has(name))) return null;
  return {
    recipe: { ...recipe, weights: { ...weights, assignment: null }, activations: activations && { ...activations, assignment: null } },
    widths: { count: sorted.length, hash: hashOf(sorted), weights: packed(weights.assignment), activations: packed(activations?.assignment) },
  };
}

/**
 * A shared run whose widths have found their layers.
 * @param layers the names of all layers of the network that was loaded
 * @throws BadInput where they are another network's
 */
export function withWidths<R extends { readonly recipe: Recipe; readonly widths: PackedWidths | null }>(run: R, layers: readonly string[]): R {
  const { widths, recipe } = run;
  if (!widths) return run;
  const sorted = [...new Set(layers)].sort();
  if (sorted.length !== widths.count || hashOf(sorted) !== widths.hash)
    throw new BadInput(
      `The link gives bit widths to the ${widths.count} layers of another network than this one with ${sorted.length}; choose the network that it was made for, ${recipe.model.name}.`,
    );
  const named = (packed: readonly number[] | null) =>
    packed && Object.fromEntries(sorted.flatMap((name, i) => (packed[i] ? [[name, packed[i] as number]] : [])));
  return {
    ...run,
    widths: null,
    recipe: {
      ...recipe,
      weights: { ...recipe.weights, assignment: named(widths.weights) },
      activations: recipe.activations && { ...recipe.activations, assignment: named(widths.activations) },
    },
  };
}
