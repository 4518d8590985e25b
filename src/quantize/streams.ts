/**
 * The two streams of activations that quantization walks along: what every value is in the full-precision
 * network and in the network quantized so far, for all calibration images. A value's bank lives from the
 * segment that makes it to the last that reads it; a unit's outputs are the next one's inputs, so nothing
 * is computed twice.
 */
import type { Bank } from "../engine/device";
import type { Graph, ValueId } from "../graph/types";
import type { Banks } from "../network/forward";
import type { Segment } from "../passes/partition";

export class Streams {
  readonly full: Banks = new Map();
  readonly quantized: Banks = new Map();
  private readonly lastUse = new Map<ValueId, number>();

  constructor(
    graph: Graph,
    private readonly segments: readonly Segment[],
    images: Bank,
  ) {
    this.full.set(graph.input, images);
    this.quantized.set(graph.input, images);
    segments.forEach((segment, index) => {
      for (const value of segment.inputs) this.lastUse.set(value, index);
    });
  }

  /** The banks of the given values in one stream. */
  pick(stream: "full" | "quantized", values: readonly ValueId[]): Banks {
    return new Map(
      values.map((value) => {
        const bank = this[stream].get(value);
        if (!bank) throw new Error(`Value ${value} is not in the ${stream} stream`);
        return [value, bank];
      }),
    );
  }

  /** Values that segments after `index` read, other than those it makes. */
  passing(index: number): ValueId[] {
    const made = new Set((this.segments[index] as Segment).outputs);
    return [...this.quantized.keys()].filter((value) => !made.has(value) && (this.lastUse.get(value) ?? -1) > index);
  }

  /** Frees what no segment after `index` reads; the images belong to the caller. */
  release(index: number, keep: ValueId): void {
    for (const value of [...this.full.keys(), ...this.quantized.keys()])
      if (value !== keep && (this.lastUse.get(value) ?? -1) <= index) this.drop(value);
  }

  dispose(keep: ValueId): void {
    for (const value of [...this.full.keys(), ...this.quantized.keys()]) if (value !== keep) this.drop(value);
  }

  private drop(value: ValueId): void {
    const [full, quantized] = [this.full.get(value), this.quantized.get(value)];
    this.full.delete(value);
    this.quantized.delete(value);
    full?.dispose();
    if (quantized !== full) quantized?.dispose();
  }
}
