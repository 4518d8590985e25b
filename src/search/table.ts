/**
 * What the search knows: how much each layer at each width adds to the network's loss, and what two layers of one
 * block at the lowest width add beyond the two alone (BRECQ, section 3.4; the off-diagonal blocks of the Hessian,
 * which wider layers hardly have). Blocks add up.
 */
import { z } from "zod";
import { BadInput } from "../base/errors";

export interface Pair {
  readonly a: string;
  readonly b: string;
  /** Loss with both layers at the table's lowest width. */
  readonly joint: number;
}

export interface LayerSensitivity {
  readonly name: string;
  readonly block: string;
  /** Loss at each of the table's widths, in their order; a fixed layer has its own width alone. */
  readonly losses: readonly number[];
  /** The width of a layer that is not searched: the first and the last. */
  readonly fixed: number | null;
}

export interface SensitivityTable {
  /** Ascending. */
  readonly bits: readonly number[];
  readonly layers: readonly LayerSensitivity[];
  readonly pairs: readonly Pair[];
}

/** Bits of every layer, in the table's order. */
export type Assignment = readonly number[];

/** The part of the predicted loss that interactions add, for each pair: joint - single - single. */
export function excessOf(table: SensitivityTable, { a, b, joint }: Pair): number {
  const single = (name: string) => table.layers.find((layer) => layer.name === name)?.losses[0] ?? 0;
  return joint - single(a) - single(b);
}

/** A table made ready for being asked many times. */
export class Predictor {
  private readonly singles: ReadonlyMap<number, number>[];
  private readonly excesses: readonly { readonly i: number; readonly j: number; readonly excess: number }[];

  constructor(
    readonly table: SensitivityTable,
    /** Whether interactions count. */
    interactions = true,
  ) {
    const place = new Map(table.layers.map(({ name }, i) => [name, i]));
    this.singles = table.layers.map(({ losses, fixed }) =>
      fixed === null ? new Map(table.bits.map((bits, i) => [bits, losses[i] as number])) : new Map([[fixed, losses[0] ?? 0]]),
    );
    this.excesses = interactions
      ? table.pairs.map((pair) => ({ i: place.get(pair.a) as number, j: place.get(pair.b) as number, excess: excessOf(table, pair) }))
      : [];
  }

  single(layer: number, bits: number): number {
    return this.singles[layer]?.get(bits) ?? Number.POSITIVE_INFINITY;
  }

  /** What some layers at given bits add: alone, and in pairs among themselves. */
  part(layers: readonly number[], bits: readonly number[]): number {
    const lowest = this.table.bits[0];
    let sum = 0;
    layers.forEach((layer, at) => {
      sum += this.single(layer, bits[at] as number);
    });
    for (const { i, j, excess } of this.excesses) {
      const [a, b] = [layers.indexOf(i), layers.indexOf(j)];
      if (a >= 0 && b >= 0 && bits[a] === lowest && bits[b] === lowest) sum += excess;
    }
    return sum;
  }

  /** The predicted loss of an assignment. */
  loss(assignment: Assignment): number {
    const lowest = this.table.bits[0];
    let sum = 0;
    for (let i = 0; i < assignment.length; i++) sum += this.single(i, assignment[i] as number);
    for (const { i, j, excess } of this.excesses) if (assignment[i] === lowest && assignment[j] === lowest) sum += excess;
    return sum;
  }
}

/** The widths that each layer may have. */
export function choicesOf({ bits, layers }: SensitivityTable): number[][] {
  return layers.map(({ fixed }) => (fixed === null ? [...bits] : [fixed]));
}

const finite = z.number().refine(Number.isFinite);

const schema = z.strictObject({
  bits: z.array(z.int().min(2).max(8)).min(1),
  layers: z.array(z.strictObject({ name: z.string(), block: z.string(), losses: z.array(finite), fixed: z.int().nullable() })).min(1),
  pairs: z.array(z.strictObject({ a: z.string(), b: z.string(), joint: finite })),
});

/** A table from JSON, or BadInput that names what is wrong. */
export function parseTable(value: unknown, source: string): SensitivityTable {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BadInput(`${source}: ${issue?.path.join(".")} is not valid: ${issue?.message}.`);
  }
  const table = result.data;
  for (const { name, losses, fixed } of table.layers)
    if (losses.length !== (fixed === null ? table.bits.length : 1))
      throw new BadInput(`${source}: layer "${name}" has ${losses.length} losses; expected one for each of ${table.bits.length} widths.`);
  return table;
}
