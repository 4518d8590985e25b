/** What a search may cost, as people write it: "size=100kB", "size=3bit", "size=2bit+10%", "bitops=0.4GBOPs", "latency:fpga=1.5ms". */
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

/** How a limit's unit may be written, in any case, with what it is in the model's unit; the model's own first. */
const UNITS: Readonly<Record<CostName, readonly (readonly [name: string, value: number])[]>> = {
  size: [
    ["MB", 1],
    ["kB", 1e-3],
    ["B", 1e-6],
    ["GB", 1e3],
    ["KiB", 1024e-6],
    ["MiB", 1024 ** 2 * 1e-6],
    ["bytes", 1e-6],
  ],
  bitops: [
    ["GBOPs", 1],
    ["G", 1],
    ["MBOPs", 1e-3],
    ["M", 1e-3],
    ["TBOPs", 1e3],
    ["T", 1e3],
  ],
  "latency:fpga": [
    ["ms", 1],
    ["us", 1e-3],
    ["µs", 1e-3],
    ["s", 1e3],
  ],
  "latency:arm": [
    ["ms", 1],
    ["us", 1e-3],
    ["µs", 1e-3],
    ["s", 1e3],
  ],
  table: [],
};

const COST = /^([a-z:]+)=(.+)$/i;
const AMOUNT = /^(\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-zµ]*)$/i;
const UNIFORM = /^([2-7](?:\.\d+)?|8)\s*bit(?:\s*\+\s*(\d+(?:\.\d+)?)\s*%)?$/i;

const EXAMPLES =
  "expected for example size=100kB, bitops=0.4GBOPs, latency:fpga=1.5ms, latency:arm=3ms, table=10, or what uniform bit widths cost: size=3bit, size=2bit+10%.";

/** @throws BadInput for what is no limit, has no unit, or has another cost's */
export function parseLimit(text: string): Limit {
  const match = COST.exec(text.trim());
  const cost = match?.[1]?.toLowerCase() as CostName | undefined;
  if (!match || !cost || !COST_NAMES.includes(cost)) throw new BadInput(`Invalid limit "${text}": ${EXAMPLES}`);
  const amount = (match[2] as string).trim();
  const uniform = UNIFORM.exec(amount);
  if (uniform) return { cost, value: { bits: Number(uniform[1]), plus: Number(uniform[2] ?? 0) / 100 } };
  const number = AMOUNT.exec(amount);
  if (!number) throw new BadInput(`Invalid limit "${text}": ${EXAMPLES}`);
  const [value, unit] = [Number(number[1]), number[2] as string];
  const units = UNITS[cost];
  if (units.length === 0 && unit === "") return { cost, value };
  const known = units.find(([name]) => name.toLowerCase() === unit.toLowerCase());
  if (known) return { cost, value: value * known[1] };
  const names = units.map(([name]) => name).join(", ");
  if (units.length === 0) throw new BadInput(`Invalid limit "${text}": a table's costs have the table's own unit; expected a number alone.`);
  if (unit === "")
    throw new BadInput(`Invalid limit "${text}": ${amount} has no unit; expected one of ${names}, for example ${cost}=${amount}${units[0]?.[0]}.`);
  throw new BadInput(`Invalid limit "${text}": ${unit} is no unit of ${cost}; expected one of ${names}.`);
}

/** The limit as people write it. */
export function limitText({ cost, value }: Limit): string {
  if (typeof value === "number") return `${cost}=${Number(value.toPrecision(12))}${UNITS[cost][0]?.[0] ?? ""}`;
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
