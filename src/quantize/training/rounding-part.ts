/** The part of a unit's Program that trains roundings: their buffers and the step of AdaRound. */
import type { ProgramBuilder } from "../../engine/program";
import { padded, ROUND_PARTS } from "../../engine/steps";
import type { Layer } from "../../graph/types";
import { levelsOf } from "../quantizer";
import type { TrainedLayer, TrainingPart } from "./part";

export function roundingPart(builder: ProgramBuilder, layers: ReadonlyMap<Layer, TrainedLayer>, iterations: number): TrainingPart {
  const kernels = new Map<string, string>();
  for (const { name, operation } of layers.keys()) {
    const size = operation.kernel.data.length;
    builder.host(`${name}.v`, size);
    builder.host(`${name}.qparams`, 3 * padded(size));
    builder.host(`${name}.state`, 3 * padded(size));
    kernels.set(name, builder.host(`${name}.soft`, size));
  }
  const schedule = layers.size > 0 ? builder.host("schedule", iterations * 4) : "";
  return {
    kernels,
    biases: new Map(),
    lossParts: ROUND_PARTS * layers.size,
    steps: (gradient, losses, lossesAt) =>
      [...layers].map(([{ name }, { bits }], i) => ({
        op: "roundAdam",
        v: `${name}.v`,
        qparams: `${name}.qparams`,
        soft: `${name}.soft`,
        state: `${name}.state`,
        dw: gradient(`${name}.soft`),
        schedule,
        losses,
        lossesAt: lossesAt + i * ROUND_PARTS,
        size: builder.size(`${name}.v`),
        levels: levelsOf(bits),
      })),
  };
}
