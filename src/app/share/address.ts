/**
 * The page's address with what a teacher decides of it: parts that are hidden, a view that cannot be left, theme, language and size
 * (docs/page.md). What is left open is left out, so that each person has it as they have chosen.
 */
import type { Language } from "../i18n";
import type { Hideable, Place, ViewName } from "../state/place";

export interface Switches {
  readonly view: ViewName;
  /** Whether the view cannot be left. */
  readonly locked: boolean;
  readonly hide: ReadonlySet<Hideable>;
  readonly theme: Exclude<Place["theme"], "system"> | null;
  readonly size: Place["size"] | null;
  readonly language: Language | null;
}

export const OPEN: Switches = { view: "quantize", locked: false, hide: new Set(), theme: null, size: null, language: null };

/** @param page the page's address; query and fragment of its own are left behind */
export function addressOf(page: string, { view, locked, hide, theme, size, language }: Switches): string {
  const query = [
    ["view", view === "quantize" || locked ? null : view],
    ["lock", locked ? view : null],
    ["hide", hide.size > 0 ? [...hide].join(",") : null],
    ["theme", theme],
    ["size", size],
    ["lang", language],
  ].flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  const plain = page.split(/[?#]/)[0] as string;
  return query.length > 0 ? `${plain}?${query.join("&")}` : plain;
}

/** Markup that embeds the page elsewhere: isolated as far as the page around it is, with copying, in a frame that phones fill. */
export function embedding(link: string, title: string): string {
  const text = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${text(link)}" title="${text(title)}" width="100%" height="760" loading="lazy" allow="cross-origin-isolated; clipboard-write; fullscreen"></iframe>`;
}
