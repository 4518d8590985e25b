/**
 * Reconstructs one unit (BRECQ, algorithm 1): trains the rounding of its layers so that the unit's output,
 * given its input, stays close to the full-precision output.
 *
 * The whole training is one Program: gather a batch of inputs and targets, soften the weights, run the
 * unit, weigh the error, differentiate, step Adam, note the losses. Batches and schedule are tables
 * written before the first iteration.
 */
import { Random } from "../base/random";
import { differentiate } from "../engine/autodiff";
import type { Bank, Device, Executable } from "../engine/device";
import { ProgramBuilder } from "../engine/program";
import { LOSS_PARTS, padded, ROUND_PARTS } from "../engine/steps";
import { type Graph, type Layer, sizeOf, type ValueId } from "../graph/types";
import { shapeOf } from "../graph/walk";
import { type Kernels, lowerNodes } from "../network/lower";
import type { Segment } from "../passes/partition";
import { type Grid, levelsOf } from "./quantizer";
import { hardWeights, type Rounding, settledShare, startRounding } from "./rounding";
import { type ScheduleOptions, scheduleTable } from "./schedule";

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
  const program = buildProgram(options, roundings);
  const executable = await options.device.compile(program.builder.build(), program.banks);
  for (const [name, values] of program.parameters) executable.write(name, values);
  writeRoundings(executable, roundings);
  executable.write("schedule", scheduleTable(schedule));
  executable.write("indices", drawBatches(new Random(seed, `batches/${unit.name}`), target.count, batch, schedule.iterations));
  if (options.weights) executable.write("weightScale", Float32Array.of(options.weights.scale));
  return { executable, roundings };
}

/** Indices of `iterations` batches, each without replacement, [iterations, batch]. */
export function drawBatches(random: Random, count: number, batch: number, iterations: number): Int32Array {
  const pool = Int32Array.from({ length: count }, (_, i) => i);
  const indices = new Int32Array(iterations * batch);
  for (let i = 0; i < iterations; i++) random.sample(pool, batch, indices, i * batch);
  return indices;
}

interface UnitProgram {
  readonly builder: ProgramBuilder;
  readonly banks: Map<string, Bank>;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

function buildProgram(options: ReconstructOptions, roundings: ReadonlyMap<Layer, Rounding>): UnitProgram {
  const { graph, unit, inputs, target, weights, kernels, batch, layers } = options;
  const { iterations } = options.schedule;
  const builder = new ProgramBuilder();
  const banks = new Map<string, Bank>();
  const indices = builder.host("indices", batch * iterations, "i32");
  const gather = (name: string, bank: Bank) => {
    const out = builder.temp(name, batch * bank.elements);
    builder.step({ op: "gather", bank: builder.bank(name, bank.elements), indices, out, batch, elements: bank.elements });
    banks.set(name, bank);
    return out;
  };
  const buffers = new Map<ValueId, string>();
  for (const [value, bank] of inputs) buffers.set(value, gather(`in:${value}`, bank));
  const targetBuffer = gather("target", target);
  const weight = weights ? gather("weights", weights.bank) : null;
  const weightScale = weights ? builder.host("weightScale", 1) : null;

  const soft = new Map<string, string>();
  for (const [layer, grid] of layers) {
    const { floor } = roundings.get(layer) as Rounding;
    const size = floor.length;
    const [v, down, scale, zero] = ["v", "floor", "gridScale", "zero"].map((what) => builder.host(`${layer.name}.${what}`, size)) as [
      string,
      string,
      string,
      string,
    ];
    builder.host(`${layer.name}.moments`, 2 * padded(size));
    const out = builder.temp(`${layer.name}.soft`, size);
    builder.step({ op: "softRound", v, floor: down, scale, zero, out, size, levels: levelsOf(grid.bits) });
    soft.set(layer.name, out);
  }

  const start = builder.steps.length;
  const lowered = lowerNodes({ builder, graph, nodes: unit.nodes, batch, inputs: buffers, keep: [unit.output], kernels, kernelBuffers: soft });
  const losses = builder.host("losses", LOSS_PARTS + ROUND_PARTS * layers.size);
  const shape = shapeOf(graph, unit.output);
  const size = batch * sizeOf(shape);
  const loss = {
    op: "squaredError",
    prediction: lowered.buffers.get(unit.output) as string,
    target: targetBuffer,
    weight,
    weightScale,
    grad: builder.temp("grad", size),
    losses,
    lossesAt: 0,
    size,
    positions: size / (shape.at(-1) as number),
    mask: null,
  } as const;
  const { steps, gradients } = differentiate(builder, [...lowered.steps, loss], new Set(soft.values()));
  builder.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);

  const schedule = builder.host("schedule", iterations * 4);
  let lossesAt = LOSS_PARTS;
  for (const [layer, grid] of layers) {
    const dw = gradients.get(soft.get(layer.name) as string);
    if (dw === undefined) throw new Error(`Layer ${layer.name} does not reach the output of ${unit.name}`);
    const layerSize = builder.size(`${layer.name}.v`);
    builder.step({
      op: "roundAdam",
      v: `${layer.name}.v`,
      floor: `${layer.name}.floor`,
      scale: `${layer.name}.gridScale`,
      zero: `${layer.name}.zero`,
      moments: `${layer.name}.moments`,
      dw,
      parts: builder.size(dw) / layerSize,
      schedule,
      losses,
      lossesAt,
      size: layerSize,
      levels: levelsOf(grid.bits),
    });
    lossesAt += ROUND_PARTS;
  }
  const ring = builder.host("ring", iterations * 2);
  builder.step({ op: "record", losses, at: 0, count: LOSS_PARTS, ring, columns: 2, column: 0 });
  builder.step({ op: "record", losses, at: LOSS_PARTS, count: ROUND_PARTS * layers.size, ring, columns: 2, column: 1 });
  return { builder, banks, parameters: lowered.parameters };
}

function writeRoundings(executable: Executable, roundings: ReadonlyMap<Layer, Rounding>): void {
  for (const [{ name }, { start, floor, scale, zero }] of roundings) {
    executable.write(`${name}.v`, start);
    executable.write(`${name}.floor`, floor);
    executable.write(`${name}.gridScale`, scale);
    executable.write(`${name}.zero`, zero);
    executable.write(`${name}.moments`, new Float32Array(2 * padded(start.length)));
  }
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
