/** The blocks whose reconstruction is timed: shapes of real networks, with seeded weights, images and batches. */
import { Random } from "../src/base/random";
import type { Device, Executable } from "../src/engine/device";
import { GraphBuilder } from "../src/graph/builder";
import { layersOf, shapeOf } from "../src/graph/queries";
import { type Graph, type Layer, sizeOf, type Tensor } from "../src/graph/types";
import { shapeRule } from "../src/operators";
import type { Segment } from "../src/passes/partition";
import type { QParams } from "../src/quantize/quantizer";
import { rangeQParams } from "../src/quantize/scale";
import { type Annealing, PUBLISHED_ANNEALING } from "../src/quantize/settings";
import { compileUnit, drawBatches } from "../src/quantize/training/reconstruct";
import type { Timed } from "./compare";

export interface Work {
  readonly name: string;
  /** Multiply-accumulates of one training iteration: forward, kernel gradients, inner input gradients. */
  readonly macs: number;
  readonly channels: number;
  readonly size: number;
  readonly kind: "basic" | "inverted";
  readonly images: number;
}

export const BATCH = 32;
export const BITS = 2;
const SEED = 0;

/** The regularizer is on from the first iteration: every timed iteration does all the work. */
const ANNEALING: Annealing = { ...PUBLISHED_ANNEALING, warmup: 0 };

/** The schedule of every side that runs in this process. */
export const SCHEDULE: { learningRate: number; regularizer: number; annealing: Annealing } = {
  learningRate: 1e-3,
  regularizer: 0.01,
  annealing: ANNEALING,
};

/** Iterations that the tables are made for; a longer run begins again. */
export const ITERATIONS = 4096;

export function work(name: string, kind: Work["kind"], channels: number, size: number, images: number): Work {
  const plane = size * size * BATCH;
  const basic = 9 * channels * channels * plane;
  const inner = 6 * channels;
  // Basic: two forward, one input gradient, two kernel gradients. Inverted: 1x1, depthwise, 1x1 likewise.
  const macs = kind === "basic" ? 5 * basic : plane * inner * (2 * channels + 3 * channels + 3 * 9);
  return { name, macs, channels, size, kind, images };
}

export const WORKS: readonly Work[] = [
  work("ResNet-20 block 16x32x32", "basic", 16, 32, 128),
  work("ResNet-20 block 32x16x16", "basic", 32, 16, 128),
  work("ResNet-20 block 64x8x8", "basic", 64, 8, 128),
  work("MobileNetV2 inverted residual 96x14x14", "inverted", 96, 14, 64),
  work("ResNet-18 block 64x56x56", "basic", 64, 56, 64),
];

/** A seeded kernel, HWIO, that keeps the size of what passes through it. */
export function kernelOf(shape: number[], seed: number): Tensor {
  const random = new Random(seed, "bench");
  const fan = sizeOf(shape) / (shape.at(-1) as number);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.between(-1, 1) * Math.sqrt(3 / fan)) };
}

/** A builder with the two operations that every network here is made of; each returns its output's name. */
export interface NetworkBuilder {
  readonly builder: GraphBuilder;
  conv(name: string, from: string, k: number, kernel: number, options?: { stride?: number; groups?: number; bias?: Tensor }): string;
  relu(name: string, from: string, high?: number): string;
}

export function networkBuilder(name: string, input: number[]): NetworkBuilder {
  const builder = new GraphBuilder(name, "input", input, shapeRule);
  const conv: NetworkBuilder["conv"] = (label, from, k, kernel, { stride = 1, groups = 1, bias } = {}) => {
    const c = builder.shape(from)[2] as number;
    const half = (kernel - 1) / 2;
    const operation = {
      op: "conv2d",
      strides: [stride, stride],
      dilations: [1, 1],
      pads: [half, half, half, half],
      groups,
      kernel: kernelOf([kernel, kernel, c / groups, k], k + kernel),
      bias: bias ?? null,
    } as const;
    return builder.add(label, operation, [from]);
  };
  const relu: NetworkBuilder["relu"] = (label, from, high = Number.POSITIVE_INFINITY) => builder.add(label, { op: "clamp", low: 0, high }, [from]);
  return { builder, conv, relu };
}

function graphOf({ kind, channels, size }: Work): Graph {
  const { builder, conv, relu } = networkBuilder("bench", [size, size, channels]);
  if (kind === "basic") {
    const first = relu("relu1", conv("conv1", "input", channels, 3));
    return builder.build([relu("relu2", builder.add("add", { op: "add" }, [conv("conv2", first, channels, 3), "input"]))]);
  }
  const expanded = relu("relu1", conv("expand", "input", 6 * channels, 1), 6);
  const depthwise = relu("relu2", conv("depthwise", expanded, 6 * channels, 3, { groups: 6 * channels }), 6);
  return builder.build([builder.add("add", { op: "add" }, [conv("project", depthwise, channels, 1), "input"])]);
}

/** A work with its numbers: every side that runs in this process gets the same. */
export interface Problem {
  readonly graph: Graph;
  readonly layerQParams: ReadonlyMap<Layer, QParams>;
  /** [images, size * size * channels], NHWC. */
  readonly input: Float32Array;
  readonly target: Float32Array;
  /** [ITERATIONS, BATCH] */
  readonly indices: Int32Array;
}

export function problemOf(item: Work): Problem {
  const graph = graphOf(item);
  const words = item.images * sizeOf(shapeOf(graph, graph.input));
  const random = new Random(1, "images");
  const fill = () => Float32Array.from({ length: words }, () => random.uniform());
  const qparams = (layer: Layer) => rangeQParams(layer.operation.kernel.data, layer.operation.kernel.shape.at(-1) as number, BITS, "max");
  return {
    graph,
    layerQParams: new Map(layersOf(graph).map((layer) => [layer, qparams(layer)])),
    input: fill(),
    target: fill(),
    indices: drawBatches(new Random(SEED, `batches/${item.name}`), item.images, BATCH, ITERATIONS),
  };
}

/** The training program of a work on one of our devices, ready to run. */
export async function prepare(device: Device, item: Work, problem: Problem = problemOf(item)): Promise<Executable> {
  const { graph, layerQParams } = problem;
  const elements = sizeOf(shapeOf(graph, graph.input));
  const unit: Segment = {
    name: item.name,
    nodes: graph.nodes,
    layers: [...layerQParams.keys()],
    inputs: [graph.input],
    outputs: [graph.output],
    output: graph.output,
  };
  const [input, target] = [device.createTensor(item.images, elements), device.createTensor(item.images, elements)];
  input.write(0, problem.input);
  target.write(0, problem.target);
  const { executable } = await compileUnit({
    device,
    graph,
    unit,
    layers: layerQParams,
    kernels: new Map(),
    inputs: new Map([[graph.input, input]]),
    target,
    weights: null,
    error: "squared",
    schedule: { iterations: ITERATIONS, ...SCHEDULE },
    batch: BATCH,
    seed: SEED,
  });
  const dispose = executable.dispose.bind(executable);
  executable.dispose = () => {
    dispose();
    input.dispose();
    target.dispose();
  };
  return executable;
}

/** Times an executable's iterations one after the other; the tables begin again at their end. */
export function timed(executable: Executable): Timed {
  let next = 0;
  return {
    async time(iterations) {
      if (next + iterations > ITERATIONS) next = 0;
      const start = performance.now();
      await executable.run({ from: next, to: next + iterations });
      next += iterations;
      return (performance.now() - start) / iterations;
    },
    dispose: () => executable.dispose(),
  };
}
