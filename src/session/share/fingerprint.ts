/** The fingerprint of a result: what a share link carries and a rerun is compared with. */
import type { Recipe } from "../recipe/recipe";

export interface Fingerprint {
  /** Percent; null without labels. */
  readonly top1: number | null;
  readonly agreement: number;
  /** Last reconstruction loss of each unit. */
  readonly losses: readonly number[];
  /** sha256 of every kernel, bias, activation scale and zero point. */
  readonly rounding: string;
  /** sha256 of the recipe and of everything above; absent in links of recipe version 1. */
  readonly result?: string | undefined;
}

/** The recipe without what never changes a result: threads, memory budget, diagnosis, and where files were fetched. */
export function resultRecipe({
  threads: _threads,
  memory: _memory,
  diagnose: _diagnose,
  ...rest
}: Recipe): Omit<Recipe, "threads" | "memory" | "diagnose"> {
  return {
    ...rest,
    model: withoutOrigin(rest.model),
    calibration: withoutOrigin(rest.calibration),
    evaluation: rest.evaluation && withoutOrigin(rest.evaluation),
  };
}

function withoutOrigin<T extends Recipe["model"] | Recipe["calibration"]>(files: T): T {
  if (!("from" in files)) return files;
  const { from: _from, ...rest } = files;
  return rest as T;
}

/** JSON whose objects have their keys in order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
