/**
 * What the search knows: how much each layer at each width adds to the network's loss, and what two layers of one
 * block at the lowest width add beyond the two alone (BRECQ, section 3.4; the off-diagonal blocks of the Hessian,
 * which wider layers hardly have). Where activations are searched too, what each of them adds at each width. Blocks add
 * up, and so do weights and activations.
 *
 * What has a width of its own is a variable: first the layers' weights, then the activations, in the table's order.
 */
import { z } from "zod";
import { BadInput } from "../../base/errors";

export interface Pair {
  readonly a: string;
  readonly b: string;
  /** Loss with both layers at the table's lowest width. */
  readonly joint: number;
}

/** Loss of one variable at each width of its kind, in their order; a fixed one has its own width alone. */
interface Sensitivity {
  readonly name: string;
  readonly block: string;
  readonly losses: readonly number[];
  /** The width of what is not searched: the first and the last layer. */
  readonly fixed: number | null;
}

export interface LayerSensitivity extends Sensitivity {
  /** The same as HAWQ-V2 predicts it, from the trace of the Hessian (search/trace). */
  readonly hawq?: readonly number[];
}

/** Of a value that layers read; its name is the first reader's. */
export interface ActivationSensitivity extends Sensitivity {
  readonly readers: readonly string[];
}

export interface SensitivityTable {
  /** Of weights, ascending. */
  readonly bits: readonly number[];
  readonly layers: readonly LayerSensitivity[];
  readonly pairs: readonly Pair[];
  /** Of activations; empty where they are not searched. */
  readonly activationBits: readonly number[];
  readonly activations: readonly ActivationSensitivity[];
}

/** Bits of every variable, in the table's order. */
export type Assignment = readonly number[];

/** The part of the predicted loss that interactions add, for each pair: joint - single - single. */
export function excessOf(table: SensitivityTable, { a, b, joint }: Pair): number {
  const single = (name: string) => table.layers.find((layer) => layer.name === name)?.losses[0] ?? 0;
  return joint - single(a) - single(b);
}

/** The table that HAWQ-V2 would search: its losses, and no interactions. Null where no traces were measured. */
export function hawqTable(table: SensitivityTable): SensitivityTable | null {
  if (!table.layers.every(({ hawq }) => hawq)) return null;
  return { ...table, layers: table.layers.map((layer) => ({ ...layer, losses: layer.hawq as readonly number[] })), pairs: [] };
}

/** A table made ready for being asked many times. */
export class Predictor {
  private readonly singles: ReadonlyMap<number, number>[];
  private readonly partners: { readonly other: number; readonly excess: number }[][];
  private readonly excesses: readonly { readonly i: number; readonly j: number; readonly excess: number }[];

  constructor(
    readonly table: SensitivityTable,
    /** Whether interactions count. */
    interactions = true,
  ) {
    const place = new Map(table.layers.map(({ name }, i) => [name, i]));
    const of = (widths: readonly number[]) => (one: Sensitivity) =>
      one.fixed === null ? new Map(widths.map((bits, i) => [bits, one.losses[i] as number])) : new Map([[one.fixed, one.losses[0] ?? 0]]);
    this.singles = [...table.layers.map(of(table.bits)), ...table.activations.map(of(table.activationBits))];
    this.excesses = interactions
      ? table.pairs.map((pair) => ({ i: place.get(pair.a) as number, j: place.get(pair.b) as number, excess: excessOf(table, pair) }))
      : [];
    this.partners = this.singles.map(() => []);
    for (const { i, j, excess } of this.excesses) {
      this.partners[i]?.push({ other: j, excess });
      this.partners[j]?.push({ other: i, excess });
    }
  }

  /** The variables of each pair that interacts. */
  get pairs(): readonly (readonly [number, number])[] {
    return this.excesses.map(({ i, j }) => [i, j]);
  }

  private single(variable: number, bits: number): number {
    return this.singles[variable]?.get(bits) ?? Number.POSITIVE_INFINITY;
  }

  /** What some variables at given bits add: alone, and in pairs among themselves. */
  part(variables: readonly number[], bits: readonly number[]): number {
    const lowest = this.table.bits[0];
    let sum = 0;
    variables.forEach((variable, at) => {
      sum += this.single(variable, bits[at] as number);
    });
    for (const { i, j, excess } of this.excesses) {
      const [a, b] = [variables.indexOf(i), variables.indexOf(j)];
      if (a >= 0 && b >= 0 && bits[a] === lowest && bits[b] === lowest) sum += excess;
    }
    return sum;
  }

  /** What giving one variable other bits adds. */
  change(assignment: Assignment, variable: number, bits: number): number {
    const lowest = this.table.bits[0];
    const now = assignment[variable] as number;
    let sum = this.single(variable, bits) - this.single(variable, now);
    if ((bits === lowest) !== (now === lowest))
      for (const { other, excess } of this.partners[variable] ?? []) if (assignment[other] === lowest) sum += bits === lowest ? excess : -excess;
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

/** The widths that each variable may have. */
export function choicesOf({ bits, layers, activationBits, activations }: SensitivityTable): number[][] {
  const of = (widths: readonly number[]) => (one: Sensitivity) => (one.fixed === null ? [...widths] : [one.fixed]);
  return [...layers.map(of(bits)), ...activations.map(of(activationBits))];
}

/** An assignment as a recipe carries it: bits by layer, of its weights and of what it reads. */
export function namedBits(table: SensitivityTable, assignment: Assignment): { weights: Record<string, number>; activations: Record<string, number> } {
  const count = table.layers.length;
  const named = (list: readonly Sensitivity[], from: number) => Object.fromEntries(list.map(({ name }, i) => [name, assignment[from + i] as number]));
  return { weights: named(table.layers, 0), activations: named(table.activations, count) };
}

const finite = z.number().refine(Number.isFinite);
const widths = z
  .array(z.int().min(2).max(8))
  .refine((list) => list.every((width, i) => i === 0 || width > (list[i - 1] as number)), "expected ascending widths");
const sensitivity = { name: z.string(), block: z.string(), losses: z.array(finite), fixed: z.int().nullable() };

const schema = z.strictObject({
  bits: widths.min(1),
  layers: z.array(z.strictObject({ ...sensitivity, hawq: z.array(finite).optional() })).min(1),
  pairs: z.array(z.strictObject({ a: z.string(), b: z.string(), joint: finite })),
  activationBits: widths.default([]),
  activations: z.array(z.strictObject({ ...sensitivity, readers: z.array(z.string()) })).default([]),
});

/** A table from JSON, or BadInput that names what is wrong. */
export function parseTable(value: unknown, source: string): SensitivityTable {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BadInput(`${source}: ${issue?.path.join(".") || "the table"} is not valid: ${issue?.message}.`);
  }
  const { layers, activations, pairs, bits, activationBits } = result.data;
  const count = (what: string, list: readonly Sensitivity[], of: readonly number[]) => {
    for (const { name, losses, fixed } of list)
      if (losses.length !== (fixed === null ? of.length : 1))
        throw new BadInput(
          `${source}: ${what} "${name}" has ${losses.length} losses; expected ${fixed === null ? `one for each of ${of.length} widths` : "one, since its width is fixed"}.`,
        );
  };
  count("layer", layers, bits);
  count("activation", activations, activationBits);
  const names = new Set(layers.map(({ name }) => name));
  const unknown = pairs.flatMap(({ a, b }) => [a, b]).find((name) => !names.has(name));
  if (unknown !== undefined) throw new BadInput(`${source}: a pair names a layer "${unknown}", which the table does not have.`);
  return {
    ...result.data,
    layers: layers.map(({ hawq, ...layer }) => (hawq ? { ...layer, hawq } : layer)),
  };
}
