/**
 * Reconstructs one unit (BRECQ, algorithm 1): trains its weights' rounding, its weights, or its activations' scales, so
 * that the unit's output, given its input, stays close to the full-precision output.
 * The training is one Program (unit-program.ts); batches and schedules are tables written before the first
 * iteration.
 */

import { BadInput } from "../../base/errors";
import { Random } from "../../base/random";
import type { DatasetTensor, Device, Executable } from "../../engine/device";
import type { Program } from "../../engine/program";
import { access, padded } from "../../engine/steps";
import type { Graph, Layer, ValueId } from "../../graph/types";
import { QUANTIZERS } from "../../network/lower";
import type { ActivationQParams, Overrides } from "../../network/quantized";
import type { Segment } from "../../passes/partition";
import type { QParams } from "../quantizer";
import type { Batches } from "../settings";
import { checkLosses, checkTensor, type Training } from "./diverged";
import type { LossSamples, TrainingKeeper } from "./keeper";
import { hardWeights, type Rounding, settledShare, startRounding } from "./rounding";
import { RoundingSampler, type UnitRounding } from "./rounding-sample";
import { cosineTable, type ScheduleOptions, scheduleTable } from "./schedule";
import { straightThroughSchedules, trainedScales, writeStraightThrough } from "./straight-through";
import {
  type Drops,
  fullTensor,
  inputTensor,
  SCALE_SCHEDULE,
  SCALE_STATE,
  TARGET_BANK,
  type UnitError,
  unitProgram,
  WEIGHTS_BANK,
} from "./unit-program";

export interface ReconstructOptions extends Overrides {
  readonly device: Device;
  readonly graph: Graph;
  readonly unit: Segment;
  /** The layers to train, with their quantization parameters. */
  readonly layers: ReadonlyMap<Layer, QParams>;
  readonly parameters?: "rounding" | "straightThrough";
  /** Adam's rate for the scales of the unit's activations, or null where they are not trained. */
  readonly scaleRate?: number | null;
  readonly drops?: Drops | null;
  readonly inputs: ReadonlyMap<ValueId, DatasetTensor>;
  /** The full-precision network's inputs, where drops mix them in. */
  readonly fullInputs?: ReadonlyMap<ValueId, DatasetTensor>;
  readonly target: DatasetTensor;
  /** Fisher weights of the output, and what to multiply them by. */
  readonly weights: { readonly tensor: DatasetTensor; readonly scale: number } | null;
  /** Squared errors, the whole outer product of an image's errors, which needs weights, or errors to the power 2.4. */
  readonly error: UnitError;
  readonly schedule: ScheduleOptions;
  readonly batch: number;
  readonly seed: number;
  readonly onLosses?: (losses: LossSamples) => void | Promise<void>;
  /** Told a few dozen times where rounding variables stand, where some are trained. */
  readonly onRounding?: (rounding: UnitRounding) => void | Promise<void>;
  /** Where training is kept now and then, and goes on from; nowhere by default. */
  readonly keeper?: TrainingKeeper | null;
}

export interface Reconstruction {
  /** Quantized kernels by layer name. */
  readonly kernels: ReadonlyMap<string, Float32Array>;
  /** Their quantization parameters, with the scales as they ended. */
  readonly weights: ReadonlyMap<string, QParams>;
  /** Biases that were trained. */
  readonly biases: ReadonlyMap<string, Float32Array>;
  /** Quantizers whose scales were trained. */
  readonly quantizers: ReadonlyMap<ValueId, ActivationQParams>;
  /** Share of roundings outside 0.01..0.99 before hardening; 1 where no rounding was trained. */
  readonly settled: number;
  /** Reconstruction loss of every iteration. */
  readonly losses: Float32Array;
}

interface Compiled {
  readonly executable: Executable;
  /** Names of the buffers that training changes. */
  readonly changing: readonly string[];
  readonly roundings: ReadonlyMap<Layer, Rounding>;
  readonly quantized: readonly ValueId[];
}

export async function reconstruct(options: ReconstructOptions): Promise<Reconstruction> {
  const compiled = await compileUnit(options);
  try {
    await train(compiled, options);
    return await result(compiled, options);
  } finally {
    compiled.executable.dispose();
  }
}

/** The unit's training, compiled and filled, before its first iteration. */
export async function compileUnit(options: ReconstructOptions): Promise<Compiled> {
  const { schedule, seed, target, unit, batch, layers, parameters: kind = "rounding", drops = null, scaleRate = null } = options;
  const { iterations } = schedule;
  const shapes = new Map([...layers].map(([layer, { bits, scale }]) => [layer, { bits, scales: scale.length }]));
  const built = unitProgram({
    ...options,
    layers: shapes,
    parameters: kind,
    drops,
    scales: scaleRate !== null,
    iterations,
    weighted: options.weights !== null,
  });
  const executable = await options.device.compile(built.program, tensorsOf(options));
  for (const [name, values] of built.parameters) executable.write(name, values);
  const roundings = new Map<Layer, Rounding>();
  if (kind === "straightThrough") {
    const tables = straightThroughSchedules(iterations, schedule.learningRate);
    writeStraightThrough(executable, layers);
    executable.write("schedule", tables.weights);
    executable.write("biasSchedule", tables.biases);
  } else if (layers.size > 0) {
    for (const [layer, qparams] of layers) roundings.set(layer, startRounding(layer.operation.kernel.data, qparams));
    writeRoundings(executable, roundings);
    executable.write("schedule", scheduleTable(schedule));
  }
  if (scaleRate !== null && built.quantized.length > 0) {
    executable.write(SCALE_SCHEDULE, cosineTable(iterations, scaleRate));
    executable.write(SCALE_STATE, new Float32Array(2 * padded(built.quantized.length)));
  }
  executable.write("indices", drawBatches(new Random(seed, `batches/${unit.name}`), target.count, batch, iterations, schedule.annealing?.batches));
  if (options.weights) executable.write("weightScale", Float32Array.of(options.weights.scale));
  return { executable, roundings, quantized: built.quantized, changing: changingBuffers(built.program) };
}

/** What is kept from one iteration to the next. */
function changingBuffers({ buffers, steps }: Program): string[] {
  const written = new Set(steps.flatMap((step) => access(step).writes));
  return [...written].filter((name) => buffers.get(name)?.role === "host");
}

function tensorsOf({ inputs, fullInputs, drops, target, weights }: ReconstructOptions): Map<string, DatasetTensor> {
  const tensors = new Map([...inputs].map(([value, tensor]) => [inputTensor(value), tensor]));
  if (drops) for (const [value, tensor] of fullInputs ?? []) tensors.set(fullTensor(value), tensor);
  tensors.set(TARGET_BANK, target);
  if (weights) tensors.set(WEIGHTS_BANK, weights.tensor);
  return tensors;
}

/** Indices of `iterations` batches, each without replacement, [iterations, batch]; shuffled, all images once before any again. */
export function drawBatches(random: Random, count: number, batch: number, iterations: number, batches: Batches = "drawn"): Int32Array {
  const pool = Int32Array.from({ length: count }, (_, i) => i);
  const indices = new Int32Array(iterations * batch);
  if (batches === "shuffled") {
    for (let at = 0; at < indices.length; at += count) {
      const order = new Int32Array(count);
      random.sample(pool, count, order, 0);
      indices.set(order.subarray(0, indices.length - at), at);
    }
    return indices;
  }
  for (let i = 0; i < iterations; i++) random.sample(pool, batch, indices, i * batch);
  return indices;
}

function writeRoundings(executable: Executable, roundings: ReadonlyMap<Layer, Rounding>): void {
  for (const [{ name }, { start, floor, scale, zero, sigmoid, soft }] of roundings) {
    executable.write(`${name}.v`, start);
    executable.write(`${name}.qparams`, planes(floor, scale, zero));
    executable.write(`${name}.state`, planes(new Float32Array(start.length), new Float32Array(start.length), sigmoid));
    executable.write(`${name}.soft`, soft);
  }
}

/** Arrays of one length one after the other, each padded to whole vectors. */
export function planes(...arrays: Float32Array[]): Float32Array {
  const plane = padded(arrays[0]?.length ?? 0);
  const out = new Float32Array(arrays.length * plane);
  arrays.forEach((array, i) => {
    out.set(array, i * plane);
  });
  return out;
}

/** How often losses are fetched while the device trains; a fetch costs a GPU a round trip. */
const FETCH_MS = 200;

async function train({ executable, roundings, changing }: Compiled, options: ReconstructOptions): Promise<void> {
  const { schedule, layers, onLosses, onRounding, keeper = null } = options;
  const { iterations } = schedule;
  const kept = (await keeper?.load()) ?? null;
  for (const [name, values] of kept?.buffers ?? []) executable.write(name, values);
  const sampler = new RoundingSampler(onRounding ? roundings : new Map(), layers, iterations);
  let reported = 0;
  let last = performance.now();
  const run = {
    to: iterations,
    pauses: () => keeper?.isDue() ?? false,
    async onProgress(done: number) {
      const rounding = await sampler.look(executable, done);
      if (rounding) await onRounding?.(rounding);
      const now = performance.now();
      if (!onLosses || (done < iterations && now - last < FETCH_MS)) return;
      last = now;
      const pairs = await executable.read("ring", reported * 2, (done - reported) * 2);
      const reconstruction: number[] = [];
      const regularizer: number[] = [];
      for (let i = 0; i < pairs.length; i += 2) {
        reconstruction.push(pairs[i] as number);
        regularizer.push(pairs[i + 1] as number);
      }
      const first = reported;
      checkLosses(trainingOf(options), reconstruction, first);
      reported = done;
      await onLosses({ first, reconstruction, regularizer });
    },
  };
  for (let done = kept?.iteration ?? 0; done < iterations; ) {
    done = await executable.run({ ...run, from: done });
    if (!keeper || done === iterations) continue;
    const buffers = new Map<string, Float32Array>();
    for (const name of changing) buffers.set(name, await executable.read(name));
    await keeper.keep({ iteration: done, buffers });
  }
}

function trainingOf({ unit, schedule: { iterations, learningRate } }: ReconstructOptions): Training {
  return { unit: unit.name, iterations, learningRate };
}

async function result({ executable, roundings, quantized }: Compiled, options: ReconstructOptions): Promise<Reconstruction> {
  const { schedule } = options;
  const pairs = await executable.read("ring");
  const losses = Float32Array.from({ length: schedule.iterations }, (_, i) => pairs[i * 2] as number);
  const training = trainingOf(options);
  checkLosses(training, losses, 0);
  const kernels = new Map<string, Float32Array>();
  const weights = new Map<string, QParams>();
  const biases = new Map<string, Float32Array>();
  let settled = 0;
  let words = 0;
  for (const [layer, qparams] of options.layers) {
    const rounding = roundings.get(layer);
    if (rounding) {
      const v = await executable.read(`${layer.name}.v`);
      checkTensor(training, `the rounding of ${layer.name}`, v);
      kernels.set(layer.name, hardWeights(rounding, v, qparams.bits));
      weights.set(layer.name, qparams);
      settled += settledShare(v) * v.length;
      words += v.length;
    } else {
      const kernel = await executable.read(`${layer.name}.soft`);
      checkTensor(training, `the weight of ${layer.name}`, kernel);
      kernels.set(layer.name, kernel);
      weights.set(layer.name, { ...qparams, scale: await trainedScales(executable, layer, qparams) });
      if (layer.operation.bias) biases.set(layer.name, await executable.read(`${layer.name}.trainedBias`));
    }
  }
  const quantizers = await trainedQuantizers(executable, quantized, options);
  return { kernels, weights, biases, quantizers, settled: words > 0 ? settled / words : 1, losses };
}

async function trainedQuantizers(
  executable: Executable,
  values: readonly ValueId[],
  options: ReconstructOptions,
): Promise<Map<ValueId, ActivationQParams>> {
  if (values.length === 0) return new Map();
  const scales = await executable.read(QUANTIZERS, 0, values.length);
  return new Map(
    values.map((value, i) => {
      const start = options.quantizers?.get(value) as ActivationQParams;
      const scale = scales[i] as number;
      if (!(scale > 0))
        throw new BadInput(
          `The activation scale of ${value}, ${start.scale.toPrecision(2)} at first, left the positive numbers while it was trained; give scales a smaller learning rate (QDrop's follows from the iterations: give it more), or do not train them.`,
        );
      return [value, { ...start, scale }];
    }),
  );
}
