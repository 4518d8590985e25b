/**
 * A shared result that was opened: by a link, or by a file that the lab exported. It stays, with its own settings, while the form moves
 * on, until it is closed or another one is opened; what is in the address stays in step with it.
 */
import { BadInput } from "../../base/errors";
import type { FileRole } from "../../session/inputs/sources";
import type { NetworkView } from "../../session/network/view";
import type { ImagesRecipe, ModelRecipe, Recipe } from "../../session/recipe/recipe";
import type { Provenance } from "../../session/share/provenance";
import type { SharedRun } from "../../session/share/shared";
import { withWidths } from "../../session/share/widths";
import type { SentFiles } from "../../session/worker/protocol";

export interface OpenedRun {
  readonly run: SharedRun;
  /** What it was read from; null for a link. */
  readonly file: OpenedFile | null;
}

/** A file that the lab made, whose weights are compared with the run's where it holds some. */
export interface OpenedFile extends Pick<Provenance, "kind" | "container"> {
  readonly name: string;
  readonly files: SentFiles;
}

/** A role whose files the shared result was made with and that nobody has given yet. */
export interface Needed {
  readonly role: FileRole;
  readonly files: Exclude<ModelRecipe | ImagesRecipe, { readonly kind: "builtin" }>;
}

const ROLES = ["model", "calibration", "evaluation"] as const satisfies readonly FileRole[];

/** All files that a recipe names and that are missing, at once. */
export function neededFiles(recipe: Recipe, given: Readonly<Record<FileRole, string | null>>): Needed[] {
  return ROLES.flatMap((role) => {
    const files = recipe[role];
    return files && files.kind !== "builtin" && given[role] === null ? [{ role, files }] : [];
  });
}

/** The names by which a recipe calls a network's layers. */
export function layerNames(network: NetworkView): string[] {
  return network.units.flatMap(({ layers }) => layers.map(({ id }) => id));
}

/** Whether what the form names for a role is what the opened result was made with: files chosen for it are then held to its hash. */
export function isOfOpened(opened: OpenedRun | null, recipe: Recipe, role: FileRole): boolean {
  const [shared, own] = [opened?.run.recipe[role], recipe[role]];
  if (!shared || !own) return false;
  if (shared.kind === "builtin" || own.kind === "builtin") return JSON.stringify(shared) === JSON.stringify(own);
  return shared.sha256 === null ? shared.name === own.name : shared.sha256 === own.sha256;
}

/** What the arrival of a network changes: widths by position find their layers; or, for another network, why not. */
export function resolved(
  opened: OpenedRun,
  recipe: Recipe,
  network: NetworkView,
): { readonly opened: OpenedRun; readonly recipe: Recipe } | { readonly error: string } {
  try {
    const run = withWidths(opened.run, layerNames(network));
    const { weights, activations } = run.recipe;
    return {
      opened: { ...opened, run },
      recipe: {
        ...recipe,
        weights: { ...recipe.weights, assignment: weights.assignment },
        activations: recipe.activations && { ...recipe.activations, assignment: activations?.assignment ?? null },
      },
    };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { error: error.message };
  }
}

/** Takes a shared run out of the page's address, so that a reload does not bring it back. */
export function forgetAddress(): void {
  if (globalThis.location?.hash) history.replaceState(null, "", `${location.pathname}${location.search}`);
}
