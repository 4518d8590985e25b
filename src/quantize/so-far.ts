/**
 * A network quantized so far, walked once from input to output over a few images: at each unit how much noise its output carries, and
 * what the network would answer if it went on from there. Two streams of activations, at full precision and quantized, go along, so that
 * what lies before a unit is computed once for all that are asked of it.
 */
import type { DatasetTensor, Device } from "../engine/device";
import { totalMacs } from "../graph/macs";
import { shapeOf } from "../graph/queries";
import { type Graph, isLayer, sizeOf } from "../graph/types";
import { argmax, type Scores } from "../network/evaluate";
import { forward } from "../network/forward";
import type { Overrides } from "../network/quantized";
import type { Segment } from "../passes/partition";
import { Streams } from "./streams";

export interface SoFarOptions {
  readonly device: Device;
  readonly graph: Graph;
  /** That cover the graph, in order. */
  readonly segments: readonly Segment[];
  /** The images, [count, height * width * channels]; they stay the caller's. */
  readonly images: DatasetTensor;
  /** How many of them, from the first, noise is measured on; all by default. */
  readonly measured?: number;
  /** Where activations are kept; by default on the device if they fit. */
  readonly place?: "device" | "host";
  /** Called all the while; may stop the walk by throwing. */
  breathe(): void | Promise<void>;
}

/** What stands in a network for its own; of a quantized network just that. */
export type Parts = Required<Overrides>;

/** Numbers of a unit's output on which noise is measured at most, in whole images from the first. */
const NOISE_NUMBERS = 2 ** 22;

export class SoFarWalk {
  private readonly streams: Streams;
  private next = 0;

  constructor(private readonly options: SoFarOptions) {
    this.streams = new Streams(options.graph, options.segments, options.images);
  }

  /**
   * Goes on to the end of a segment.
   * @param parts what stands in the quantized network for that segment and those since the last one
   * @returns the noise at its output: the error's power over the signal's
   */
  async advance(index: number, { kernels, biases, quantizers }: Parts): Promise<number> {
    const { device, graph, segments, place, breathe } = this.options;
    let noise = 0;
    for (; this.next <= index; this.next++) {
      const segment = segments[this.next] as Segment;
      const { nodes, inputs, outputs } = segment;
      const part = { device, graph, nodes, outputs, onProgress: breathe, ...(place ? { place } : {}) };
      const full = await forward({ ...part, inputs: this.streams.pick("full", inputs), kernels: new Map() });
      for (const [value, tensor] of full) this.streams.full.set(value, tensor);
      const quantized = await forward({ ...part, inputs: this.streams.pick("quantized", inputs), kernels, biases, quantizers });
      for (const [value, tensor] of quantized) this.streams.quantized.set(value, tensor);
      if (this.next === index) noise = await this.noiseOf(segment);
      for (const stream of ["full", "quantized"] as const) this.streams.release(stream, this.next, [graph.output]);
      await breathe();
    }
    return noise;
  }

  /** What the network answers that is quantized up to here. @param parts of what follows; none of them is full precision */
  async answer({ kernels, biases, quantizers }: Parts): Promise<Pick<Scores, "predictions" | "classes" | "positions">> {
    const { device, graph, segments, breathe } = this.options;
    const shape = shapeOf(graph, graph.output);
    const classes = shape.at(-1) as number;
    const nodes = segments.slice(this.next).flatMap((segment) => segment.nodes);
    const here = this.streams.quantized.get(graph.output);
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    const inputs = new Map([...this.streams.quantized].filter(([value]) => read.has(value)));
    const part = { device, graph, nodes, inputs, outputs: [graph.output], onProgress: breathe };
    const made = here ? null : await forward({ ...part, kernels, biases, quantizers });
    const tensor = here ?? (made?.get(graph.output) as DatasetTensor);
    try {
      const predictions = argmax(await tensor.read(0, tensor.count), classes);
      return { predictions, classes, positions: sizeOf(shape) / classes };
    } finally {
      for (const one of made?.values() ?? []) one.dispose();
    }
  }

  dispose(): void {
    this.streams.dispose();
  }

  private async noiseOf({ output }: Segment): Promise<number> {
    const [full] = this.streams.pick("full", [output]).values();
    const [quantized] = this.streams.pick("quantized", [output]).values();
    if (!full || !quantized) throw new Error(`Value ${output} is in no stream`);
    const count = Math.max(1, Math.min(this.options.measured ?? full.count, full.count, Math.floor(NOISE_NUMBERS / full.elements)));
    const [a, b] = [await full.read(0, count), await quantized.read(0, count)];
    let [signal, error] = [0, 0];
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      signal += x * x;
      error += (x - y) * (x - y);
    }
    return signal === 0 ? 0 : error / signal;
  }
}

/** Multiply-accumulates of one image: to walk both streams to the end, and to answer from the end of each segment. */
export function walkMacs(graph: Graph, segments: readonly Segment[]): { readonly walk: number; readonly answers: readonly number[] } {
  const total = totalMacs(graph);
  let before = 0;
  const answers = segments.map(({ nodes }) => {
    before += totalMacs(graph, nodes.filter(isLayer));
    return total - before;
  });
  return { walk: 2 * total, answers };
}
