/**
 * Looks at rounding variables while they are trained: where a fixed sample of each layer's weights stands between its two levels, and how
 * many of all weights stand where. It reads and changes nothing. A look costs a copy of the variables, on a GPU a round trip, so
 * that there are a few dozen a unit, and fewer where they would take more than a hundredth of the training's time.
 */

import { log } from "../../base/log";
import { exp } from "../../base/normal";
import type { Executable } from "../../engine/device";
import { GAMMA, ZETA } from "../../engine/steps";
import type { Layer } from "../../graph/types";
import { levelsOf, type QParams } from "../quantizer";
import type { Rounding } from "./rounding";

export interface LayerRounding {
  /** The layer's own name. */
  readonly name: string;
  /** Of each sampled weight floor(w / scale) + zero point: the lower of the two levels that it may take; it may lie outside the grid. */
  readonly floor: Float32Array;
  /** h(v) of each: 0 rounds down, 1 up. */
  readonly h: Float32Array;
  /** Levels of the grid, 2^bits. */
  readonly levels: number;
  /** Of all the layer's weights: how many have an h in each twentieth of 0..1. */
  readonly histogram: Uint32Array;
}

export interface UnitRounding {
  /** Iterations that are done. */
  readonly iteration: number;
  readonly layers: readonly LayerRounding[];
}

/** Looks at a unit, weights of a layer that are sampled, and bins. */
const [LOOKS, MOST, BINS] = [32, 512, 20];
/** Share of the time that looks may take. */
const SHARE = 0.01;

/** v at which h(v) reaches the end of each bin but the last. */
const EDGES = Float64Array.from({ length: BINS - 1 }, (_, i) => variableOf((i + 1) / BINS));

function variableOf(h: number): number {
  return -log((ZETA - GAMMA) / (h - GAMMA) - 1);
}

/** h(v) = clamp(sigmoid(v) * (zeta - gamma) + gamma, 0, 1). */
export function relaxed(v: number): number {
  return Math.min(1, Math.max(0, (ZETA - GAMMA) / (1 + exp(-v)) + GAMMA));
}

/** How many of the variables have an h in each twentieth of 0..1. */
export function histogramOf(v: Float32Array): Uint32Array {
  const histogram = new Uint32Array(BINS);
  for (const value of v) {
    let [low, high] = [0, BINS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value >= (EDGES[middle] as number)) low = middle + 1;
      else high = middle;
    }
    histogram[low] = (histogram[low] as number) + 1;
  }
  return histogram;
}

export class RoundingSampler {
  private readonly layers: { readonly name: string; readonly places: readonly number[]; readonly floor: Float32Array; readonly levels: number }[];
  private readonly started: number = performance.now();
  private spent = 0;
  private next = 0;

  constructor(
    roundings: ReadonlyMap<Layer, Rounding>,
    qparams: ReadonlyMap<Layer, Pick<QParams, "bits">>,
    private readonly iterations: number,
  ) {
    this.layers = [...roundings].map(([layer, { floor, zero }]) => {
      const count = Math.min(MOST, floor.length);
      const places = Array.from({ length: count }, (_, i) => Math.floor((i * floor.length) / count));
      return {
        name: layer.name,
        places,
        floor: Float32Array.from(places, (at) => (floor[at] as number) + (zero[at] as number)),
        levels: levelsOf(qparams.get(layer)?.bits ?? 0),
      };
    });
  }

  /** A look after `done` iterations; null where it is not yet time for one. */
  async look(executable: Executable, done: number): Promise<UnitRounding | null> {
    const begun = performance.now();
    const isEnd = done >= this.iterations;
    if (this.layers.length === 0 || done < this.next) return null;
    if (!isEnd && this.spent > SHARE * (begun - this.started)) return null;
    this.next = done + this.iterations / LOOKS;
    const layers: LayerRounding[] = [];
    for (const { name, places, floor, levels } of this.layers) {
      const v = await executable.read(`${name}.v`);
      layers.push({ name, floor, h: Float32Array.from(places, (at) => relaxed(v[at] as number)), levels, histogram: histogramOf(v) });
    }
    this.spent += performance.now() - begun;
    return { iteration: done, layers };
  }
}
