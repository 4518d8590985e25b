/**
 * Scales and zero points of activations: one each for a whole value, found on the first 64 calibration images in order
 * (brecq.md's and the release's way: each quantizer sees what already quantized ones before it let through).
 *
 * What the first layer makes and what the last one reads is 8 bit, the rest at the common width. The published release
 * means the same, but in residual networks leaves the last layer's input at the common width; `lastInputBits: null` repeats that.
 */

import { largestDivisor } from "../base/divisor";
import { BadInput } from "../base/errors";
import type { DatasetTensor, Device } from "../engine/device";
import { ProgramBuilder } from "../engine/program";
import { LOSS_PARTS } from "../engine/steps";
import type { Graph, ValueId } from "../graph/types";
import { forward } from "../network/forward";
import type { ActivationGrid, Overrides } from "../network/quantized";
import { partition } from "../passes/partition";
import { activationSites } from "../passes/sites";
import { type ActivationOptions, bitsAt, type SiteName } from "./activation-bits";
import { levelsOf, quantizeNearest } from "./quantizer";
import { range, rangeGrid, shrunkGrids } from "./scale";
import type { ScaleMethod } from "./settings";
import { Streams } from "./streams";
import { ERROR_POWER } from "./training/unit-program";

/** What the scales of activations start from. */
export const ACTIVATION_IMAGES = 64;

export interface CalibrateOptions extends Overrides {
  readonly device: Device;
  readonly graph: Graph;
  readonly images: DatasetTensor;
  readonly activations: ActivationOptions;
  /** Whether each quantizer sees quantized inputs (default) or the values of a network without quantizers. */
  readonly sequential?: boolean;
  readonly onSite?: () => void | Promise<void>;
}

/** The values that each layer reads, by its name. */
export function readsByLayer(graph: Graph): Map<string, SiteName[]> {
  const found = new Map<string, SiteName[]>();
  for (const { name, role, readers } of activationSites(graph))
    for (const reader of readers) found.set(reader.name, [...(found.get(reader.name) ?? []), { name, role }]);
  return found;
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
      for (const [value, tensor] of made) {
        streams.quantized.set(value, tensor);
        const site = sites.get(value);
        if (!site) continue;
        const data = await tensor.read(0, tensor.count);
        const grid = await gridAt(device, tensor, data, bitsAt(site, activations), activations.scale);
        grids.set(value, grid);
        if (sequential) tensor.write(0, quantizeNearest(data, { ...grid, scale: Float32Array.of(grid.scale), zero: Float32Array.of(grid.zero) }));
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

/** A copy of a tensor's first rows, on the device. */
export async function firstImages(device: Device, images: DatasetTensor, most: number = ACTIVATION_IMAGES): Promise<DatasetTensor> {
  const count = Math.min(most, images.count);
  const tensor = device.createTensor(count, images.elements);
  tensor.write(0, await images.read(0, count));
  return tensor;
}

/** The grid of one value, whose numbers are in the tensor and in `data`. */
export async function gridAt(device: Device, tensor: DatasetTensor, data: Float32Array, bits: number, method: ScaleMethod): Promise<ActivationGrid> {
  const [low, high] = range(data);
  if (method !== "mse" || low === high) {
    const { scale, zero } = rangeGrid(data, 1, bits, method === "mse" ? "max" : method, { granularity: "tensor" });
    return { bits, scale: scale[0] as number, zero: zero[0] as number };
  }
  const choices = shrunkGrids(low, high, bits);
  const errors = await errorsUnder(device, tensor, choices, levelsOf(bits));
  const [scale, zero] = choices[errors.indexOf(Math.min(...errors))] as [number, number];
  return { bits, scale, zero };
}

/** Words of a batch in which errors are measured. */
const BATCH_WORDS = 2 ** 20;

/**
 * The sum of |x - q(x)|^2.4 under each of several grids: eighty passes over millions of numbers, so the device makes
 * them. Iterations go over batches of images, and for each over the grids, which are gathered from a tensor of their own.
 */
async function errorsUnder(device: Device, tensor: DatasetTensor, grids: readonly (readonly [number, number])[], levels: number): Promise<number[]> {
  const { count, elements } = tensor;
  const batch = largestDivisor(count, Math.max(1, Math.floor(BATCH_WORDS / elements)));
  const iterations = (count / batch) * grids.length;
  const size = batch * elements;
  const b = new ProgramBuilder();
  const [images, choice] = [b.host("images", batch * iterations, "i32"), b.host("choice", iterations, "i32")];
  const [x, q, quantizers, losses] = [b.temp("x", size), b.temp("q", size), b.temp("quantizers", 2), b.host("losses", LOSS_PARTS)];
  b.step({ op: "gather", tensor: b.tensor("values", elements), indices: images, out: x, batch, elements });
  b.step({ op: "gather", tensor: b.tensor("grids", 2), indices: choice, out: quantizers, batch: 1, elements: 2 });
  b.step({ op: "fakeQuantize", x, out: q, quantizers, index: 0, count: 1, size, levels, drop: null, gradientScale: 1 });
  const error = { power: ERROR_POWER, prediction: q, target: x, weight: null, weightScale: null, mask: null, positions: size, size } as const;
  b.step({ op: "squaredError", ...error, grad: b.temp("grad", size), losses, lossesAt: 0 });
  b.step({ op: "record", losses, ranges: [{ at: 0, count: LOSS_PARTS }], ring: b.host("ring", iterations) });
  const table = device.createTensor(grids.length, 2, { place: "device" });
  table.write(0, Float32Array.from(grids.flat()));
  const executable = await device.compile(
    b.build(),
    new Map([
      ["values", tensor],
      ["grids", table],
    ]),
  );
  try {
    executable.write(
      "images",
      Int32Array.from({ length: batch * iterations }, (_, i) => Math.floor(i / (batch * grids.length)) * batch + (i % batch)),
    );
    executable.write(
      "choice",
      Int32Array.from({ length: iterations }, (_, i) => i % grids.length),
    );
    await executable.run({ from: 0, to: iterations });
    const ring = await executable.read("ring");
    return grids.map((_, i) => ring.reduce((sum, value, at) => (at % grids.length === i ? sum + value : sum), 0));
  } finally {
    executable.dispose();
    table.dispose();
  }
}
