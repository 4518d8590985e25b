/**
 * The Fisher weights of a unit's output (BRECQ, section 3.3): the squared gradient of the task loss with
 * respect to that output, image by image.
 *
 * The task loss needs no labels: it is the KL divergence between the full-precision network's softmax and
 * that of the network quantized up to this unit, whose own weights start at full precision within the quantized range.
 * From the unit on the network is at full precision, so only its tail is run, forward and backward.
 */
import { differentiate } from "../engine/autodiff";
import type { DatasetTensor, Device } from "../engine/device";
import { type Program, ProgramBuilder } from "../engine/program";
import { LOSS_PARTS } from "../engine/steps";
import { producersOf, shapeOf } from "../graph/queries";
import { type Graph, type Node, sizeOf, type ValueId } from "../graph/types";
import { type Lowered, lowerNodes } from "./lower";
import type { Kernels } from "./quantized";

export type FisherWeight = "square" | "dampedSquare" | "damped" | "gradient";

export interface FisherOptions {
  readonly device: Device;
  readonly graph: Graph;
  /** The nodes that follow the unit. */
  readonly tail: readonly Node[];
  /** The unit's output, and whatever else the tail reads. */
  readonly inputs: ReadonlyMap<ValueId, DatasetTensor>;
  readonly output: ValueId;
  /** The full-precision network's logits; or, with `given`, the gradient of each image's task loss to the logits. */
  readonly reference: DatasetTensor;
  readonly given?: boolean;
  readonly kernels: Kernels;
  /** The paper's g^2, or as the release has it (|g| + 1)^2 or, for its full error, |g| + 1; or g itself. */
  readonly weight: FisherWeight;
}

export interface FisherWeights {
  readonly tensor: DatasetTensor;
  /** What to multiply the weights by so that their mean is 1 (1 where damped). */
  readonly scale: number;
}

/**
 * The batch over which the divergence is averaged, the release's. It is the divisor of a smaller last batch too, so that an
 * image's weight does not depend on how many images stand beside it.
 */
export const FISHER_BATCH = 32;

/** The value that holds the class scores before a softmax that ends the network. */
export function logitsOf(graph: Graph): ValueId {
  const last = producersOf(graph.nodes).get(graph.output);
  return last?.operation.op === "softmax" ? (last.inputs[0] as ValueId) : graph.output;
}

export async function fisherWeights(options: FisherOptions): Promise<FisherWeights> {
  const { device, graph, output, reference } = options;
  const elements = sizeOf(shapeOf(graph, output));
  const tensor = device.createTensor(reference.count, elements);
  const whole = Math.floor(reference.count / FISHER_BATCH);
  let sum = whole > 0 ? await fisherBatches(options, tensor, FISHER_BATCH, 0, whole) : 0;
  const rest = reference.count % FISHER_BATCH;
  if (rest > 0) sum += await fisherBatches(options, tensor, rest, whole * FISHER_BATCH, 1);
  const mean = sum / (reference.count * elements);
  return { tensor, scale: options.weight !== "square" || mean === 0 ? 1 : 1 / mean };
}

/** What a program of Fisher gradients needs to know. */
export type FisherPart = Pick<FisherOptions, "graph" | "tail" | "output" | "kernels" | "weight" | "given"> & { readonly inputs: readonly ValueId[] };

/** Gradients for `iterations` batches: a Program with tensors `in:VALUE`, `reference` and `weights`. */
export function fisherProgram(part: FisherPart, batch: number, iterations: number): { program: Program; parameters: Lowered["parameters"] } {
  const { graph, tail, output, kernels, weight } = part;
  const builder = new ProgramBuilder();
  const indices = builder.host("indices", batch * iterations, "i32");
  const elementsOf = (value: ValueId) => sizeOf(shapeOf(graph, value));
  const gather = (tensor: string, elements: number) => {
    const out = builder.temp(tensor, batch * elements);
    builder.step({ op: "gather", tensor: builder.tensor(tensor, elements), indices, out, batch, elements });
    return out;
  };
  const inputs = new Map(part.inputs.map((value) => [value, gather(`in:${value}`, elementsOf(value))]));
  const logits = logitsOf(graph);
  const columns = elementsOf(logits);
  const reference = gather("reference", columns);
  const start = builder.steps.length;
  const needed = tail.filter((node) => node.operation.op !== "softmax" || node.output !== graph.output);
  const lowered = lowerNodes({ builder, graph, nodes: needed, batch, inputs, keep: [logits], kernels });
  const losses = builder.host("losses", LOSS_PARTS);
  const scores = lowered.buffers.get(logits) as string;
  const loss = { op: "klDivergence", losses, lossesAt: 0, rows: batch, columns, images: FISHER_BATCH } as const;
  const unit = inputs.get(output) as string;
  const { steps, gradients } = part.given
    ? differentiate(builder, lowered.steps, new Set([unit]), new Map([[scores, reference]]))
    : differentiate(
        builder,
        [...lowered.steps, { ...loss, logits: scores, reference, grad: builder.temp("grad", batch * columns) }],
        new Set([unit]),
      );
  builder.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);
  const dz = gradients.get(unit) as string;
  const elements = elementsOf(output);
  const size = batch * elements;
  const squares = weight === "gradient" ? dz : builder.temp("squares", size);
  const ring = builder.host("ring", iterations);
  if (weight === "square") builder.step({ op: "square", x: dz, out: squares, losses, lossesAt: 0, size });
  else if (weight !== "gradient") builder.step({ op: "damped", x: dz, out: squares, power: weight === "dampedSquare" ? 2 : 1, size });
  builder.step({ op: "record", losses, ranges: [{ at: 0, count: LOSS_PARTS }], ring });
  builder.step({ op: "scatter", tensor: builder.tensor("weights", elements), indices, x: squares, batch, elements });
  return { program: builder.build(), parameters: lowered.parameters };
}

/** Fills the tensor for `iterations` batches and returns the sum of the squared gradients. */
async function fisherBatches(options: FisherOptions, tensor: DatasetTensor, batch: number, first: number, iterations: number): Promise<number> {
  const { program, parameters } = fisherProgram({ ...options, inputs: [...options.inputs.keys()] }, batch, iterations);
  const bound = new Map<string, DatasetTensor>([
    ["reference", options.reference],
    ["weights", tensor],
  ]);
  for (const [value, source] of options.inputs) bound.set(`in:${value}`, source);
  const executable = await options.device.compile(program, bound);
  try {
    for (const [name, values] of parameters) executable.write(name, values);
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
