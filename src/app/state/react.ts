/** The thin shell between the store and React. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { LabState } from "./store";

export const LabContext: React.Context<StoreApi<LabState> | null> = createContext<StoreApi<LabState> | null>(null);

export function useLab<T>(select: (state: LabState) => T): T {
  const store = useContext(LabContext);
  if (!store) throw new Error("useLab needs a LabContext");
  return useStore(store, select);
}
