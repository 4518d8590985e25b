/**
 * A request from anywhere on the page to show where network and images are chosen: the header and the next steps lead there. The panel
 * opens the section and takes the focus to it; on a narrow page the drawer opens first.
 */
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { place } from "./place";

export interface RecipeAsk {
  /** How often it was asked; 0 before. */
  readonly times: number;
  /** How often the answer was given. */
  readonly answered: number;
  ask(): void;
  answer(): void;
}

export const recipeAsk: StoreApi<RecipeAsk> = createStore<RecipeAsk>((set) => ({
  times: 0,
  answered: 0,
  ask() {
    // The lessons stand without a recipe beside them.
    if (place.getState().view === "learn") place.getState().go({ view: "quantize" });
    set(({ times }) => ({ times: times + 1 }));
  },
  answer: () => set(({ times }) => ({ answered: times })),
}));

/** Whether a request waits for its answer. */
export function useRecipeAsked(): boolean {
  return useStore(recipeAsk, ({ times, answered }) => times > answered);
}

/** Leads to where network and images are chosen; null where a teacher's address hides that. */
export function useAskForData(): (() => void) | null {
  const hides = useStore(place, ({ hide, lock }) => hide.has("recipe") || hide.has("data") || hide.has("files") || lock === "learn");
  return hides ? null : recipeAsk.getState().ask;
}
