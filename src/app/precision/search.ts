/** From the search panel's fields to settings, and what was found in words. */

import { widthText } from "../../quantize/layer-widths";
import type { Recipe } from "../../session/recipe/recipe";
import { COST_NAMES, type CostName, distinctLimits, parseLimit } from "../../session/search/limit";
import { measurementKey } from "../../session/search/measurements";
import type { LayerBits, SearchResult } from "../../session/search/result";
import { SEARCH_DEFAULTS, type SearchSettings } from "../../session/search/settings";

export interface SearchFields {
  readonly cost: CostName;
  /** One limit or several, as people write them: "2bit+10%, 3bit, 0.1MB". */
  readonly amounts: string;
  readonly bits: readonly number[];
  /** Empty leaves activations as the recipe has them. */
  readonly activationBits: readonly number[];
  readonly measure: SearchSettings["measure"];
  readonly table: { readonly name: string; readonly text: string } | null;
  readonly fpga: NonNullable<SearchSettings["costs"]["fpga"]>;
  readonly genetic: SearchSettings["genetic"];
  /** What size is set against in the trade-off of three. */
  readonly against: CostName;
}

export const FIELD_DEFAULTS: SearchFields = {
  cost: "size",
  amounts: "3bit",
  bits: SEARCH_DEFAULTS.bits,
  activationBits: [],
  measure: "nearest",
  table: null,
  fpga: {},
  genetic: SEARCH_DEFAULTS.genetic,
  against: "latency:fpga",
};

export const COST_TITLES: Readonly<Record<CostName, string>> = {
  size: "model size",
  bitops: "bit operations",
  "latency:fpga": "latency, FPGA (modelled)",
  "latency:arm": "latency, ARM CPU (modelled)",
  table: "a table of your own",
};

export const COSTS: readonly (readonly [CostName, string])[] = COST_NAMES.map((name) => [name, COST_TITLES[name]]);

const AMOUNTS = "Expected for example 100kB, 3bit or 2bit+10%; several with commas between them.";

export function settingsFrom(fields: SearchFields): SearchSettings | { readonly error: string } {
  const { cost, amounts, bits, activationBits, measure, table, fpga, genetic, against } = fields;
  if (bits.length === 0) return { error: "Choose one bit width of weights or more." };
  if (bits.length < 2 && activationBits.length < 2) return { error: "Choose at least two bit widths, of weights or of activations." };
  if ((cost === "table" || against === "table") && !table) return { error: "Choose a CSV or JSON file with your costs." };
  const texts = amounts
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (texts.length === 0) return { error: `Give a limit. ${AMOUNTS}` };
  if (texts.some((text) => /^0\d/.test(text))) return { error: `Decimals take a point, as in 0.05. ${AMOUNTS}` };
  try {
    const limits = distinctLimits(texts.map((text) => parseLimit(`${cost}=${text}`)));
    const activations = activationBits.length > 0 ? activationBits : null;
    return { ...SEARCH_DEFAULTS, limits, bits, activationBits: activations, measure, genetic, costs: { table, fpga }, tradeoff: ["size", against] };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** What a search was made for. */
export interface Searched {
  readonly recipe: Recipe;
  readonly measure: SearchSettings["measure"];
}

/** Whether the recipe has changed since in what a search depends on. */
export function isOutdated(searched: Searched | null, recipe: Recipe): boolean {
  if (!searched) return false;
  const keyOf = (one: Recipe) =>
    JSON.stringify([
      measurementKey(one, searched, ""),
      one.weights.firstLastBits,
      one.weights.overrides,
      one.activations ? one.activations.lastInputBits : 8,
    ]);
  return keyOf(recipe) !== keyOf(searched.recipe);
}

export function costText({ limit, cost }: SearchResult): string {
  const of = (value: number) => Number(value.toPrecision(4));
  return `${of(cost)} ${limit.unit} of at most ${of(limit.value)}`;
}

/** "2 bit 5, 4 bit 8": how many layers have each width. */
export function widthsText(assignment: readonly LayerBits[]): string {
  const counts = new Map<number, number>();
  for (const { bits } of assignment) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bits, count]) => `${count} x ${widthText(bits)}`)
    .join(", ");
}
