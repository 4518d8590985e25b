/**
 * What differs between Node and browsers. Each has an entry of its own (node.ts, browser.ts), which says it once when it is
 * imported; all else is the same in both.
 */
import type { ProofRuntime } from "../export/proof/prove";
import type { GivenFiles } from "../session/inputs/sources";
import type { Recipe } from "../session/recipe/recipe";
import type { ChosenDevice } from "../session/run/devices";

/** The kinds of exports that a runtime reads. */
export type ProvedKind = "onnx" | "tfjs";

export interface Platform {
  /** Bytes of memory for caches that the device cannot hold; null where that is unknown. */
  readonly hostMemory: number | null;
  openDevice(recipe: Pick<Recipe, "device" | "threads" | "memory">): Promise<ChosenDevice>;
  builtinModel(name: string): Promise<Uint8Array>;
  /** A path, where there are files, or an address. @throws BadInput */
  readModel(text: string, signal: AbortSignal): Promise<GivenFiles>;
  readImages(text: string, signal: AbortSignal, count: number | undefined): Promise<GivenFiles>;
  /** What proves exports of a kind. @throws BadInput where its package is not installed */
  openRuntime(kind: ProvedKind): Promise<ProofRuntime>;
}

let own: Platform | null = null;

export function setPlatform(chosen: Platform): void {
  own = chosen;
}

export function platform(): Platform {
  if (!own) throw new Error("The library was imported without its entry for Node or browsers");
  return own;
}

/** A signal that nobody gives. */
export function never(): AbortSignal {
  return new AbortController().signal;
}
