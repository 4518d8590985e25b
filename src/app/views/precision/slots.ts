/** Where layers stand on the axis of depth: each column shared evenly among its layers, in order, edge to edge. */
import type { Span } from "../../axis/depth";

export interface Slot {
  /** The layer's node id, by which tables and recipes know it, and how people read it. */
  readonly layer: string;
  readonly name: string;
  readonly unit: string;
  /** In pixels. */
  readonly left: number;
  readonly right: number;
}

export function slotsOf(spans: readonly Span[]): Slot[] {
  return spans.flatMap(({ column: { unit }, left, width }) =>
    unit.layers.map(({ id, name }, i, { length }) => ({
      ...{ layer: id, name, unit: unit.name },
      ...{ left: left + (i * width) / length, right: left + ((i + 1) * width) / length },
    })),
  );
}
