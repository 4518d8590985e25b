/**
 * Which pictures are shown of each network and its images, kept from the first time that they were chosen: while settings
 * change and runs go on the pictures stay, and only what they are called changes.
 */
import type { Graph } from "../../graph/types";
import type { GivenFiles, Sources } from "../inputs/sources";
import type { Recipe } from "../recipe/recipe";

/** What results are judged on. */
export type JudgedRole = "evaluation" | "calibration";

export function judgedRole({ evaluation }: Pick<Recipe, "evaluation">): JudgedRole {
  return evaluation ? "evaluation" : "calibration";
}

export class WatchedPictures {
  private readonly shown = new Map<string, readonly number[]>();
  private readonly numbers = new WeakMap<Graph | GivenFiles, number>();
  private last = 0;

  /** What says which network and which images are meant: they are read once and are the same objects while they stay the same. */
  keyOf(graph: Graph, recipe: Pick<Recipe, "calibration" | "evaluation" | "preprocessing">, sources: Sources): string {
    const role = judgedRole(recipe);
    const images = recipe[role];
    const of = images?.kind === "files" ? [this.numberOf(sources[role]), images.count] : [images];
    return JSON.stringify([this.numberOf(graph), role, ...of, recipe.preprocessing]);
  }

  /** Places of the shown images in their set, ascending; null before any were chosen. */
  get(key: string): readonly number[] | null {
    return this.shown.get(key) ?? null;
  }

  set(key: string, places: readonly number[]): void {
    this.shown.set(key, places);
  }

  private numberOf(one: Graph | GivenFiles | null): number {
    if (!one) return 0;
    const known = this.numbers.get(one) ?? ++this.last;
    this.numbers.set(one, known);
    return known;
  }
}
