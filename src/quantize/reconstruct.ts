/**
 * Reconstructs one unit (BRECQ, algorithm 1): trains the rounding of its layers so that the unit's output,
 * given its input, stays close to the full-precision output.
 * The training is one Program (unit-program.ts); batches and schedule are tables written before the first
 * iteration.
 */
import { Random } from "../base/random";
import type { Bank, Device, Executable } from "../engine/device";
import { padded } from "../engine/steps";
import type { Graph, Layer, ValueId } from "../graph/types";
import type { Kernels } from "../network/lower";
import type { Segment } from "../passes/partition";
import type { Grid } from "./quantizer";
import { hardWeights, type Rounding, settledShare, startRounding } from "./rounding";
import { type ScheduleOptions, scheduleTable } from "./schedule";
import { inputBank, TARGET_BANK, type UnitError, unitProgram, WEIGHTS_BANK } from "./unit-program";

export interface ReconstructOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly unit: Segment;
  /** The layers to train, with their grids. */
  readonly layers: ReadonlyMap<Layer, Grid>;
  /** Kernels of the unit's other layers. */
  readonly kernels: Kernels;
  readonly inputs: ReadonlyMap<ValueId, Bank>;
  readonly target: Bank;
  /** Fisher weights of the output, and what to multiply them by. */
  readonly weights: { readonly bank: Bank; readonly scale: number } | null;
  /** Squared errors, or the whole outer product of an image's errors, which needs weights. */
  readonly error: UnitError;
  readonly schedule: ScheduleOptions;
  readonly batch: number;
  readonly seed: number;
  readonly onLosses?: (losses: LossSamples) => void | Promise<void>;
}

/** Losses of iterations [first, first + reconstruction.length), as they come from the device. */
export interface LossSamples {
  readonly first: number;
  readonly reconstruction: readonly number[];
  readonly regularizer: readonly number[];
}

export interface Reconstruction {
  /** Hard-rounded kernels by layer name. */
  readonly kernels: Map<string, Float32Array>;
  /** The rounding variables they came from. */
  readonly roundings: ReadonlyMap<string, Float32Array>;
  /** Share of roundings outside 0.01..0.99 before hardening. */
  readonly settled: number;
  /** Reconstruction loss of every iteration. */
  readonly losses: Float32Array;
}

export async function reconstruct(options: ReconstructOptions): Promise<Reconstruction> {
  const { executable, roundings } = await compileUnit(options);
  try {
    await train(executable, options.schedule.iterations, options.onLosses);
    return await harden(executable, options.layers, roundings, options.schedule.iterations);
  } finally {
    executable.dispose();
  }
}

/** The unit's training, compiled and filled, before its first iteration. */
export async function compileUnit(options: ReconstructOptions): Promise<{ executable: Executable; roundings: Map<Layer, Rounding> }> {
  const { schedule, seed, target, unit, batch } = options;
  const roundings = new Map([...options.layers].map(([layer, grid]) => [layer, startRounding(layer.operation.kernel.data, grid)]));
  const { program, parameters } = unitProgram({ ...options, iterations: schedule.iterations, weighted: options.weights !== null });
  const executable = await options.device.compile(program, banksOf(options));
  for (const [name, values] of parameters) executable.write(name, values);
  writeRoundings(executable, roundings);
  executable.write("schedule", scheduleTable(schedule));
  executable.write("indices", drawBatches(new Random(seed, `batches/${unit.name}`), target.count, batch, schedule.iterations));
  if (options.weights) executable.write("weightScale", Float32Array.of(options.weights.scale));
  return { executable, roundings };
}

function banksOf({ inputs, target, weights }: ReconstructOptions): Map<string, Bank> {
  const banks = new Map([...inputs].map(([value, bank]) => [inputBank(value), bank]));
  banks.set(TARGET_BANK, target);
  if (weights) banks.set(WEIGHTS_BANK, weights.bank);
  return banks;
}

/** Indices of `iterations` batches, each without replacement, [iterations, batch]. */
export function drawBatches(random: Random, count: number, batch: number, iterations: number): Int32Array {
  const pool = Int32Array.from({ length: count }, (_, i) => i);
  const indices = new Int32Array(iterations * batch);
  for (let i = 0; i < iterations; i++) random.sample(pool, batch, indices, i * batch);
  return indices;
}

function writeRoundings(executable: Executable, roundings: ReadonlyMap<Layer, Rounding>): void {
  for (const [{ name }, { start, floor, scale, zero, sigmoid, soft }] of roundings) {
    executable.write(`${name}.v`, start);
    executable.write(`${name}.grid`, planes(floor, scale, zero));
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

async function train(executable: Executable, iterations: number, onLosses: ReconstructOptions["onLosses"]): Promise<void> {
  let reported = 0;
  let last = performance.now();
  await executable.run({
    from: 0,
    to: iterations,
    async onProgress(done) {
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
      reported = done;
      await onLosses({ first, reconstruction, regularizer });
    },
  });
}

async function harden(
  executable: Executable,
  layers: ReadonlyMap<Layer, Grid>,
  starts: ReadonlyMap<Layer, Rounding>,
  iterations: number,
): Promise<Reconstruction> {
  const kernels = new Map<string, Float32Array>();
  const roundings = new Map<string, Float32Array>();
  let settled = 0;
  let words = 0;
  for (const [layer, grid] of layers) {
    const v = await executable.read(`${layer.name}.v`);
    if (!v.every(Number.isFinite)) throw new Error(`Reconstruction of ${layer.name} diverged; use a smaller learning rate`);
    kernels.set(layer.name, hardWeights(starts.get(layer) as Rounding, v, grid.bits));
    roundings.set(layer.name, v);
    settled += settledShare(v) * v.length;
    words += v.length;
  }
  const pairs = await executable.read("ring");
  const losses = Float32Array.from({ length: iterations }, (_, i) => pairs[i * 2] as number);
  return { kernels, roundings, settled: settled / words, losses };
}
