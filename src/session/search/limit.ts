/** What a search may cost, as people write it: "size=0.1MB", "size=3bit", "size=2bit+10%", "bitops=0.4G", "latency:fpga=1.5ms". */
import { BadInput } from "../../base/errors";
import { arm } from "../../search/allocation/costs/arm";
import { bitops } from "../../search/allocation/costs/bitops";
import type { CostModel } from "../../search/allocation/costs/cost";
import { FPGA_DEFAULTS, type FpgaOptions, fpga } from "../../search/allocation/costs/fpga";
import { ownTable } from "../../search/allocation/costs/own";
import { size } from "../../search/allocation/costs/size";
import { type CostTerm, costOf } from "../../search/allocation/problem";
import type { SensitivityTable } from "../../search/sensitivity/table";

export const COST_NAMES = ["size", "bitops", "latency:fpga", "latency:arm", "table"] as const;
export type CostName = (typeof COST_NAMES)[number];

export interface Limit {
  readonly cost: CostName;
  /** In the model's unit, or what uniform bits cost, plus a share. */
  readonly value: number | { readonly bits: number; readonly plus: number };
}

export interface CostOptions {
  readonly fpga?: Partial<FpgaOptions>;
  /** One's own table, where the cost is `table`. */
  readonly table?: { readonly text: string; readonly name: string } | null;
}

export function costModel(name: CostName, options: CostOptions = {}): CostModel {
  switch (name) {
    case "size":
      return size;
    case "bitops":
      return bitops;
    case "latency:fpga":
      return fpga({ ...FPGA_DEFAULTS, ...options.fpga });
    case "latency:arm":
      return arm;
    case "table":
      if (!options.table) throw new BadInput("A limit on a table of one's own needs the table: give a CSV or JSON file of costs.");
      return ownTable(options.table.text, options.table.name);
  }
}

/** How the limit's unit may be written, in any case; first as we write it. */
const UNITS: Readonly<Record<CostName, readonly string[]>> = {
  size: ["MB"],
  bitops: ["GBOPs", "G"],
  "latency:fpga": ["ms"],
  "latency:arm": ["ms"],
  table: [],
};

const PATTERN = /^([a-z:]+)=(?:(\d*\.?\d+(?:e[+-]?\d+)?)\s*(MB|GBOPs|G|ms)?|([2-7](?:\.\d+)?|8)bit(?:\+(\d+(?:\.\d+)?)%)?)$/i;

export function parseLimit(text: string): Limit {
  const match = PATTERN.exec(text.trim());
  const cost = match?.[1]?.toLowerCase() as CostName | undefined;
  if (!match || !cost || !COST_NAMES.includes(cost))
    throw new BadInput(
      `The limit "${text}" is not one; expected for example size=0.1MB, bitops=0.4G, latency:fpga=1.5ms, latency:arm=3ms, table=10, or what uniform bits cost: size=3bit, size=2bit+10%.`,
    );
  const unit = match[3]?.toLowerCase();
  if (unit !== undefined && !UNITS[cost].some((own) => own.toLowerCase() === unit))
    throw new BadInput(
      `The limit "${text}" gives ${cost} in ${match[3]}; expected ${UNITS[cost].join(" or ") || "a number without a unit, in the table's own"}.`,
    );
  if (match[4] !== undefined) return { cost, value: { bits: Number(match[4]), plus: Number(match[5] ?? 0) / 100 } };
  return { cost, value: Number(match[2]) };
}

/** The limit as people write it. */
export function limitText({ cost, value }: Limit): string {
  if (typeof value === "number") return `${cost}=${value}${UNITS[cost][0] ?? ""}`;
  return `${cost}=${value.bits}bit${value.plus > 0 ? `+${Number((100 * value.plus).toFixed(6))}%` : ""}`;
}

/** Each limit once. */
export function distinctLimits(limits: readonly Limit[]): Limit[] {
  return [...new Map(limits.map((limit) => [limitText(limit), limit])).values()];
}

/** The limit in the cost's unit. */
export function limitValue(table: SensitivityTable, terms: readonly CostTerm[], { value }: Limit): number {
  return typeof value === "number" ? value : uniformCost(table, terms, value.bits) * (1 + value.plus);
}

/** What the network costs with everything at `bits`, but for what has a fixed width. */
export function uniformCost({ layers, activations }: SensitivityTable, terms: readonly CostTerm[], bits: number): number {
  const widths = [...layers, ...activations].map(({ fixed }) => fixed ?? bits);
  return costOf({ terms }, widths);
}
