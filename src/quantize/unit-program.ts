/**
 * The training of one unit as a Program: gather a batch of inputs and targets, run the unit with its
 * relaxed weights, weigh the error, differentiate, step Adam and relax the weights anew, note the losses. It depends on shapes and bits alone, so
 * that its memory can be estimated before anything is loaded.
 */
import { differentiate } from "../engine/autodiff";
import { type Program, ProgramBuilder } from "../engine/program";
import { LOSS_PARTS, padded, ROUND_PARTS, type Step } from "../engine/steps";
import { type Graph, type Layer, sizeOf, type ValueId } from "../graph/types";
import { shapeOf } from "../graph/walk";
import { type Kernels, lowerNodes } from "../network/lower";
import type { Segment } from "../passes/partition";
import { levelsOf } from "./quantizer";

export type UnitError = "squared" | "full";

export interface UnitProgramOptions {
  readonly graph: Graph;
  readonly unit: Segment;
  /** The layers to train. */
  readonly layers: ReadonlyMap<Layer, { readonly bits: number }>;
  /** Kernels of the unit's other layers. */
  readonly kernels: Kernels;
  readonly batch: number;
  readonly iterations: number;
  /** Whether the error is weighed by a bank of weights. */
  readonly weighted: boolean;
  readonly error: UnitError;
}

export interface UnitProgram {
  readonly program: Program;
  /** What to write to the parameters' buffers. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

/** Names of the program's banks. */
export const TARGET_BANK = "target";
export const WEIGHTS_BANK = "weights";
export const inputBank = (value: ValueId): string => `in:${value}`;

export function unitProgram({ graph, unit, layers, kernels, batch, iterations, weighted, error }: UnitProgramOptions): UnitProgram {
  const builder = new ProgramBuilder();
  const indices = builder.host("indices", batch * iterations, "i32");
  const gather = (name: string, value: ValueId) => {
    const elements = sizeOf(shapeOf(graph, value));
    const out = builder.temp(name, batch * elements);
    builder.step({ op: "gather", bank: builder.bank(name, elements), indices, out, batch, elements });
    return out;
  };
  const buffers = new Map(unit.inputs.map((value) => [value, gather(inputBank(value), value)]));
  const target = gather(TARGET_BANK, unit.output);
  const weight = weighted ? gather(WEIGHTS_BANK, unit.output) : null;
  const weightScale = weighted ? builder.host("weightScale", 1) : null;
  const soft = roundingBuffers(builder, layers);

  const start = builder.steps.length;
  const lowered = lowerNodes({ builder, graph, nodes: unit.nodes, batch, inputs: buffers, keep: [unit.output], kernels, kernelBuffers: soft });
  const losses = builder.host("losses", LOSS_PARTS + ROUND_PARTS * layers.size);
  const shape = shapeOf(graph, unit.output);
  const size = batch * sizeOf(shape);
  const prediction = lowered.buffers.get(unit.output) as string;
  const ends = { prediction, target, grad: builder.temp("grad", size), losses, lossesAt: 0 };
  const loss: Step =
    error === "full" && weight !== null
      ? { op: "fullError", ...ends, weight, images: batch, elements: size / batch }
      : { op: "squaredError", power: 2, ...ends, weight, weightScale, size, positions: size / (shape.at(-1) as number), mask: null };
  const { steps, gradients } = differentiate(builder, [...lowered.steps, loss], new Set(soft.values()));
  builder.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);

  const schedule = builder.host("schedule", iterations * 4);
  let lossesAt = LOSS_PARTS;
  for (const [layer, { bits }] of layers) {
    const dw = gradients.get(soft.get(layer.name) as string);
    if (dw === undefined) throw new Error(`Layer ${layer.name} does not reach the output of ${unit.name}`);
    const layerSize = builder.size(`${layer.name}.v`);
    builder.step({
      op: "roundAdam",
      v: `${layer.name}.v`,
      grid: `${layer.name}.grid`,
      soft: `${layer.name}.soft`,
      state: `${layer.name}.state`,
      dw,
      schedule,
      losses,
      lossesAt,
      size: layerSize,
      levels: levelsOf(bits),
    });
    lossesAt += ROUND_PARTS;
  }
  const ring = builder.host("ring", iterations * 2);
  const ranges = [
    { at: 0, count: LOSS_PARTS },
    { at: LOSS_PARTS, count: ROUND_PARTS * layers.size },
  ];
  builder.step({ op: "record", losses, ranges, ring });
  return { program: builder.build(), parameters: lowered.parameters };
}

/** The buffers of each layer's rounding; returns where its relaxed weights are. */
function roundingBuffers(builder: ProgramBuilder, layers: UnitProgramOptions["layers"]): Map<string, string> {
  const soft = new Map<string, string>();
  for (const layer of layers.keys()) {
    const size = layer.operation.kernel.data.length;
    builder.host(`${layer.name}.v`, size);
    builder.host(`${layer.name}.grid`, 3 * padded(size));
    builder.host(`${layer.name}.state`, 3 * padded(size));
    soft.set(layer.name, builder.host(`${layer.name}.soft`, size));
  }
  return soft;
}
