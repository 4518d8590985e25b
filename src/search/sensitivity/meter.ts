/**
 * What an error of a block's output costs the network, to second order: half of dz^T F dz, mean over images, with the
 * Fisher information F = E[g g^T] of the output (BRECQ, equation 7, before its approximation by the diagonal). With
 * probes g (curvature.ts) that is half the mean of (g . dz)^2: errors of neighbouring positions and of channels that add
 * up or cancel are seen to do so, which the diagonal, meant for training, does not see. After a pooled last block the two
 * differ many times over.
 */
import { largestDivisor } from "../../base/divisor";
import type { DatasetTensor, Device } from "../../engine/device";
import { shapeOf } from "../../graph/queries";
import { type Graph, sizeOf } from "../../graph/types";
import { type DatasetTensors, forwardBatch, forwardProgram } from "../../network/forward";
import type { Quantizers } from "../../network/quantized";
import type { Segment } from "../../passes/partition";

export interface MeterOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly block: Segment;
  /** What the block reads, at full precision or rounded. */
  readonly inputs: DatasetTensors;
  /** Its output at full precision. [images, elements] */
  readonly target: Float32Array;
  /** Gradients of each probe to the output. [images, elements] each */
  readonly gradients: readonly Float32Array[];
  /** Of values that the block makes. */
  readonly quantizers?: Quantizers;
}

export interface Meter {
  /** Nats of divergence an image. @param kernels by layer name; others stay as they are */
  error(kernels: ReadonlyMap<string, Float32Array>): Promise<number>;
  dispose(): void;
}

/** One compiled pass over the block, asked many times. */
export async function blockMeter({ device, graph, block, inputs, target, gradients, quantizers }: MeterOptions): Promise<Meter> {
  const elements = sizeOf(shapeOf(graph, block.output));
  const images = target.length / elements;
  const most = forwardBatch(graph, block.nodes, images);
  const batch = largestDivisor(images, most);
  const replaced = { kernels: new Map(), ...(quantizers ? { quantizers } : {}) };
  const part = { graph, nodes: block.nodes, inputs: block.inputs, outputs: [block.output], ...replaced };
  const { program, parameters } = forwardProgram(part, batch, images / batch);
  const output = device.createTensor(images, elements);
  const tensors = new Map<string, DatasetTensor>([[`out:${block.output}`, output]]);
  for (const value of block.inputs) tensors.set(`in:${value}`, inputs.get(value) as DatasetTensor);
  const executable = await device.compile(program, tensors);
  for (const [name, values] of parameters) executable.write(name, values);
  executable.write(
    "indices",
    Int32Array.from({ length: images }, (_, i) => i),
  );
  return {
    async error(kernels) {
      for (const [name, kernel] of kernels) executable.write(`${name}.kernel`, kernel);
      await executable.run({ from: 0, to: images / batch });
      for (const name of kernels.keys()) executable.write(`${name}.kernel`, parameters.get(`${name}.kernel`) as Float32Array);
      return quadratic(await output.read(0, images), target, gradients, elements);
    },
    dispose() {
      executable.dispose();
      output.dispose();
    },
  };
}

/** Half the mean over images and probes of (gradient . (made - target))^2. */
function quadratic(made: Float32Array, target: Float32Array, gradients: readonly Float32Array[], elements: number): number {
  let sum = 0;
  for (const gradient of gradients)
    for (let from = 0; from < made.length; from += elements) {
      let dot = 0;
      for (let i = from; i < from + elements; i++) dot += (gradient[i] as number) * ((made[i] as number) - (target[i] as number));
      sum += dot * dot;
    }
  return (elements * sum) / (2 * gradients.length * made.length);
}
