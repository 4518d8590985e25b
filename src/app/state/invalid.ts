/** Fields that hold something invalid at the moment, by id, with their labels: nothing runs while there are any. */
import { useEffect } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const store = createStore<{ readonly fields: ReadonlyMap<string, string> }>(() => ({ fields: new Map() }));

/** Tells that a field is invalid, or, with null, that it is not; a field that goes is invalid no more. */
export function useInvalid(id: string, label: string | null): void {
  useEffect(() => {
    if (label === null) return;
    store.setState(({ fields }) => ({ fields: new Map(fields).set(id, label) }));
    return () =>
      store.setState(({ fields }) => {
        const rest = new Map(fields);
        rest.delete(id);
        return { fields: rest };
      });
  }, [id, label]);
}

/** The label of an invalid field, or null. */
export function useFirstInvalid(): string | null {
  return useStore(store, ({ fields }) => fields.values().next().value ?? null);
}
