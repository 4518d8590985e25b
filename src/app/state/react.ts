/** The thin shell between the store and React. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { StoreApi } from "zustand/vanilla";
import type { LabState } from "./store";
import type { View } from "./view";

export const LabContext: React.Context<StoreApi<LabState> | null> = createContext<StoreApi<LabState> | null>(null);

export function useLab<T>(select: (state: LabState) => T): T {
  const store = useContext(LabContext);
  if (!store) throw new Error("useLab needs a LabContext");
  return useStore(store, select);
}

/** Some fields of the view: what uses them is drawn anew when one of these changes, not at every step of a progress bar. */
export function useView<K extends keyof View>(...fields: readonly K[]): Pick<View, K> {
  return useLab(useShallow(({ view }) => Object.fromEntries(fields.map((field) => [field, view[field]])) as Pick<View, K>));
}
