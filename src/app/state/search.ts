/** From the search panel's fields to settings, and a result in a sentence. */
import { type Limit, parseLimit } from "../../session/limit";
import type { SearchResult } from "../../session/search-result";
import { SEARCH_DEFAULTS, type SearchSettings } from "../../session/search-settings";

interface SearchFields {
  readonly limit: string;
  readonly bits: readonly number[];
  readonly measure: SearchSettings["measure"];
  readonly table: { readonly name: string; readonly text: string } | null;
}

export function settingsFrom({ limit, bits, measure, table }: SearchFields): SearchSettings | { readonly error: string } {
  if (bits.length < 2) return { error: "Choose at least two widths." };
  let parsed: Limit;
  try {
    parsed = parseLimit(limit);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  if (parsed.cost === "table" && !table) return { error: "Choose a CSV or JSON file with your costs." };
  return { ...SEARCH_DEFAULTS, limits: [parsed], bits, measure, costs: { table } };
}

export function limitText({ limit, cost }: SearchResult): string {
  const of = (value: number) => Number(value.toPrecision(4));
  return `${limit.cost} ${of(cost)} ${limit.unit} of at most ${of(limit.value)}`;
}
