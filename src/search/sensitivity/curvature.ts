/**
 * The Fisher information at a block's output (BRECQ, section 3.3) as probes carried back through what follows the block,
 * and its diagonal's profile, by channel and by position, which the page draws.
 */
import { Random } from "../../base/random";
import type { DatasetTensor, Device } from "../../engine/device";
import { shapeOf } from "../../graph/queries";
import { type Graph, type Node, sizeOf, type ValueId } from "../../graph/types";
import { fisherWeights, logitsOf } from "../../network/fisher";
import { drawProbes } from "./probes";

/** The diagonal of the Fisher information at a block's output, mean over images. */
export interface FisherProfile {
  readonly block: string;
  /** Of the output; 1 and 1 where it has no positions. */
  readonly height: number;
  readonly width: number;
  /** Sum over positions. [channels] */
  readonly channels: readonly number[];
  /** Sum over channels. [height * width] */
  readonly positions: readonly number[];
}

export interface CurvatureOptions {
  readonly device: Device;
  readonly graph: Graph;
  /** The nodes after the block. */
  readonly tail: readonly Node[];
  /** The block's output and whatever else the tail reads, at full precision. */
  readonly inputs: ReadonlyMap<ValueId, DatasetTensor>;
  readonly output: ValueId;
  /** The full-precision network's. */
  readonly logits: DatasetTensor;
  readonly probes: number;
  readonly seed: number;
  /** Called before each probe: may stop by throwing. */
  breathe?(): void | Promise<void>;
}

/** The gradients of random probes to a value: for each probe [images, elements]. */
export async function outputGradients({
  device,
  graph,
  tail,
  inputs,
  output,
  logits,
  probes,
  seed,
  breathe,
}: CurvatureOptions): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  const value = logitsOf(graph);
  const columns = shapeOf(graph, value).at(-1) as number;
  for (let probe = 0; probe < probes; probe++) {
    await breathe?.();
    const reference = await drawProbes(device, logits, columns, new Random(seed, `probe ${probe}`));
    const { tensor } = await fisherWeights({
      ...{ device, graph, tail, inputs, output },
      references: new Map([[value, reference]]),
      ...{ given: true, kernels: new Map(), weight: "gradient" },
    });
    found.push(await tensor.read(0, tensor.count));
    tensor.dispose();
    reference.dispose();
  }
  return found;
}

export function profileOf(graph: Graph, block: string, output: ValueId, gradients: readonly Float32Array[]): FisherProfile {
  const shape = shapeOf(graph, output);
  const [height, width, count] = shape.length === 3 ? (shape as [number, number, number]) : [1, sizeOf(shape.slice(0, -1)), shape.at(-1) as number];
  const channels = new Float64Array(count);
  const positions = new Float64Array(height * width);
  const share = (count * positions.length) / gradients.reduce((sum, { length }) => sum + length, 0);
  for (const values of gradients)
    for (let i = 0; i < values.length; i++) {
      const square = (values[i] as number) ** 2 * share;
      const [channel, position] = [i % count, Math.floor(i / count) % positions.length];
      channels[channel] = (channels[channel] as number) + square;
      positions[position] = (positions[position] as number) + square;
    }
  return { block, height, width, channels: [...channels], positions: [...positions] };
}
