/**
 * Runs part of a network over a whole data set, from banks to banks: one compiled program gathers a batch,
 * computes it, and scatters what is asked for, for as many iterations as there are batches. Nothing
 * returns to JavaScript in between.
 */
import type { Bank, Device } from "../engine/device";
import { ProgramBuilder } from "../engine/program";
import { type Graph, type Node, sizeOf, type ValueId } from "../graph/types";
import { shapeOf } from "../graph/walk";
import { type Kernels, lowerNodes } from "./lower";

export type Banks = Map<ValueId, Bank>;

export interface ForwardOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly inputs: ReadonlyMap<ValueId, Bank>;
  readonly outputs: readonly ValueId[];
  readonly kernels: Kernels;
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** Words of activations that one batch of a forward pass may hold. */
const BATCH_WORDS = 16 * 2 ** 20;

/** The batch for a forward pass over `nodes`: as large as its activations stay moderate. */
export function forwardBatch(graph: Graph, nodes: readonly Node[], count: number): number {
  const largest = Math.max(...nodes.map((node) => sizeOf(shapeOf(graph, node.output))));
  return Math.max(1, Math.min(count, 64, Math.floor(BATCH_WORDS / (4 * largest))));
}

/** New banks with the values `outputs` for every image. */
export async function forward(options: ForwardOptions): Promise<Banks> {
  const { device, graph, nodes, inputs, outputs } = options;
  const count = Math.min(...[...inputs.values()].map((bank) => bank.count));
  const banks: Banks = new Map(outputs.map((value) => [value, device.createBank(count, sizeOf(shapeOf(graph, value)))]));
  const batch = forwardBatch(graph, nodes, count);
  const whole = Math.floor(count / batch);
  try {
    await forwardBatches(options, banks, batch, 0, whole);
    if (count % batch > 0) await forwardBatches(options, banks, count % batch, whole * batch, 1);
  } catch (error) {
    for (const bank of banks.values()) bank.dispose();
    throw error;
  }
  return banks;
}

async function forwardBatches(options: ForwardOptions, banks: Banks, batch: number, first: number, iterations: number): Promise<void> {
  const { device, graph, nodes, inputs, outputs, kernels } = options;
  const builder = new ProgramBuilder();
  const indices = builder.host("indices", batch * iterations, "i32");
  const buffers = new Map<ValueId, string>();
  const bound = new Map<string, Bank>();
  for (const [value, bank] of inputs) {
    const out = builder.temp(value, batch * bank.elements);
    builder.step({ op: "gather", bank: builder.bank(`in:${value}`, bank.elements), indices, out, batch, elements: bank.elements });
    bound.set(`in:${value}`, bank);
    buffers.set(value, out);
  }
  const lowered = lowerNodes({ builder, graph, nodes, batch, inputs: buffers, keep: outputs, kernels });
  builder.steps.push(...lowered.steps);
  for (const [value, bank] of banks) {
    const x = lowered.buffers.get(value) as string;
    builder.step({ op: "scatter", bank: builder.bank(`out:${value}`, bank.elements), indices, x, batch, elements: bank.elements });
    bound.set(`out:${value}`, bank);
  }
  const executable = await device.compile(builder.build(), bound);
  try {
    for (const [name, values] of lowered.parameters) executable.write(name, values);
    executable.write(
      "indices",
      Int32Array.from({ length: batch * iterations }, (_, i) => first + i),
    );
    await executable.run({
      from: 0,
      to: iterations,
      onProgress: (done) => options.onProgress?.(done / iterations),
    });
  } finally {
    executable.dispose();
  }
}
