/**
 * The axis of depth: each unit of a network has a column on it, in order, as wide as what is drawn in it needs, so that all
 * pictures above and below the network share the columns. A window on the axis is what is zoomed into.
 */
import type { NetworkView, UnitView } from "../../session/network/view";
import { layoutUnit, type PlacedUnit } from "./unit-layout";

export interface Column {
  /** Position among the network's segments. */
  readonly index: number;
  readonly unit: UnitView;
  readonly placed: PlacedUnit;
  /** Left edge and width, in parts of the whole axis. */
  readonly start: number;
  readonly share: number;
}

export interface Window {
  /** In parts of the whole axis. */
  readonly from: number;
  readonly to: number;
}

/** Least widths of a column that has layers, in places of a layer; of few columns each has room for its name. */
const [FEW, LEAST, LEAST_OF_FEW] = [24, 1.1, 1.6];

export const WHOLE: Window = { from: 0, to: 1 };

export interface Span {
  readonly column: Column;
  /** In pixels. */
  readonly left: number;
  readonly width: number;
  readonly middle: number;
}

/** Columns of the segments that have layers, and of the others where they do something that one can see. */
export function columnsOf(network: NetworkView): Column[] {
  const placed = network.units.map((unit) => ({ unit, placed: layoutUnit(unit) }));
  const least = placed.length > FEW ? LEAST : LEAST_OF_FEW;
  const weigh = (one: (typeof placed)[number]) => (one.unit.layers.length === 0 ? 0.6 : Math.max(least, one.placed.width));
  const total = placed.reduce((sum, one) => sum + weigh(one), 0);
  let start = 0;
  return placed.map((one, index) => {
    const share = weigh(one) / total;
    const column = { index, ...one, start, share };
    start += share;
    return column;
  });
}

/** The columns that a window shows, in pixels of a width. */
export function spansOf(columns: readonly Column[], { from, to }: Window, width: number): Span[] {
  const scale = width / (to - from);
  return columns
    .filter(({ start, share }) => start + share > from && start < to)
    .map((column) => {
      const left = (column.start - from) * scale;
      const own = column.share * scale;
      return { column, left, width: own, middle: left + own / 2 };
    });
}

/** A window zoomed by a factor around a point of the axis, within the whole. */
export function zoomed({ from, to }: Window, factor: number, around: number): Window {
  const size = Math.min(1, Math.max(0.02, (to - from) * factor));
  const start = around - ((around - from) / (to - from)) * size;
  const left = Math.min(1 - size, Math.max(0, start));
  return { from: left, to: left + size };
}

/** A window moved by a part of its own width. */
export function moved({ from, to }: Window, by: number): Window {
  const size = to - from;
  const left = Math.min(1 - size, Math.max(0, from + by * size));
  return { from: left, to: left + size };
}
