/**
 * Scales and zero points of activations: one each for a whole value, found on the first 64 calibration images in order
 * (brecq.md's and the release's way: each quantizer sees what already quantized ones before it let through).
 *
 * What the first layer makes and what the last one reads is 8 bit, the rest at the common width. The published release
 * means the same, but in residual networks leaves the last layer's input at the common width; `release` repeats that.
 */
import { BadInput } from "../base/errors";
import type { Bank, Device } from "../engine/device";
import type { Graph, ValueId } from "../graph/types";
import { forward } from "../network/forward";
import type { ActivationGrid, Overrides } from "../network/quantized";
import { partition } from "../passes/partition";
import { activationSites, type Site } from "../passes/sites";
import { END_BITS } from "./grids";
import { quantizeNearest } from "./quantizer";
import { gridOf, type ScaleMethod } from "./scale";
import { Streams } from "./streams";

/** What the scales of activations start from. */
export const ACTIVATION_IMAGES = 64;

export interface ActivationOptions {
  readonly bits: number;
  readonly scale: ScaleMethod;
  /** `right`: the last layer's input is 8 bit. `release`: it has the common width. */
  readonly ends: "right" | "release";
}

export interface CalibrateOptions extends Overrides {
  readonly device: Device;
  readonly graph: Graph;
  readonly images: Bank;
  readonly activations: ActivationOptions;
  /** Whether each quantizer sees quantized inputs (default) or the values of a network without quantizers. */
  readonly sequential?: boolean;
  readonly onSite?: () => void | Promise<void>;
}

function bitsAt({ role }: Site, { bits, ends }: ActivationOptions): number {
  return role === "first" || (role === "last" && ends === "right") ? END_BITS : bits;
}

/** A grid for every site of the network. */
export async function activationGrids(options: CalibrateOptions): Promise<Map<ValueId, ActivationGrid>> {
  const { device, graph, images, activations, kernels, biases, sequential = true, onSite } = options;
  const sites = new Map(activationSites(graph).map((site) => [site.value, site]));
  if (sites.size === 0) throw new BadInput(`${graph.name} has no layer that reads another's output; there are no activations to quantize.`);
  const grids = new Map<ValueId, ActivationGrid>();
  const first = await firstImages(device, images);
  const segments = partition(graph, "layer");
  const streams = new Streams(graph, segments, first);
  try {
    for (const [index, { nodes, inputs, outputs }] of segments.entries()) {
      const overrides = biases ? { kernels, biases } : { kernels };
      const made = await forward({ device, graph, nodes, inputs: streams.pick("quantized", inputs), outputs, ...overrides });
      for (const [value, bank] of made) {
        streams.quantized.set(value, bank);
        const site = sites.get(value);
        if (!site) continue;
        const data = await bank.read(0, bank.count);
        const grid = gridOf(thinned(data), 1, bitsAt(site, activations), activations.scale, { granularity: "tensor" });
        grids.set(value, { bits: grid.bits, scale: grid.scale[0] as number, zero: grid.zero[0] as number });
        if (sequential) bank.write(0, quantizeNearest(data, grid));
        await onSite?.();
      }
      streams.release("full", index);
      streams.release("quantized", index);
    }
  } finally {
    streams.dispose();
    first.dispose();
  }
  return grids;
}

async function firstImages(device: Device, images: Bank): Promise<Bank> {
  const count = Math.min(ACTIVATION_IMAGES, images.count);
  const bank = device.createBank(count, images.elements);
  bank.write(0, await images.read(0, count));
  return bank;
}

/** Numbers that a scale is found on: all up to 2^21, then as many at equal distances. */
const MOST = 2 ** 21;

function thinned(data: Float32Array): Float32Array {
  if (data.length <= MOST) return data;
  const step = data.length / MOST;
  return Float32Array.from({ length: MOST }, (_, i) => data[Math.floor(i * step)] as number);
}
