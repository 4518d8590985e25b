/**
 * A request from anywhere on the page to show where network and images are chosen: the header and the next steps lead there. The panel
 * opens the section and takes the focus to it; on a narrow page the drawer opens first.
 */
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { place } from "./place";

export interface RecipeAsk {
  /** Whether a request waits for its answer. */
  readonly asked: boolean;
  ask(): void;
  answer(): void;
}

export const recipeAsk: StoreApi<RecipeAsk> = createStore<RecipeAsk>((set) => ({
  asked: false,
  ask() {
    // The lessons stand without a recipe beside them.
    if (place.getState().view === "learn") place.getState().go({ view: "quantize" });
    set({ asked: true });
  },
  answer: () => set({ asked: false }),
}));

export function useRecipeAsked(): boolean {
  return useStore(recipeAsk, ({ asked }) => asked);
}

/** Leads to where network and images are chosen; null where a teacher's address hides that. */
export function useAskForData(): (() => void) | null {
  const hides = useStore(place, ({ hide, lock }) => hide.has("recipe") || hide.has("data") || hide.has("files") || lock === "learn");
  return hides ? null : recipeAsk.getState().ask;
}
