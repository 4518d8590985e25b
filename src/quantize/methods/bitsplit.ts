/**
 * Bit-Split and Stitching (Wang et al., ICML 2020): each layer's integers are solved for, without gradients. A level is
 * split into its binary digits; from the highest digit down, each weight's digit goes up, down or stays, whatever
 * lowers the squared error of the layer's output most (the paper's ternary digits, section 3.2); the digits stitched
 * together are a level again, and the channel's scale then takes its best value in closed form. Every step can only
 * lower the error, and the first levels are the nearest ones, so the result is at least as good as nearest.
 *
 * The error of channel o over inputs x (full precision) and x' (what the quantized layer sees) needs only two sums:
 * B = sum x' x'^T and t = sum x' (w . x), over rows drawn from the calibration set.
 */
import { Random } from "../../base/random";
import type { DatasetTensor } from "../../engine/device";
import type { Graph, Layer } from "../../graph/types";
import { levelsOf, type QParams, quantizeNearest } from "../quantizer";
import { visitUnits } from "../visit-units";
import { emptyNetwork, type Method } from "./method";
import { drawPatches, patchShape } from "./patches";
import { calibrateActivations, startWithFirst, visitOf } from "./training";

/** Positions of images on which a layer is solved. */
const ROWS = 4096;
/** Rounds of digits and scale; most layers come to rest sooner. */
const ROUNDS = 6;

export const bitsplit: Method = {
  async quantize(options) {
    const { graph, layerQParams, seed, observer } = options;
    const network = emptyNetwork(graph);
    startWithFirst(options, network);
    const visit = visitOf({ ...options, unit: "layer", loss: "mse" }, { both: true });
    await visitUnits(visit, network, async ({ unit, inputs, fullInputs }) => {
      const layer = unit.layers[0] as Layer;
      const value = layer.inputs[0] as string;
      const tensors = [fullInputs.get(value), inputs.get(value)] as [DatasetTensor, DatasetTensor];
      const solved = await solveLayer({
        graph,
        layer,
        qparams: layerQParams.get(layer) as QParams,
        tensors,
        seed,
        breathe: () => observer.breathe(),
      });
      const { kernel, qparams, before, after } = solved;
      return {
        kernels: new Map([[layer.name, kernel]]),
        weights: new Map([[layer.name, qparams]]),
        settled: 1,
        losses: Float32Array.of(before, after),
      };
    });
    await calibrateActivations(options, network);
    return network;
  },
};

export interface SolveOptions {
  readonly graph: Graph;
  readonly layer: Layer;
  readonly qparams: QParams;
  /** The layer's input in the full-precision network, and as the quantized layer sees it. */
  readonly tensors: readonly [full: DatasetTensor, quantized: DatasetTensor];
  readonly seed: number;
  breathe(): void | Promise<void>;
}

/** A layer's kernel, its quantization parameters with the scales that were solved, and the error of its output. */
export interface SolvedLayer {
  readonly kernel: Float32Array;
  readonly qparams: QParams;
  /** Squared error before (nearest) and after, summed over channels, a position. */
  readonly before: number;
  readonly after: number;
}

export async function solveLayer(options: SolveOptions): Promise<SolvedLayer> {
  const { graph, layer, qparams, tensors, seed } = options;
  const weights = layer.operation.kernel.data;
  const kernel = quantizeNearest(weights, qparams);
  const scales = qparams.scale.slice();
  const { depth, groups, outputs } = patchShape(layer);
  const channels = groups * outputs;
  const [full, seen] = await drawPatches(graph, layer, tensors, new Random(seed, `rows/${layer.name}`), ROWS, options.breathe);
  const rows = full.length / (groups * depth);
  let before = 0;
  let after = 0;
  for (let group = 0; group < groups; group++) {
    const gram = await gramOf(seen, rows, groups * depth, group * depth, depth, options.breathe);
    for (let o = group * outputs; o < (group + 1) * outputs; o++) {
      const w = Float64Array.from({ length: depth }, (_, i) => weights[i * channels + o] as number);
      const { target, energy } = targetOf(full, seen, w, rows, groups * depth, group * depth);
      const at = qparams.scale.length === 1 ? 0 : o;
      const start = { scale: qparams.scale[at] as number, zero: qparams.zero[at] as number };
      const levels = Int32Array.from(w, (_, i) => Math.round((kernel[i * channels + o] as number) / start.scale) + start.zero);
      const nearest = errorOf(gram, target, energy, levels, start.scale, start.zero);
      const scale = solveChannel(gram, target, levels, start.scale, start.zero, qparams);
      scales[at] = scale;
      before += nearest;
      after += errorOf(gram, target, energy, levels, scale, start.zero);
      levels.forEach((level, i) => {
        kernel[i * channels + o] = Math.fround((level - start.zero) * scale);
      });
      if (o % 8 === 0) await options.breathe();
    }
  }
  return { kernel, qparams: { ...qparams, scale: scales }, before: before / rows, after: after / rows };
}

/** Products of which a part of the second moments is made between two looks at the event loop: some ten milliseconds. */
const PRODUCTS = 2 ** 23;

/**
 * sum over rows of x x^T for one group's columns, [depth, depth]. Of a deep layer it takes seconds: it is made in parts,
 * each of which adds its rows in the same order.
 */
export async function gramOf(
  x: Float32Array,
  rows: number,
  stride: number,
  first: number,
  depth: number,
  breathe: () => void | Promise<void>,
): Promise<Float64Array> {
  const gram = new Float64Array(depth * depth);
  const each = Math.max(1, Math.floor((2 * PRODUCTS) / (depth * depth)));
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * stride + first, r * stride + first + depth);
    for (let i = 0; i < depth; i++) {
      const value = row[i] as number;
      if (value === 0) continue;
      const line = i * depth;
      for (let j = i; j < depth; j++) (gram[line + j] as number) += value * (row[j] as number);
    }
    if (r % each === each - 1) await breathe();
  }
  for (let i = 0; i < depth; i++) for (let j = 0; j < i; j++) gram[i * depth + j] = gram[j * depth + i] as number;
  return gram;
}

/** sum over rows of x' (w . x), and of (w . x)^2. */
function targetOf(full: Float32Array, seen: Float32Array, w: Float64Array, rows: number, stride: number, first: number) {
  const target = new Float64Array(w.length);
  let energy = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * stride + first;
    let y = 0;
    for (let i = 0; i < w.length; i++) y += (w[i] as number) * (full[at + i] as number);
    energy += y * y;
    for (let i = 0; i < w.length; i++) (target[i] as number) += y * (seen[at + i] as number);
  }
  return { target, energy };
}

/** target - scale * B (levels - zero): half the slope of the error, turned around. */
function slopeOf(gram: Float64Array, target: Float64Array, levels: Int32Array, scale: number, zero: number): Float64Array {
  const depth = target.length;
  const slope = target.slice();
  for (let j = 0; j < depth; j++) {
    const value = ((levels[j] as number) - zero) * scale;
    if (value === 0) continue;
    for (let i = 0; i < depth; i++) (slope[i] as number) -= value * (gram[j * depth + i] as number);
  }
  return slope;
}

function errorOf(gram: Float64Array, target: Float64Array, energy: number, levels: Int32Array, scale: number, zero: number): number {
  const slope = slopeOf(gram, target, levels, scale, zero);
  let error = energy;
  levels.forEach((level, i) => {
    error -= (level - zero) * scale * ((target[i] as number) + (slope[i] as number));
  });
  return error;
}

/** Solves one channel's levels in place and returns its scale. */
function solveChannel(gram: Float64Array, target: Float64Array, levels: Int32Array, start: number, zero: number, qparams: QParams): number {
  const depth = target.length;
  const top = levelsOf(qparams.bits) - 1;
  let scale = start;
  for (let round = 0; round < ROUNDS; round++) {
    const slope = slopeOf(gram, target, levels, scale, zero);
    let changes = 0;
    for (let digit = 2 ** (qparams.bits - 1); digit >= 1; digit /= 2)
      for (let i = 0; i < depth; i++) {
        const step = digit * Math.sign(slope[i] as number);
        const next = (levels[i] as number) + step;
        if (step === 0 || next < 0 || next > top) continue;
        const move = step * scale;
        const own = gram[i * depth + i] as number;
        if (move * move * own >= 2 * move * (slope[i] as number)) continue;
        levels[i] = next;
        changes++;
        for (let j = 0; j < depth; j++) (slope[j] as number) -= move * (gram[i * depth + j] as number);
      }
    if (changes === 0 && round > 0) break;
    // A scale that the whole kernel shares stays.
    if (qparams.scale.length > 1) scale = bestScale(gram, target, levels, zero) ?? scale;
  }
  return Math.fround(scale);
}

/** The scale with the least error for given levels; null where there is none that is positive. */
function bestScale(gram: Float64Array, target: Float64Array, levels: Int32Array, zero: number): number | null {
  const unscaled = slopeOf(gram, new Float64Array(target.length), levels, -1, zero);
  let along = 0;
  let square = 0;
  levels.forEach((level, i) => {
    along += (level - zero) * (target[i] as number);
    square += (level - zero) * (unscaled[i] as number);
  });
  return square > 0 && along > 0 ? along / square : null;
}
