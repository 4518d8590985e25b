/**
 * The Fisher weights of a unit's output (BRECQ, section 3.3): the squared gradient of the task loss with
 * respect to that output, image by image.
 *
 * The task loss needs no labels: it is the KL divergence between the full-precision network's softmax and
 * that of the network quantized up to this unit, whose own weights start at full precision on the grid.
 * From the unit on the network is at full precision, so only its tail is run, forward and backward.
 */
import { differentiate } from "../engine/autodiff";
import type { Bank, Device } from "../engine/device";
import { ProgramBuilder } from "../engine/program";
import { LOSS_PARTS } from "../engine/steps";
import { type Graph, type Node, sizeOf, type ValueId } from "../graph/types";
import { producersOf, shapeOf } from "../graph/walk";
import { type Kernels, lowerNodes } from "./lower";

export interface FisherOptions {
  readonly device: Device;
  readonly graph: Graph;
  /** The nodes that follow the unit. */
  readonly tail: readonly Node[];
  /** The unit's output, and whatever else the tail reads. */
  readonly inputs: ReadonlyMap<ValueId, Bank>;
  readonly output: ValueId;
  /** The full-precision network's logits. */
  readonly reference: Bank;
  readonly kernels: Kernels;
  /** (|g| + 1)^2 as the release has it, in place of the paper's g^2. */
  readonly damped: boolean;
}

export interface FisherWeights {
  readonly bank: Bank;
  /** What to multiply the weights by so that their mean is 1 (1 where damped). */
  readonly scale: number;
}

/** The batch over which the divergence is averaged, the release's. */
const BATCH = 32;

/** The value that holds the class scores before a softmax that ends the network. */
export function logitsOf(graph: Graph): ValueId {
  const last = producersOf(graph.nodes).get(graph.output);
  return last?.operation.op === "softmax" ? (last.inputs[0] as ValueId) : graph.output;
}

export async function fisherWeights(options: FisherOptions): Promise<FisherWeights> {
  const { device, graph, output, reference } = options;
  const elements = sizeOf(shapeOf(graph, output));
  const bank = device.createBank(reference.count, elements);
  const whole = Math.floor(reference.count / BATCH);
  let sum = whole > 0 ? await fisherBatches(options, bank, BATCH, 0, whole) : 0;
  const rest = reference.count % BATCH;
  if (rest > 0) sum += await fisherBatches(options, bank, rest, whole * BATCH, 1);
  const mean = sum / (reference.count * elements);
  return { bank, scale: options.damped || mean === 0 ? 1 : 1 / mean };
}

/** Fills the bank for `iterations` batches and returns the sum of the squared gradients. */
async function fisherBatches(options: FisherOptions, bank: Bank, batch: number, first: number, iterations: number): Promise<number> {
  const { device, graph, tail, inputs, output, reference, kernels, damped } = options;
  const builder = new ProgramBuilder();
  const indices = builder.host("indices", batch * iterations, "i32");
  const bound = new Map<string, Bank>([
    ["reference", reference],
    ["weights", bank],
  ]);
  const buffers = new Map<ValueId, string>();
  const gather = (name: string, source: Bank) => {
    const out = builder.temp(name, batch * source.elements);
    builder.step({ op: "gather", bank: builder.bank(name, source.elements), indices, out, batch, elements: source.elements });
    bound.set(name, source);
    return out;
  };
  for (const [value, source] of inputs) buffers.set(value, gather(`in:${value}`, source));
  const referenceBuffer = gather("reference", reference);
  const start = builder.steps.length;
  const logits = logitsOf(graph);
  const needed = tail.filter((node) => node.operation.op !== "softmax" || node.output !== graph.output);
  const lowered = lowerNodes({ builder, graph, nodes: needed, batch, inputs: buffers, keep: [logits], kernels });
  const losses = builder.host("losses", LOSS_PARTS);
  const grad = builder.temp("grad", batch * reference.elements);
  const columns = reference.elements;
  const divergence = {
    op: "klDivergence",
    logits: lowered.buffers.get(logits) as string,
    reference: referenceBuffer,
    grad,
    losses,
    lossesAt: 0,
    rows: batch,
    columns,
  } as const;
  const unit = buffers.get(output) as string;
  const { steps, gradients } = differentiate(builder, [...lowered.steps, divergence], new Set([unit]));
  builder.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);
  const dz = gradients.get(unit) as string;
  const size = batch * bank.elements;
  const squares = builder.temp("squares", size);
  const ring = builder.host("ring", iterations);
  builder.step(damped ? { op: "dampedSquare", x: dz, out: squares, size } : { op: "square", x: dz, out: squares, losses, lossesAt: 0, size });
  builder.step({ op: "record", losses, at: 0, count: LOSS_PARTS, ring, columns: 1, column: 0 });
  builder.step({ op: "scatter", bank: builder.bank("weights", bank.elements), indices, x: squares, batch, elements: bank.elements });
  const executable = await device.compile(builder.build(), bound);
  try {
    for (const [name, values] of lowered.parameters) executable.write(name, values);
    executable.write(
      "indices",
      Int32Array.from({ length: batch * iterations }, (_, i) => first + i),
    );
    await executable.run({ from: 0, to: iterations });
    return (await executable.read("ring")).reduce((sum, value) => sum + value, 0);
  } finally {
    executable.dispose();
  }
}
