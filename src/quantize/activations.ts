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
import type { ActivationQParams, Overrides } from "../network/quantized";
import { partition } from "../passes/partition";
import { type QuantizationPoint, quantizationPoints } from "../passes/quantization-points";
import { type ActivationOptions, bitsAt, staysFloat } from "./activation-bits";
import type { LayerOverrides } from "./layer-widths";
import { levelsOf, quantizeNearest } from "./quantizer";
import { range, rangeQParams, shrunkRanges } from "./scale";
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
  /** By which layers stay in float, and with them what only they read. */
  readonly overrides?: LayerOverrides | undefined;
  /** Whether each quantizer sees quantized inputs (default) or the values of a network without quantizers. */
  readonly sequential?: boolean;
  readonly onPoint?: () => void | Promise<void>;
}

/** The quantization points whose values are quantized: all but those that only layers in float read. */
export function quantizedPoints(graph: Graph, overrides: LayerOverrides | undefined): QuantizationPoint[] {
  return quantizationPoints(graph).filter(({ readers }) => !staysFloat({ readers: readers.map(({ name }) => name) }, overrides));
}

/** Scale and zero point for every value that is quantized. */
export async function activationQParams(options: CalibrateOptions): Promise<Map<ValueId, ActivationQParams>> {
  const { device, graph, images, activations, overrides, kernels, biases, sequential = true, onPoint } = options;
  const points = new Map(quantizedPoints(graph, overrides).map((point) => [point.value, point]));
  if (quantizationPoints(graph).length === 0)
    throw new BadInput(`${graph.name} has no layer that reads another's output; there are no activations to quantize.`);
  const layerQParams = new Map<ValueId, ActivationQParams>();
  const first = await firstImages(device, images);
  const segments = partition(graph, "layer");
  const streams = new Streams(graph, segments, first);
  try {
    for (const [index, { nodes, inputs, outputs }] of segments.entries()) {
      const overrides = biases ? { kernels, biases } : { kernels };
      const made = await forward({ device, graph, nodes, inputs: streams.pick("quantized", inputs), outputs, ...overrides });
      for (const [value, tensor] of made) {
        streams.quantized.set(value, tensor);
        const point = points.get(value);
        if (!point) continue;
        const data = await tensor.read(0, tensor.count);
        const qparams = await activationQParamsOf(device, tensor, data, bitsAt(point, activations), activations.scale);
        layerQParams.set(value, qparams);
        if (sequential)
          tensor.write(0, quantizeNearest(data, { ...qparams, scale: Float32Array.of(qparams.scale), zero: Float32Array.of(qparams.zero) }));
        await onPoint?.();
      }
      streams.release("full", index);
      streams.release("quantized", index);
    }
  } finally {
    streams.dispose();
    first.dispose();
  }
  return layerQParams;
}

/** A copy of a tensor's first rows, on the device. */
export async function firstImages(device: Device, images: DatasetTensor, most: number = ACTIVATION_IMAGES): Promise<DatasetTensor> {
  const count = Math.min(most, images.count);
  const tensor = device.createTensor(count, images.elements);
  tensor.write(0, await images.read(0, count));
  return tensor;
}

/** Scale and zero point of one value, whose numbers are in the tensor and in `data`. */
export async function activationQParamsOf(
  device: Device,
  tensor: DatasetTensor,
  data: Float32Array,
  bits: number,
  method: ScaleMethod,
): Promise<ActivationQParams> {
  const [low, high] = range(data);
  if (method !== "mse" || low === high) {
    const { scale, zero } = rangeQParams(data, 1, bits, method === "mse" ? "max" : method, { granularity: "tensor" });
    return { bits, scale: scale[0] as number, zero: zero[0] as number };
  }
  const choices = shrunkRanges(low, high, bits);
  const errors = await errorsUnder(device, tensor, choices, levelsOf(bits));
  const [scale, zero] = choices[errors.indexOf(Math.min(...errors))] as [number, number];
  return { bits, scale, zero };
}

/** Words of a batch in which errors are measured. */
const BATCH_WORDS = 2 ** 20;

/**
 * The sum of |x - q(x)|^2.4 under each of several scales and zero points: eighty passes over millions of numbers, so the device makes
 * them. Iterations go over batches of images, and for each over those choices, which are gathered from a tensor of their own.
 */
async function errorsUnder(
  device: Device,
  tensor: DatasetTensor,
  layerQParams: readonly (readonly [number, number])[],
  levels: number,
): Promise<number[]> {
  const { count, elements } = tensor;
  const batch = largestDivisor(count, Math.max(1, Math.floor(BATCH_WORDS / elements)));
  const iterations = (count / batch) * layerQParams.length;
  const size = batch * elements;
  const b = new ProgramBuilder();
  const [images, choice] = [b.host("images", batch * iterations, "i32"), b.host("choice", iterations, "i32")];
  const [x, q, quantizers, losses] = [b.temp("x", size), b.temp("q", size), b.temp("quantizers", 2), b.host("losses", LOSS_PARTS)];
  b.step({ op: "gather", tensor: b.tensor("values", elements), indices: images, out: x, batch, elements });
  b.step({ op: "gather", tensor: b.tensor("choices", 2), indices: choice, out: quantizers, batch: 1, elements: 2 });
  b.step({ op: "fakeQuantize", x, out: q, quantizers, index: 0, count: 1, size, levels, drop: null, gradientScale: 1 });
  const error = { power: ERROR_POWER, prediction: q, target: x, weight: null, weightScale: null, mask: null, positions: size, size } as const;
  b.step({ op: "squaredError", ...error, grad: b.temp("grad", size), losses, lossesAt: 0 });
  b.step({ op: "record", losses, ranges: [{ at: 0, count: LOSS_PARTS }], ring: b.host("ring", iterations) });
  const table = device.createTensor(layerQParams.length, 2, { place: "device" });
  table.write(0, Float32Array.from(layerQParams.flat()));
  const executable = await device.compile(
    b.build(),
    new Map([
      ["values", tensor],
      ["choices", table],
    ]),
  );
  try {
    executable.write(
      "images",
      Int32Array.from({ length: batch * iterations }, (_, i) => Math.floor(i / (batch * layerQParams.length)) * batch + (i % batch)),
    );
    executable.write(
      "choice",
      Int32Array.from({ length: iterations }, (_, i) => i % layerQParams.length),
    );
    await executable.run({ from: 0, to: iterations });
    const ring = await executable.read("ring");
    return layerQParams.map((_, i) => ring.reduce((sum, value, at) => (at % layerQParams.length === i ? sum + value : sum), 0));
  } finally {
    executable.dispose();
    table.dispose();
  }
}
