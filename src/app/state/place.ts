/**
 * Where a person is in the page: the view, what is selected, and how the page looks. All of it is in the URL's query, so that
 * an address leads back to it; theme, language and size are also remembered. A teacher's `hide` and `lock` come from the URL
 * alone (docs/page.md).
 */
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";

export const VIEWS = ["quantize", "compare", "precision", "inspect", "learn"] as const;
export type ViewName = (typeof VIEWS)[number];

/** Parts of the page, and sections of the recipe, that a URL may hide. */
export const HIDEABLE = [
  "header",
  "views",
  "recipe",
  "share",
  "files",
  "data",
  "weights",
  "activations",
  "reconstruction",
  "advanced",
  "goal",
] as const;
export type Hideable = (typeof HIDEABLE)[number];

export type ThemeChoice = "system" | "light" | "dark";
export type SizeChoice = "normal" | "large";

export interface Place {
  readonly view: ViewName;
  /** The selected unit and layer: a unit's name, a layer's node id. */
  readonly unit: string | null;
  readonly layer: string | null;
  readonly theme: ThemeChoice;
  readonly size: SizeChoice;
  readonly hide: ReadonlySet<Hideable>;
  /** The view that cannot be left. */
  readonly lock: ViewName | null;
}

const oneOf = <T extends string>(known: readonly T[], text: string | null): T | null => known.find((name) => name === text) ?? null;

/** The place that a query names; what it leaves out or misspells is as remembered, or as at first. */
export function placeOf(query: URLSearchParams, remembered: Pick<Partial<Place>, "theme" | "size"> = {}): Place {
  const lock = oneOf(VIEWS, query.get("lock"));
  const hidden = (query.get("hide") ?? "").split(",").map((name) => oneOf(HIDEABLE, name.trim()));
  return {
    view: lock ?? oneOf(VIEWS, query.get("view")) ?? "quantize",
    unit: query.get("unit"),
    layer: query.get("layer"),
    theme: oneOf(["light", "dark"], query.get("theme")) ?? remembered.theme ?? "system",
    size: oneOf(["normal", "large"], query.get("size")) ?? remembered.size ?? "normal",
    hide: new Set(hidden.filter((name) => name !== null)),
    lock,
  };
}

/** The query of a place, over one that may hold more. */
export function queryOf({ view, unit, layer }: Pick<Place, "view" | "unit" | "layer">, query: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(query);
  const set = (name: string, value: string | null) => (value === null ? next.delete(name) : next.set(name, value));
  set("view", view === "quantize" ? null : view);
  set("unit", unit);
  set("layer", layer);
  return next;
}

export interface PlaceState extends Place {
  /** Goes to another view or selection; a view is a step that the browser's back button undoes. */
  go(change: Partial<Pick<Place, "view" | "unit" | "layer">>): void;
  look(change: Partial<Pick<Place, "theme" | "size">>): void;
}

const MEMORY = "brecq-lab.look";

/** What was chosen before; nothing where storage is refused. */
export function rememberedLook(): Pick<Partial<Place>, "theme" | "size"> & { readonly language?: string } {
  try {
    return JSON.parse(localStorage.getItem(MEMORY) ?? "{}");
  } catch {
    return {};
  }
}

/** Adds to what is remembered of how the page looks; where storage is refused nothing is remembered. */
export function rememberLook(change: Readonly<Record<string, string>>): void {
  try {
    localStorage.setItem(MEMORY, JSON.stringify({ ...rememberedLook(), ...change }));
  } catch {}
}

export const place: StoreApi<PlaceState> = createStore<PlaceState>((set, get) => ({
  ...placeOf(new URLSearchParams(globalThis.location?.search ?? ""), rememberedLook()),
  go(change) {
    const before = get();
    const view = before.lock ?? change.view ?? before.view;
    const next = { unit: before.unit, layer: before.layer, ...change, view };
    if (next.view === before.view && next.unit === before.unit && next.layer === before.layer) return;
    set(next);
    const query = queryOf(next, new URLSearchParams(location.search)).toString();
    const url = `${location.pathname}${query ? `?${query}` : ""}${location.hash}`;
    if (next.view === before.view) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  },
  look(change) {
    set(change);
    rememberLook(change);
  },
}));

/** Follows the browser's back and forward buttons. */
export function followHistory(): void {
  addEventListener("popstate", () => {
    const { view, unit, layer } = placeOf(new URLSearchParams(location.search));
    place.setState({ view: place.getState().lock ?? view, unit, layer });
  });
}

/** Puts theme and size on the document's root, and keeps them there as choice and system change. */
export function applyLook(): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme, size } = place.getState();
    const { dataset } = document.documentElement;
    dataset.theme = theme === "system" ? (system.matches ? "dark" : "light") : theme;
    dataset.size = size;
  };
  apply();
  place.subscribe(apply);
  system.addEventListener("change", apply);
}

export function usePlace<T>(select: (state: PlaceState) => T): T {
  return useStore(place, select);
}
