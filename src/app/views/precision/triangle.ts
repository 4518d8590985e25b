/**
 * Sensitivity as a triangle that hangs from the network: on its edge each layer alone, and below, where the diagonals of two
 * layers meet, what the two at the lowest width add to the loss beyond their parts. It is the Hessian of the loss seen on a
 * corner: its diagonal is the edge, and the blocks that BRECQ keeps of it are the triangles under each block. Between blocks
 * nothing is measured, since the search takes blocks to add up.
 */
import { excessOf, type SensitivityTable } from "../../../search/sensitivity/table";
import type { Slot } from "./slots";

export interface Cell {
  readonly kind: "layer" | "pair";
  /** One layer, or two. */
  readonly layers: readonly string[];
  readonly names: readonly string[];
  /** Corners in pixels, the edge at y 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Nats; of a pair what it adds beyond its layers, below 0 where their errors cancel. */
  readonly value: number;
  /** From 0 to 1 by the logarithm of the size. */
  readonly share: number;
}

export interface Border {
  readonly block: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Triangle {
  readonly cells: readonly Cell[];
  readonly borders: readonly Border[];
  /** How far down the deepest block reaches, in pixels. */
  readonly depth: number;
  /** Least and greatest size of what is shown, and whether anything cancels. */
  readonly low: number;
  readonly high: number;
  readonly cancels: boolean;
}

/** Sizes this many times below the greatest are as pale as they get. */
const REACH = 1e4;

/** @param bits the width that single layers are shown at; pairs are measured at the lowest */
export function triangleOf(table: SensitivityTable, slots: readonly Slot[], bits: number): Triangle {
  const at = new Map(slots.map((slot) => [slot.layer, slot]));
  const column = Math.max(0, table.bits.indexOf(bits));
  const singles = table.layers.flatMap(({ name, losses, fixed }) => {
    const slot = at.get(name);
    const value = losses[fixed === null ? column : 0] ?? 0;
    return slot && value > 0 ? [{ kind: "layer" as const, layers: [name], names: [slot.name], value, points: cornerPoints(slot, slot) }] : [];
  });
  const pairs = table.pairs.flatMap((pair) => {
    const [first, second] = [at.get(pair.a), at.get(pair.b)];
    if (!first || !second || pair.joint === 0) return [];
    const [a, b] = first.left <= second.left ? [first, second] : [second, first];
    return [{ kind: "pair" as const, layers: [a.layer, b.layer], names: [a.name, b.name], value: excessOf(table, pair), points: cornerPoints(a, b) }];
  });
  const found = [...singles, ...pairs];
  const high = Math.max(0, ...found.map(({ value }) => Math.abs(value)));
  const least = Math.min(...found.map(({ value }) => Math.abs(value)).filter((size) => size > 0));
  const low = high > 0 ? Math.max(least, high / REACH) : 0;
  const shareOf = (value: number) => {
    const size = Math.abs(value);
    if (size === 0 || high === 0) return 0;
    return high > low ? Math.min(1, Math.max(0, Math.log(size / low) / Math.log(high / low))) : 1;
  };
  const borders = blocksOf(table, at);
  return {
    cells: found.map((cell) => ({ ...cell, share: shareOf(cell.value) })),
    borders,
    depth: Math.max(1, ...borders.flatMap(({ points }) => points.map(([, y]) => y))),
    ...{ low, high, cancels: pairs.some(({ value }) => value < 0) },
  };
}

/** Where the stripes of two layers, or of one with itself, cross below the edge. */
function cornerPoints(a: Slot, b: Slot): Cell["points"] {
  const meet = (x: number, y: number): readonly [number, number] => [(x + y) / 2, Math.max(0, (y - x) / 2)];
  if (a === b) return [meet(a.left, a.left), meet(a.left, a.right), meet(a.right, a.right)];
  return [meet(a.left, b.left), meet(a.left, b.right), meet(a.right, b.right), meet(a.right, b.left)];
}

function blocksOf(table: SensitivityTable, at: ReadonlyMap<string, Slot>): Border[] {
  const blocks = new Map<string, { left: number; right: number }>();
  for (const { name, block } of table.layers) {
    const slot = at.get(name);
    if (!slot) continue;
    const known = blocks.get(block);
    blocks.set(block, { left: Math.min(known?.left ?? slot.left, slot.left), right: Math.max(known?.right ?? slot.right, slot.right) });
  }
  return [...blocks].map(([block, { left, right }]) => ({
    block,
    points: [
      [left, 0],
      [(left + right) / 2, (right - left) / 2],
      [right, 0],
    ],
  }));
}
