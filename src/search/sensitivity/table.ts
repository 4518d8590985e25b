/**
 * What the search knows: how much each layer at each width adds to the network's loss, and what two layers of one
 * block at the lowest width, and larger groups of them, add beyond their parts (BRECQ, section 3.4; the off-diagonal
 * blocks of the Hessian, which wider layers hardly have). Where activations are searched too, what each of them adds at each width. Blocks add
 * up, and so do weights and activations.
 *
 * What has a width of its own is a variable: first the layers' weights, then the activations, in the table's order.
 */

import { BadInput } from "../../base/errors";
import { FLOAT_BITS, widthText } from "../../quantize/layer-widths";

export interface Pair {
  readonly a: string;
  readonly b: string;
  /** Loss with both layers at the table's lowest width. */
  readonly joint: number;
}

/** Three layers of a block or more, all at the table's lowest width. */
export interface LayerGroup {
  readonly layers: readonly string[];
  readonly joint: number;
}

/** Loss of one variable at each width of its kind, in their order; a fixed one has its own width alone. */
export interface Sensitivity {
  readonly name: string;
  readonly block: string;
  readonly losses: readonly number[];
  /** The width of what is not searched: the first and the last layer, and those that were given one; 32 for a layer in float. */
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
  /** Groups of more than two layers, smaller ones first; absent in tables that measured none. */
  readonly groups?: readonly LayerGroup[];
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
  return { ...table, layers: table.layers.map((layer) => ({ ...layer, losses: layer.hawq as readonly number[] })), pairs: [], groups: [] };
}

/** A table made ready for being asked many times. */
export class Predictor {
  private readonly singles: ReadonlyMap<number, number>[];
  private readonly interactions: readonly Interaction[];
  /** The interactions that each variable takes part in. */
  private readonly involved: readonly Interaction[][];

  constructor(
    readonly table: SensitivityTable,
    /** Whether interactions count. */
    withInteractions = true,
  ) {
    const place = new Map(table.layers.map(({ name }, i) => [name, i]));
    const of = (widths: readonly number[]) => (one: Sensitivity) =>
      one.fixed === null ? new Map(widths.map((bits, i) => [bits, one.losses[i] as number])) : new Map([[one.fixed, one.losses[0] ?? 0]]);
    this.singles = [...table.layers.map(of(table.bits)), ...table.activations.map(of(table.activationBits))];
    this.interactions = withInteractions ? interactionsOf(table, place) : [];
    this.involved = this.singles.map((_, variable) => this.interactions.filter(({ members }) => members.includes(variable)));
  }

  /** The variables of each group that interacts, pairs among them. */
  get groups(): readonly (readonly number[])[] {
    return this.interactions.map(({ members }) => members);
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
    for (const { members, excess } of this.interactions) if (members.every((member) => bits[variables.indexOf(member)] === lowest)) sum += excess;
    return sum;
  }

  /** What giving one variable other bits adds. */
  change(assignment: Assignment, variable: number, bits: number): number {
    const lowest = this.table.bits[0];
    const now = assignment[variable] as number;
    let sum = this.single(variable, bits) - this.single(variable, now);
    if ((bits === lowest) !== (now === lowest))
      for (const { members, excess } of this.involved[variable] ?? [])
        if (allLowest(members, assignment, lowest, variable)) sum += bits === lowest ? excess : -excess;
    return sum;
  }

  /** The predicted loss of an assignment. */
  loss(assignment: Assignment): number {
    const lowest = this.table.bits[0];
    let sum = 0;
    for (let i = 0; i < assignment.length; i++) sum += this.single(i, assignment[i] as number);
    for (const { members, excess } of this.interactions) if (allLowest(members, assignment, lowest)) sum += excess;
    return sum;
  }
}

/** Variables that together, all at the lowest width, add something beyond what their parts add. */
interface Interaction {
  readonly members: readonly number[];
  readonly excess: number;
}

/** Whether all of some variables, or all but one that does not count, are at the lowest width. */
function allLowest(members: readonly number[], assignment: Assignment, lowest: number | undefined, but = -1): boolean {
  for (const member of members) if (member !== but && assignment[member] !== lowest) return false;
  return true;
}

/** By inclusion and exclusion: what a group adds beyond its layers and all measured groups within it. */
function interactionsOf(table: SensitivityTable, place: ReadonlyMap<string, number>): Interaction[] {
  const found: Interaction[] = table.pairs.map((pair) => ({
    members: [place.get(pair.a) as number, place.get(pair.b) as number],
    excess: excessOf(table, pair),
  }));
  for (const { layers, joint } of table.groups ?? []) {
    const members = layers.map((name) => place.get(name) as number);
    const alone = members.reduce((sum, member) => sum + (table.layers[member]?.losses[0] ?? 0), 0);
    const within = found.filter((one) => one.members.every((member) => members.includes(member)));
    found.push({ members, excess: joint - alone - within.reduce((sum, { excess }) => sum + excess, 0) });
  }
  return found;
}

/**
 * The table with layers fixed at given widths, where it was measured without: of those in float it needs no losses.
 * @param widths by layer, 32 for float; null for a layer that must be free, undefined for one that may be either
 * @throws BadInput where it lacks what is asked for
 */
export function fixedAt(table: SensitivityTable, widths: (layer: string) => number | null | undefined): SensitivityTable {
  const layers = table.layers.map((layer) => {
    const width = widths(layer.name);
    if (width === undefined || width === layer.fixed) return layer;
    const at = width === null ? -1 : table.bits.indexOf(width);
    if (layer.fixed !== null || (at < 0 && width !== FLOAT_BITS))
      throw new BadInput(
        `The sensitivity table has layer "${layer.name}" at ${layer.fixed === null ? table.bits.join(", ") : widthText(layer.fixed)}${layer.fixed === null ? " bit" : " alone"}, but ${width === null ? "its width is searched" : `the recipe has it at ${widthText(width)}`}. Measure the table anew.`,
      );
    const pick = (list: readonly number[]) => [width === FLOAT_BITS ? 0 : (list[at] as number)];
    return { ...layer, fixed: width, losses: pick(layer.losses), ...(layer.hawq ? { hawq: pick(layer.hawq) } : {}) };
  });
  const inFloat = new Set(layers.filter(({ fixed }) => fixed === FLOAT_BITS).map(({ name }) => name));
  // What only layers in float read has no width.
  return { ...table, layers, activations: table.activations.filter(({ readers }) => !readers.every((name) => inFloat.has(name))) };
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
