/**
 * The training of one unit as a Program: gather a batch of inputs and targets, run the unit with what is trained in
 * place of its parameters, weigh the error, differentiate, step Adam, note the losses. It depends on shapes and bits
 * alone, so that its memory can be estimated before anything is loaded.
 *
 * Three things can be trained: the rounding of weights (rounding.ts), weights with their scales and biases (straight-through.ts),
 * and the scales of activations (LSQ, Esser et al. 2020). QDrop trains the first and the last together, and draws each
 * element of the unit's input from the full-precision or the quantized network.
 */
import { differentiate } from "../../engine/autodiff";
import { type Program, ProgramBuilder } from "../../engine/program";
import { type Draw, LOSS_PARTS, padded, type Step } from "../../engine/steps";
import { shapeOf } from "../../graph/queries";
import { type Graph, type Layer, sizeOf, type ValueId } from "../../graph/types";
import { type LowerOptions, lowerNodes, QUANTIZERS } from "../../network/lower";
import type { Overrides } from "../../network/quantized";
import type { Segment } from "../../passes/partition";
import type { TrainedLayer } from "./part";
import { roundingPart } from "./rounding-part";
import { straightThroughPart } from "./straight-through";

export type UnitError = "squared" | "full" | "power";
/** The release's exponent for the training of activation scales. */
export const ERROR_POWER = 2.4;

/** How QDrop mixes the two networks. */
export interface Drops {
  /** The unit's input, from the full-precision network where drawn. */
  input(value: ValueId): Draw;
  /** Activations inside the unit, left as they are where drawn. */
  inside(value: ValueId): Draw;
}

export interface UnitProgramOptions extends Overrides {
  readonly graph: Graph;
  readonly unit: Segment;
  /** The layers whose weights are trained. */
  readonly layers: ReadonlyMap<Layer, TrainedLayer>;
  readonly parameters: "rounding" | "straightThrough";
  /** Whether the scales of the unit's quantizers are trained. */
  readonly scales: boolean;
  readonly drops: Drops | null;
  readonly batch: number;
  readonly iterations: number;
  /** Whether the error is weighed by a tensor of weights. */
  readonly weighted: boolean;
  readonly error: UnitError;
}

export interface UnitProgram {
  readonly program: Program;
  /** What to write to the parameters' buffers. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** The values whose quantizers are trained, in the order of their scales. */
  readonly quantized: readonly ValueId[];
}

/** Names of the program's tensors. */
export const TARGET_BANK = "target";
export const WEIGHTS_BANK = "weights";
export const inputTensor = (value: ValueId): string => `in:${value}`;
/** The full-precision network's value, where inputs are mixed. */
export const fullTensor = (value: ValueId): string => `full:${value}`;

/** The table of Adam's rates for scales, [iterations, 2]. */
export const SCALE_SCHEDULE = "scaleSchedule";
export const SCALE_STATE = "scaleState";

export function unitProgram(options: UnitProgramOptions): UnitProgram {
  const { graph, unit, layers, batch, iterations, weighted, error, drops } = options;
  const builder = new ProgramBuilder();
  const indices = builder.host("indices", batch * iterations, "i32");
  const gather = (name: string, value: ValueId) => {
    const elements = sizeOf(shapeOf(graph, value));
    const out = builder.temp(name, batch * elements);
    builder.step({ op: "gather", tensor: builder.tensor(name, elements), indices, out, batch, elements });
    return out;
  };
  const input = (value: ValueId) => {
    const quantized = gather(inputTensor(value), value);
    if (!drops) return quantized;
    const size = builder.size(quantized);
    const out = builder.temp("mixed", size);
    builder.step({ op: "mix", a: gather(fullTensor(value), value), b: quantized, out, size, draw: drops.input(value) });
    return out;
  };
  const inputs = new Map(unit.inputs.map((value) => [value, input(value)]));
  const target = gather(TARGET_BANK, unit.output);
  const weight = weighted ? gather(WEIGHTS_BANK, unit.output) : null;
  const weightScale = weighted ? builder.host("weightScale", 1) : null;
  const part = options.parameters === "rounding" ? roundingPart(builder, layers, iterations) : straightThroughPart(builder, layers, iterations);

  const start = builder.steps.length;
  const lowering: LowerOptions = { ...options, builder, nodes: unit.nodes, inputs, keep: [unit.output] };
  const lowered = lowerNodes({
    ...lowering,
    kernelBuffers: part.kernels,
    biasBuffers: part.biases,
    drop: drops?.inside ?? null,
    scaledGradients: drops !== null,
  });
  const losses = builder.host("losses", LOSS_PARTS + Math.max(1, part.lossParts));
  const size = batch * sizeOf(shapeOf(graph, unit.output));
  const prediction = lowered.buffers.get(unit.output) as string;
  const ends = { prediction, target, grad: builder.temp("grad", size), losses, lossesAt: 0 };
  const positions = size / (shapeOf(graph, unit.output).at(-1) as number);
  const loss: Step =
    error === "full" && weight !== null
      ? { op: "fullError", ...ends, weight, images: batch, elements: size / batch }
      : { op: "squaredError", power: error === "power" ? ERROR_POWER : 2, ...ends, weight, weightScale, size, positions, mask: null };
  const trainsScales = options.scales && lowered.quantized.length > 0;
  const wanted = new Set([...part.kernels.values(), ...part.biases.values(), ...(trainsScales ? [QUANTIZERS] : [])]);
  const { steps, gradients } = differentiate(builder, [...lowered.steps, loss], wanted);
  builder.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);

  const gradient = (buffer: string) => {
    const found = gradients.get(buffer);
    if (found === undefined) throw new Error(`${buffer} does not reach the output of ${unit.name}`);
    return found;
  };
  builder.steps.push(...part.steps(gradient, losses, LOSS_PARTS));
  if (trainsScales) {
    const count = lowered.quantized.length;
    const own = { state: builder.host(SCALE_STATE, 2 * padded(count)), schedule: builder.host(SCALE_SCHEDULE, 2 * iterations) };
    builder.step({ op: "adam", x: QUANTIZERS, dx: gradient(QUANTIZERS), parts: LOSS_PARTS, ...own, size: count });
  }
  const ranges = [
    { at: 0, count: LOSS_PARTS },
    { at: LOSS_PARTS, count: part.lossParts },
  ];
  builder.step({ op: "record", losses, ranges, ring: builder.host("ring", iterations * 2) });
  return { program: builder.build(), parameters: lowered.parameters, quantized: trainsScales ? lowered.quantized : [] };
}
