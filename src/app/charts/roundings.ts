/**
 * The rounding variables of the run that is shown, outside React: of each unit the sample that was heard last, and how all of a
 * layer's variables were spread at each sample before it, so that one sees them go from soft to hard. A unit that is done
 * keeps its history until another run begins.
 */
import type { LabEvent, RoundingSample } from "../../session/worker/events";

export type RoundingLayer = RoundingSample["layers"][number];

/** One layer's variables over a unit's training. */
export interface RoundingHistory {
  /** Of each sample, in order. */
  readonly iterations: readonly number[];
  /** Of each sample, the variables in each twentieth of 0..1. */
  readonly histograms: readonly Uint32Array[];
  readonly last: RoundingLayer;
}

export class Roundings {
  private byLayer = new Map<string, RoundingHistory>();
  private readonly listeners = new Set<() => void>();
  /** Rises with every change. */
  version = 0;

  /** What was heard of a layer, by its node's name. */
  of(layer: string): RoundingHistory | null {
    return this.byLayer.get(layer) ?? null;
  }

  feed(events: readonly LabEvent[]): void {
    let changed = false;
    for (const event of events) {
      if (event.type === "recipe") this.byLayer = new Map();
      else if (event.type === "rounding") this.take(event.sample);
      else continue;
      changed = true;
    }
    if (changed) this.tell();
  }

  clear(): void {
    this.byLayer = new Map();
    this.tell();
  }

  /** @returns a function that ends it */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** A sample that is not after the ones before begins the unit again. */
  private take({ iteration, layers }: RoundingSample): void {
    for (const layer of layers) {
      const old = this.byLayer.get(layer.name);
      const goesOn = old !== undefined && (old.iterations.at(-1) as number) < iteration;
      this.byLayer.set(layer.name, {
        iterations: [...(goesOn ? old.iterations : []), iteration],
        histograms: [...(goesOn ? old.histograms : []), layer.histogram],
        last: layer,
      });
    }
  }

  private tell(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}
