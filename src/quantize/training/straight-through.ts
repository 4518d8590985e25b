/**
 * AdaQuant's training of a layer (Hubara et al. 2021, "Accurate Post Training Quantization With Small Calibration
 * Sets", eq. 2): the weights themselves, their scales and the bias, through rounding as if it were not
 * there.
 *
 * All rates follow from the recipe's one, which is AdaRound's: what lets a rounding variable travel 20 lets a weight
 * travel one quantization step, a scale a twentieth of itself, and a bias 0.02. They fall linearly to zero, so that
 * weights at the edge between two levels come to rest.
 */
import type { Executable } from "../../engine/device";
import type { ProgramBuilder } from "../../engine/program";
import { ADAM, padded } from "../../engine/steps";
import type { Layer } from "../../graph/types";
import { levelsOf, type QParams, quantizeNearest } from "../quantizer";
import type { TrainedLayer, TrainingPart } from "./part";

const WEIGHT_SHARE = 1 / 20;
const SCALE_SHARE = 1 / 400;
const BIAS_SHARE = 1 / 1000;

export function straightThroughPart(builder: ProgramBuilder, layers: ReadonlyMap<Layer, TrainedLayer>, iterations: number): TrainingPart {
  const kernels = new Map<string, string>();
  const biases = new Map<string, string>();
  for (const [{ name, operation }, { scales }] of layers) {
    const size = operation.kernel.data.length;
    builder.host(`${name}.w`, size);
    builder.host(`${name}.qparams`, 3 * padded(scales));
    builder.host(`${name}.state`, 2 * padded(size) + 2 * padded(scales));
    kernels.set(name, builder.host(`${name}.soft`, size));
    if (!operation.bias) continue;
    biases.set(name, builder.host(`${name}.trainedBias`, operation.bias.data.length));
    builder.host(`${name}.biasState`, 2 * padded(operation.bias.data.length));
  }
  const schedule = builder.host("schedule", iterations * 3);
  const biasSchedule = builder.host("biasSchedule", iterations * 2);
  return {
    kernels,
    biases,
    lossParts: 0,
    steps: (gradient) =>
      [...layers].flatMap(([{ name, operation }, { bits, scales }]) => {
        const dw = gradient(`${name}.soft`);
        const size = operation.kernel.data.length;
        const kernel = { w: `${name}.w`, quantizers: `${name}.qparams`, soft: `${name}.soft`, state: `${name}.state`, dw, schedule, size } as const;
        const step = { op: "straightThroughAdam", ...kernel, channels: scales, levels: levelsOf(bits) } as const;
        if (!operation.bias) return [step];
        const x = `${name}.trainedBias`;
        const bias = { x, dx: gradient(x), parts: 1, state: `${name}.biasState`, schedule: biasSchedule, size: operation.bias.data.length };
        return [step, { op: "adam", ...bias } as const];
      }),
  };
}

/** Writes the state of the start: weights and scales as they are, kernels rounded to nearest. */
export function writeStraightThrough(executable: Executable, layers: ReadonlyMap<Layer, QParams>): void {
  for (const [{ name, operation }, qparams] of layers) {
    const { data } = operation.kernel;
    const plane = padded(qparams.scale.length);
    const quantizers = new Float32Array(3 * plane);
    quantizers.set(qparams.scale, 0);
    quantizers.set(qparams.zero, plane);
    quantizers.set(qparams.scale, 2 * plane);
    executable.write(`${name}.w`, data);
    executable.write(`${name}.qparams`, quantizers);
    executable.write(`${name}.state`, new Float32Array(2 * padded(data.length) + 2 * plane));
    executable.write(`${name}.soft`, quantizeNearest(data, qparams));
    if (!operation.bias) continue;
    executable.write(`${name}.trainedBias`, operation.bias.data);
    executable.write(`${name}.biasState`, new Float32Array(2 * padded(operation.bias.data.length)));
  }
}

/** The scales of a layer's weights as training left them. */
export function trainedScales(executable: Executable, { name }: Layer, { scale }: QParams): Promise<Float32Array> {
  return executable.read(`${name}.qparams`, 0, scale.length);
}

/** Rows of [weights' rate, correction, scales' rate] and of [biases' rate, correction], with Adam's corrections. */
export function straightThroughSchedules(iterations: number, learningRate: number): { weights: Float32Array; biases: Float32Array } {
  const weights = new Float32Array(iterations * 3);
  const biases = new Float32Array(iterations * 2);
  let decay1 = 1;
  let decay2 = 1;
  for (let i = 0; i < iterations; i++) {
    decay1 *= ADAM.beta1;
    decay2 *= ADAM.beta2;
    const rate = (2 * learningRate * (1 - i / iterations)) / (1 - decay1);
    const correction = 1 / Math.sqrt(1 - decay2);
    weights.set([rate * WEIGHT_SHARE, correction, rate * SCALE_SHARE], i * 3);
    biases.set([rate * BIAS_SHARE, correction], i * 2);
  }
  return { weights, biases };
}
