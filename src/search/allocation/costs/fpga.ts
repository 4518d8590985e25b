/**
 * Cycles of a bit-flexible systolic accelerator, after the kind of machine that the paper's latency stands for (Sharma
 * et al. 2018, Bit Fusion): an array of units that each multiply 8 by 8 bit in a cycle, or split into four multipliers
 * of 4 by 8 and so on down to 2 by 2; memory of a fixed bandwidth; a buffer that holds weights.
 *
 * A layer takes the larger of its cycles of computing and of moving. Computing: output channels go over the array's
 * columns, input patches over its rows, in whole passes, so that a layer smaller than the array leaves units idle; a
 * depthwise layer uses one column. Moving: weights once if they fit the buffer, else once for each tile of 64 output
 * positions; inputs and outputs once. Weights in float, which it has no units for either, count as four passes of 8 bit. Activations wider than 8 bit, which it has no units for, count as 8. A model, not a
 * measurement.
 */
import type { CostModel, LayerShape } from "./cost";

export interface FpgaOptions {
  readonly rows: number;
  readonly columns: number;
  /** Kibibytes of buffer for weights. */
  readonly buffer: number;
  /** Bytes a cycle to and from memory. */
  readonly bandwidth: number;
  readonly megahertz: number;
}

export const FPGA_DEFAULTS: FpgaOptions = { rows: 16, columns: 16, buffer: 128, bandwidth: 8, megahertz: 200 };

/** What each setting may be: least, most, and whether it is whole. */
export const FPGA_RANGES: Readonly<Record<keyof FpgaOptions, readonly [low: number, high: number, whole: boolean]>> = {
  rows: [1, 1024, true],
  columns: [1, 1024, true],
  buffer: [1, 65536, true],
  bandwidth: [0.125, 1024, false],
  megahertz: [1, 5000, false],
};

const TILE = 64;

/** The multiplier's next width: 2, 4 or 8 bit; 32 for weights in float. */
const fused = (bits: number) => (bits <= 2 ? 2 : bits <= 4 ? 4 : bits <= 8 ? 8 : 32);

export function fpga(options: FpgaOptions = FPGA_DEFAULTS): CostModel {
  return {
    name: "latency:fpga",
    unit: "ms",
    origin: `modelled: ${options.rows}x${options.columns} bit-flexible units at ${options.megahertz} MHz, ${options.buffer} KiB for weights, ${options.bandwidth} bytes a cycle; activations at most 8 bit`,
    cost: (layer, weights, activations) => cycles(layer, weights, Math.min(activations, 8), options) / (options.megahertz * 1e3),
  };
}

function cycles(layer: LayerShape, weights: number, activations: number, { rows, columns, buffer, bandwidth }: FpgaOptions): number {
  const positions = layer.output[0] * layer.output[1];
  const depth = (layer.parameters / layer.output[2]) | 0;
  const split = (8 / fused(weights)) * (8 / fused(activations));
  const across = layer.kind === "depthwise" ? 1 : layer.output[2] / layer.groups;
  const groups = layer.kind === "depthwise" ? layer.output[2] : layer.groups;
  const passes = Math.ceil(depth / (rows * split)) * Math.ceil(across / columns) * groups;
  const computing = passes * positions;
  const weightBytes = (layer.parameters * weights) / 8;
  const fetches = weightBytes <= buffer * 1024 ? 1 : Math.ceil(positions / TILE);
  const moved = layer.input[0] * layer.input[1] * layer.input[2] + layer.output[0] * layer.output[1] * layer.output[2];
  const moving = (weightBytes * fetches + (moved * activations) / 8) / bandwidth;
  return Math.max(computing, moving);
}
