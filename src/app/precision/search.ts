/** From the search's fields to settings, and what was found beside what it is compared with. */

import type { Recipe } from "../../session/recipe/recipe";
import { type CostName, distinctLimits, parseLimit } from "../../session/search/limit";
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

/** What is wrong with the fields: by name where the page has words for it, else in words. */
export type Problem = { readonly problem: "noBits" | "oneWidth" | "noTable" | "noLimit" | "comma" } | { readonly error: string };

export function settingsFrom(fields: SearchFields): SearchSettings | Problem {
  const { cost, amounts, bits, activationBits, measure, table, fpga, genetic, against } = fields;
  if (bits.length === 0) return { problem: "noBits" };
  if (bits.length < 2 && activationBits.length < 2) return { problem: "oneWidth" };
  if ((cost === "table" || against === "table") && !table) return { problem: "noTable" };
  const texts = amounts
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (texts.length === 0) return { problem: "noLimit" };
  if (texts.some((text) => /^0\d/.test(text))) return { problem: "comma" };
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

/** The uniform width that a result is compared with: the widest that keeps the limit; null where none does. */
export function rivalOf({ uniform, limit }: Pick<SearchResult, "uniform" | "limit">): SearchResult["uniform"][number] | null {
  return uniform.findLast(({ cost }) => cost <= limit.value * (1 + 1e-9)) ?? null;
}

/** How many layers have each width, narrowest first. */
export function widthCounts(assignment: readonly LayerBits[]): (readonly [bits: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const { bits } of assignment) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

const COST_KEYS = { size: "size", bitops: "bitops", "latency:fpga": "latencyFpga", "latency:arm": "latencyArm", table: "table" } as const;

/** The message that names a cost. */
export function costKey(name: string): `costs.${(typeof COST_KEYS)[CostName]}` {
  return `costs.${COST_KEYS[name as CostName] ?? "table"}`;
}
