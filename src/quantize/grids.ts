/** The grids of a network's weights, and the kernels that lie on them without any training. */
import type { Graph, Layer } from "../graph/types";
import { layersOf } from "../graph/walk";
import { type Grid, levelsOf, quantizeNearest } from "./quantizer";
import { type GridOptions, gridOf, type ScaleMethod } from "./scale";

/** Bits of the first and last layer, unless they too take the common width. */
export const END_BITS = 8;

export interface WeightOptions extends GridOptions {
  readonly bits: number;
  readonly scale: ScaleMethod;
  /** Whether first and last layer stay at 8 bit; true by default. */
  readonly ends?: boolean;
  /** Bits of single layers, by name, where they are not the common ones: what a search for mixed precision found. */
  readonly assignment?: Readonly<Record<string, number>> | null;
}

/**
 * Grids for every layer: `bits`, but 8 for the first and last. The search takes seconds on large networks;
 * `onLayer` is called with the share that is done and may stop it by throwing.
 */
export async function weightGrids(
  graph: Graph,
  { bits, scale, ends = true, assignment = null, ...options }: WeightOptions,
  onLayer: (share: number) => void | Promise<void> = () => {},
): Promise<Map<Layer, Grid>> {
  const layers = layersOf(graph);
  const grids = new Map<Layer, Grid>();
  for (const [i, layer] of layers.entries()) {
    const { kernel } = layer.operation;
    const own = assignment?.[layer.name] ?? (ends && (i === 0 || i === layers.length - 1) ? END_BITS : bits);
    grids.set(layer, gridOf(kernel.data, kernel.shape.at(-1) as number, own, scale, options));
    await onLayer((i + 1) / layers.length);
  }
  return grids;
}

/** Every layer rounded to nearest: the baseline. */
export function nearestKernels(grids: ReadonlyMap<Layer, Grid>): Map<string, Float32Array> {
  return new Map([...grids].map(([layer, grid]) => [layer.name, quantizeNearest(layer.operation.kernel.data, grid)]));
}

/** The weights that a rounding starts from: full precision, but within the grid's range. */
export function clampedKernel(weights: Float32Array, grid: Grid): Float32Array {
  const channels = grid.scale.length;
  const top = levelsOf(grid.bits) - 1;
  return weights.map((w, i) => {
    const scale = grid.scale[i % channels] as number;
    const zero = grid.zero[i % channels] as number;
    return Math.min(top, Math.max(0, w / scale + zero)) * scale - zero * scale;
  });
}
