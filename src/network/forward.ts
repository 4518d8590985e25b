/**
 * Runs part of a network over a whole data set, from tensors to tensors: one compiled program gathers a batch,
 * computes it, and scatters what is asked for, for as many iterations as there are batches. Nothing
 * returns to JavaScript in between.
 */
import type { DatasetTensor, Device } from "../engine/device";
import { type Program, ProgramBuilder } from "../engine/program";
import type { Storage } from "../engine/storage";
import { shapeOf } from "../graph/queries";
import { type Graph, type Node, sizeOf, type ValueId } from "../graph/types";
import { type Lowered, lowerNodes } from "./lower";
import type { Overrides } from "./quantized";

export type DatasetTensors = Map<ValueId, DatasetTensor>;

export interface ForwardOptions extends Overrides {
  readonly device: Device;
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly inputs: ReadonlyMap<ValueId, DatasetTensor>;
  readonly outputs: readonly ValueId[];
  /** How the outputs' tensors store their numbers; f32 by default. */
  readonly storage?: Storage;
  /** Where these are kept; by default on the device if they fit. */
  readonly place?: "device" | "host";
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** Words of activations that one batch of a forward pass may hold. */
const BATCH_WORDS = 16 * 2 ** 20;

/** The batch for a forward pass over `nodes`: as large as its activations stay moderate. */
export function forwardBatch(graph: Graph, nodes: readonly Node[], count: number): number {
  const largest = Math.max(...nodes.map((node) => sizeOf(shapeOf(graph, node.output))));
  return Math.max(1, Math.min(count, 64, Math.floor(BATCH_WORDS / (4 * largest))));
}

function countOf({ inputs }: ForwardOptions): number {
  return Math.min(...[...inputs.values()].map((tensor) => tensor.count));
}

/** New tensors with the values `outputs` for every image. */
export async function forward(options: ForwardOptions): Promise<DatasetTensors> {
  const { device, graph, nodes, outputs, storage = "f32", place } = options;
  const count = countOf(options);
  const own = place ? { storage, place } : { storage };
  const tensors: DatasetTensors = new Map(outputs.map((value) => [value, device.createTensor(count, sizeOf(shapeOf(graph, value)), own)]));
  const batch = forwardBatch(graph, nodes, count);
  const whole = Math.floor(count / batch);
  try {
    await forwardBatches(options, tensors, batch, 0, whole);
    if (count % batch > 0) await forwardBatches(options, tensors, count % batch, whole * batch, 1);
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose();
    throw error;
  }
  return tensors;
}

/** The values that a part of a network reads and makes. */
export type Part = Pick<ForwardOptions, "graph" | "nodes" | "outputs" | keyof Overrides> & { readonly inputs: readonly ValueId[] };

/** The pass over `iterations` batches: a Program with tensors `in:VALUE` and `out:VALUE`, and its parameters. */
export function forwardProgram(part: Part, batch: number, iterations: number): { program: Program; parameters: Lowered["parameters"] } {
  const { graph, outputs } = part;
  const builder = new ProgramBuilder();
  const indices = builder.host("indices", batch * iterations, "i32");
  const elementsOf = (value: ValueId) => sizeOf(shapeOf(graph, value));
  const inputs = new Map<ValueId, string>();
  for (const value of part.inputs) {
    const elements = elementsOf(value);
    const out = builder.temp(value, batch * elements);
    builder.step({ op: "gather", tensor: builder.tensor(`in:${value}`, elements), indices, out, batch, elements });
    inputs.set(value, out);
  }
  const lowered = lowerNodes({ ...part, builder, batch, inputs, keep: outputs });
  builder.steps.push(...lowered.steps);
  for (const value of outputs) {
    const x = lowered.buffers.get(value) as string;
    const elements = elementsOf(value);
    builder.step({ op: "scatter", tensor: builder.tensor(`out:${value}`, elements), indices, x, batch, elements });
  }
  return { program: builder.build(), parameters: lowered.parameters };
}

async function forwardBatches(options: ForwardOptions, tensors: DatasetTensors, batch: number, first: number, iterations: number): Promise<void> {
  const { program, parameters } = forwardProgram({ ...options, inputs: [...options.inputs.keys()] }, batch, iterations);
  const bound = new Map<string, DatasetTensor>();
  for (const [value, tensor] of options.inputs) bound.set(`in:${value}`, tensor);
  for (const [value, tensor] of tensors) bound.set(`out:${value}`, tensor);
  const executable = await options.device.compile(program, bound);
  try {
    for (const [name, values] of parameters) executable.write(name, values);
    executable.write(
      "indices",
      Int32Array.from({ length: batch * iterations }, (_, i) => first + i),
    );
    await executable.run({
      from: 0,
      to: iterations,
      onProgress: (done) => options.onProgress?.((first + done * batch) / countOf(options)),
    });
  } finally {
    executable.dispose();
  }
}
