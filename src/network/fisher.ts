/**
 * The Fisher weights of a unit's output (BRECQ, section 3.3): the squared gradient of the task loss with
 * respect to that output, image by image.
 *
 * The task loss needs no labels: it is the KL divergence between the full-precision network's softmax and
 * that of the network quantized up to this unit, whose own weights start at full precision within the quantized range; for
 * scores at every position, summed over positions. Outputs that are no scores (boxes) count by half their squared error.
 * From the unit on the network is at full precision, so only its tail is run, forward and backward.
 */
import { differentiate } from "../engine/autodiff";
import type { DatasetTensor, Device } from "../engine/device";
import { type Program, ProgramBuilder } from "../engine/program";
import { LOSS_PARTS, type Step } from "../engine/steps";
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
  /** The full-precision network's task outputs; or, with `given`, the gradient of each image's task loss to the logits. */
  readonly references: ReadonlyMap<ValueId, DatasetTensor>;
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
  return beforeSoftmax(graph, graph.output);
}

function beforeSoftmax(graph: Graph, output: ValueId): ValueId {
  const last = producersOf(graph.nodes).get(output);
  return last?.operation.op === "softmax" ? (last.inputs[0] as ValueId) : output;
}

/** A value that the task loss looks at: class scores in its last axis, or numbers of another kind. */
export interface TaskOutput {
  readonly value: ValueId;
  readonly scores: boolean;
}

/** What the task loss of a network looks at: its outputs, before a softmax that ends them. */
export function taskOutputs(graph: Graph): TaskOutput[] {
  const logits = logitsOf(graph);
  const outputs = graph.outputs.map((output) => ({ value: beforeSoftmax(graph, output), output }));
  const unique = outputs.filter(({ value }, i) => outputs.findIndex((other) => other.value === value) === i);
  return unique.map(({ value, output }) => ({ value, scores: value === logits || value !== output }));
}

/** The nodes that the task loss needs: without the softmaxes that end the network. */
export function taskNodes(graph: Graph, nodes: readonly Node[]): Node[] {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return nodes.filter(({ operation, output }) => operation.op !== "softmax" || read.has(output) || !graph.outputs.includes(output));
}

export async function fisherWeights(options: FisherOptions): Promise<FisherWeights> {
  const { device, graph, output, references } = options;
  const { count } = references.values().next().value as DatasetTensor;
  const elements = sizeOf(shapeOf(graph, output));
  const tensor = device.createTensor(count, elements);
  const whole = Math.floor(count / FISHER_BATCH);
  let sum = whole > 0 ? await fisherBatches(options, tensor, FISHER_BATCH, 0, whole) : 0;
  const rest = count % FISHER_BATCH;
  if (rest > 0) sum += await fisherBatches(options, tensor, rest, whole * FISHER_BATCH, 1);
  const mean = sum / (count * elements);
  return { tensor, scale: options.weight !== "square" || mean === 0 ? 1 : 1 / mean };
}

/** What a program of Fisher gradients needs to know. */
export type FisherPart = Pick<FisherOptions, "graph" | "tail" | "output" | "kernels" | "weight" | "given"> & { readonly inputs: readonly ValueId[] };

/** Gradients for `iterations` batches: a Program with tensors `in:VALUE`, `reference:VALUE` and `weights`. */
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
  const needed = taskNodes(graph, tail);
  const made = new Set([...part.inputs, ...needed.map((node) => node.output)]);
  const judged = taskOutputs(graph).filter(({ value }) => (part.given ? value === logitsOf(graph) : made.has(value)));
  const references = new Map(judged.map(({ value }) => [value, gather(`reference:${value}`, elementsOf(value))]));
  const start = builder.steps.length;
  const keep = judged.map(({ value }) => value);
  const lowered = lowerNodes({ builder, graph, nodes: needed, batch, inputs, keep, kernels });
  const losses = builder.host("losses", LOSS_PARTS);
  const unit = inputs.get(output) as string;
  const forward = [...lowered.steps];
  const given = new Map<string, string>();
  for (const { value, scores } of judged) {
    const found = lowered.buffers.get(value) as string;
    const reference = references.get(value) as string;
    const size = batch * elementsOf(value);
    if (part.given) given.set(found, reference);
    else if (scores) {
      const columns = shapeOf(graph, value).at(-1) as number;
      const loss = { op: "klDivergence", losses, lossesAt: 0, rows: size / columns, columns, images: FISHER_BATCH } as const;
      forward.push({ ...loss, logits: found, reference, grad: builder.temp("grad", size) });
    } else given.set(found, difference(builder, forward, found, reference, size));
  }
  const { steps, gradients } = differentiate(builder, forward, new Set([unit]), given);
  builder.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);
  const elements = elementsOf(output);
  const size = batch * elements;
  const dz = gradients.get(unit) ?? nothing(builder, size);
  const squares = weight === "gradient" ? dz : builder.temp("squares", size);
  const ring = builder.host("ring", iterations);
  if (weight === "square") builder.step({ op: "square", x: dz, out: squares, losses, lossesAt: 0, size });
  else if (weight !== "gradient") builder.step({ op: "damped", x: dz, out: squares, power: weight === "dampedSquare" ? 2 : 1, size });
  builder.step({ op: "record", losses, ranges: [{ at: 0, count: LOSS_PARTS }], ring });
  builder.step({ op: "scatter", tensor: builder.tensor("weights", elements), indices, x: squares, batch, elements });
  return { program: builder.build(), parameters: lowered.parameters };
}

/** The gradient of half the squared error of `found`, averaged over a batch: appends its steps and returns its buffer. */
function difference(builder: ProgramBuilder, steps: Step[], found: string, reference: string, size: number): string {
  const [negative, error, grad] = [builder.temp("negative", size), builder.temp("error", size), builder.temp("grad", size)];
  const scaled = { op: "contract", b: null, axes: [{ extent: size, a: 1, b: 0, out: 1 }], accumulate: false } as const;
  steps.push({ ...scaled, a: reference, out: negative, factor: -1 });
  steps.push({ op: "add", a: found, b: negative, out: error, size, clamp: null });
  steps.push({ ...scaled, a: error, out: grad, factor: 1 / FISHER_BATCH });
  return grad;
}

/** The gradient of a unit that no task output depends on. */
function nothing(builder: ProgramBuilder, size: number): string {
  const out = builder.temp("nothing", size);
  builder.step({ op: "fill", out, size, value: 0 });
  return out;
}

/** Fills the tensor for `iterations` batches and returns the sum of the squared gradients. */
async function fisherBatches(options: FisherOptions, tensor: DatasetTensor, batch: number, first: number, iterations: number): Promise<number> {
  const { program, parameters } = fisherProgram({ ...options, inputs: [...options.inputs.keys()] }, batch, iterations);
  const bound = new Map<string, DatasetTensor>([["weights", tensor]]);
  for (const [value, reference] of options.references) if (program.tensors.has(`reference:${value}`)) bound.set(`reference:${value}`, reference);
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
