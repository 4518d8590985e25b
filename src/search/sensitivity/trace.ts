/**
 * HAWQ-V2's sensitivity, for comparison (Dong et al. 2020, equation 8 and section 3.2): the mean of the diagonal of the
 * Hessian over a layer's weights, from its trace, times the squared distance of the rounded weights. It knows a layer
 * only by one number, sees neither the block nor interactions, and is quick: one pass forward and backward a probe.
 *
 * The trace is Hutchinson's estimate. With v v^T equal to the Hessian at the logits in expectation (network/probes) the
 * squared norm of J^T v is the trace of J^T H J in expectation, which at full precision is the whole Hessian. Probes of
 * different images are independent, so that a batch's summed gradient estimates the sum over its images.
 */
import { Random } from "../../base/random";
import { differentiate } from "../../engine/autodiff";
import type { DatasetTensor, Device } from "../../engine/device";
import { ProgramBuilder } from "../../engine/program";
import { LOSS_PARTS } from "../../engine/steps";
import { layersOf, shapeOf } from "../../graph/queries";
import { type Graph, type Layer, sizeOf } from "../../graph/types";
import { FISHER_BATCH, logitsOf, taskNodes } from "../../network/fisher";
import { lowerNodes } from "../../network/lower";
import { type QParams, quantizeNearest } from "../../quantize/quantizer";
import { drawProbes } from "./probes";

/** Words of activations and gradients that a batch may hold. */
const BATCH_WORDS = 2 ** 26;

export interface TraceOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly images: DatasetTensor;
  readonly logits: DatasetTensor;
  readonly probes: number;
  readonly seed: number;
  /** Called before each probe: may stop by throwing. */
  breathe?(): void | Promise<void>;
}

/** Trace of the Hessian of the mean divergence over images, for every layer's weights. */
export async function hessianTraces(options: TraceOptions): Promise<Map<Layer, number>> {
  const { device, graph, images, logits, probes, seed, breathe } = options;
  const layers = layersOf(graph);
  const sums = layers.map(() => 0);
  const words = graph.nodes.reduce((sum, { output }) => sum + 2 * sizeOf(shapeOf(graph, output)), 0);
  const batch = Math.max(1, Math.min(FISHER_BATCH, images.count, Math.floor(BATCH_WORDS / words)));
  const iterations = Math.floor(images.count / batch);
  const { program, parameters } = traceProgram(graph, layers, batch, iterations);
  for (let probe = 0; probe < probes; probe++) {
    await breathe?.();
    const reference = await drawProbes(device, logits, shapeOf(graph, logitsOf(graph)).at(-1) as number, new Random(seed, `trace ${probe}`));
    const executable = await device.compile(
      program,
      new Map([
        ["images", images],
        ["probes", reference],
      ]),
    );
    try {
      for (const [name, values] of parameters) executable.write(name, values);
      executable.write(
        "indices",
        Int32Array.from({ length: batch * iterations }, (_, i) => i),
      );
      await executable.run({ from: 0, to: iterations });
      for (const group of groupsOf(layers)) {
        const ring = await executable.read(`ring ${group[0]}`);
        ring.forEach((value, i) => {
          const layer = group[i % group.length] as number;
          sums[layer] = (sums[layer] as number) + value;
        });
      }
    } finally {
      executable.dispose();
      reference.dispose();
    }
  }
  return new Map(layers.map((layer, i) => [layer, (sums[i] as number) / (probes * batch * iterations)]));
}

/** Layers that one step records: a step says its sums in a row of fixed length. */
const RECORDED = 16;

/** The layers' numbers, in groups that one step records. */
function groupsOf(layers: readonly Layer[]): number[][] {
  return Array.from({ length: Math.ceil(layers.length / RECORDED) }, (_, g) =>
    Array.from({ length: Math.min(RECORDED, layers.length - g * RECORDED) }, (_unused, i) => g * RECORDED + i),
  );
}

function traceProgram(graph: Graph, layers: readonly Layer[], batch: number, iterations: number) {
  const b = new ProgramBuilder();
  const indices = b.host("indices", batch * iterations, "i32");
  const gather = (tensor: string, elements: number) => {
    const out = b.temp(tensor, batch * elements);
    b.step({ op: "gather", tensor: b.tensor(tensor, elements), indices, out, batch, elements });
    return out;
  };
  const value = logitsOf(graph);
  const input = gather("images", sizeOf(shapeOf(graph, graph.input)));
  const probe = gather("probes", sizeOf(shapeOf(graph, value)));
  const start = b.steps.length;
  const nodes = taskNodes(graph, graph.nodes);
  const lowered = lowerNodes({ builder: b, graph, nodes, batch, inputs: new Map([[graph.input, input]]), keep: [value], kernels: new Map() });
  const kernels = layers.map(({ name }) => `${name}.kernel`);
  const { steps, gradients } = differentiate(b, lowered.steps, new Set(kernels), new Map([[lowered.buffers.get(value) as string, probe]]));
  b.steps.splice(start, Number.POSITIVE_INFINITY, ...steps);
  const losses = b.host("losses", layers.length * LOSS_PARTS);
  const rangeOf = (i: number) => ({ at: i * LOSS_PARTS, count: LOSS_PARTS });
  for (const [i, layer] of layers.entries()) {
    const size = sizeOf(layer.operation.kernel.shape);
    const x = gradients.get(kernels[i] as string) as string;
    b.step({ op: "square", x, out: b.temp(`squares ${i}`, size), losses, lossesAt: i * LOSS_PARTS, size });
  }
  for (const group of groupsOf(layers)) {
    const ring = b.host(`ring ${group[0]}`, iterations * group.length);
    b.step({ op: "record", losses, ranges: group.map(rangeOf), ring });
  }
  return { program: b.build(), parameters: lowered.parameters };
}

/** The loss that a rounded layer is predicted to add. */
export function hawqLoss({ operation: { kernel } }: Layer, qparams: QParams, trace: number): number {
  const rounded = quantizeNearest(kernel.data, qparams);
  const distance = kernel.data.reduce((sum, weight, i) => sum + (weight - (rounded[i] as number)) ** 2, 0);
  return ((trace / kernel.data.length) * distance) / 2;
}
