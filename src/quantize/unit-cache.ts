/**
 * Units that were reconstructed before. In a sweep over bit widths many runs share units: those whose every layer has
 * the same width and, where a unit's input comes from the network quantized so far or its Fisher weights do, whose every
 * layer before them has too. Training is deterministic, so what is taken from the cache is bit for bit what would come
 * out again, and a run that uses it has the fingerprint of one that does not.
 */

import type { Storage } from "../engine/storage";
import { layersOf } from "../graph/queries";
import type { Graph, Layer } from "../graph/types";
import type { Segment } from "../passes/partition";
import type { QParams } from "./quantizer";
import type { Annealing, LossKind, UnitInputs } from "./settings";
import type { LossSamples } from "./training/keeper";
import type { Reconstruction } from "./training/reconstruct";
import type { WeightOptions } from "./weight-qparams";

/** What a unit's outcome depends on; a method's options add the rest. */
export interface UnitOptions {
  readonly graph: Graph;
  readonly weights: WeightOptions;
  /** Scales and zero points of the graph's layers under `weights`. */
  readonly layerQParams: ReadonlyMap<Layer, QParams>;
  readonly unit: string;
  readonly loss: LossKind;
  /** Where a unit's inputs come from. */
  readonly inputs: UnitInputs;
  readonly iterations: number;
  readonly learningRate: number;
  readonly regularizer: number;
  /** The published one by default. */
  readonly annealing?: Annealing;
  readonly batch: number;
  readonly seed: number;
  /** How cached activations are stored. */
  readonly cache: Storage;
  readonly device: { readonly info: { readonly kind: string; readonly description: string } };
  /** Units reconstructed before, and the network, images and method that they were reconstructed for; null where none are kept. */
  readonly unitCache?: { readonly cache: UnitStore; readonly identity: string } | null;
}

/** The layers that are quantized so far. */
interface QuantizedSoFar {
  readonly kernels: ReadonlyMap<string, unknown>;
}

export interface CachedUnit {
  readonly outcome: Reconstruction;
  /** The losses as they were reported, for the charts. */
  readonly samples: readonly LossSamples[];
}

/** Where units are kept: in memory, or with others through a folder (session/trials/shared-units). */
export interface UnitStore {
  get(key: string): CachedUnit | null | Promise<CachedUnit | null>;
  set(key: string, unit: CachedUnit): void | Promise<void>;
}

/** Bytes of kernels and losses that are kept; the least recently used go first. */
const MOST_BYTES = 256 * 2 ** 20;

export class UnitCache implements UnitStore {
  private readonly units = new Map<string, CachedUnit>();
  private bytes = 0;

  get(key: string): CachedUnit | null {
    const found = this.units.get(key);
    if (!found) return null;
    this.units.delete(key);
    this.units.set(key, found);
    return found;
  }

  set(key: string, unit: CachedUnit): void {
    this.units.set(key, unit);
    this.bytes += bytesOf(unit);
    for (const [oldest, old] of this.units) {
      if (this.bytes <= MOST_BYTES) break;
      this.units.delete(oldest);
      this.bytes -= bytesOf(old);
    }
  }
}

function bytesOf({ outcome: { kernels, losses } }: CachedUnit): number {
  return [...kernels.values()].reduce((sum, { byteLength }) => sum + byteLength, 3 * losses.byteLength);
}

/** The unit's outcome from the cache, or trained and kept there. */
export async function cachedUnit(
  options: UnitOptions & { onLosses(samples: LossSamples): void | Promise<void> },
  network: QuantizedSoFar,
  unit: Segment,
  train: (onLosses: (samples: LossSamples) => void | Promise<void>) => Promise<Reconstruction>,
): Promise<Reconstruction & { readonly reused: boolean }> {
  const { unitCache, onLosses } = options;
  if (!unitCache) return { ...(await train(onLosses)), reused: false };
  const key = keyOf(options, unitCache.identity, network, unit);
  const found = await unitCache.cache.get(key);
  if (found) {
    for (const samples of found.samples) await onLosses(samples);
    return { ...found.outcome, reused: true };
  }
  const samples: LossSamples[] = [];
  const outcome = await train((own) => {
    samples.push(own);
    return onLosses(own);
  });
  await unitCache.cache.set(key, { outcome, samples });
  return { ...outcome, reused: false };
}

/** Everything that a unit's outcome depends on. */
function keyOf(options: UnitOptions, identity: string, network: QuantizedSoFar, unit: Segment): string {
  const { graph, layerQParams, inputs, loss, weights, device, cache, seed, batch, iterations, learningRate, regularizer, annealing } = options;
  const { bits: _bits, assignment: _assignment, ...quantizer } = weights;
  // Results on a GPU are its own.
  const on = device.info.kind === "wasm" ? "wasm" : device.info.description;
  const training = [options.unit, loss, inputs, cache, seed, batch, iterations, learningRate, regularizer, annealing, on];
  const follows = inputs === "quantized" || loss !== "mse";
  const layers = layersOf(graph).filter((layer) => unit.layers.includes(layer) || (follows && network.kernels.has(layer.name)));
  const widths = layers.map((layer) => `${layer.name}@${layerQParams.get(layer)?.bits}`);
  return [identity, JSON.stringify([quantizer, ...training]), unit.name, ...widths].join("\n");
}
