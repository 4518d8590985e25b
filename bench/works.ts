/** The blocks whose reconstruction is timed: shapes of real networks, with seeded weights and images. */
import { Random } from "../src/base/random";
import type { Device, Executable } from "../src/engine/device";
import { GraphBuilder } from "../src/graph/builder";
import { type Graph, sizeOf, type Tensor } from "../src/graph/types";
import { layersOf, shapeOf } from "../src/graph/walk";
import { shapeRule } from "../src/operators";
import type { Segment } from "../src/passes/partition";
import { compileUnit } from "../src/quantize/reconstruct";
import { gridOf } from "../src/quantize/scale";

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

function work(name: string, kind: Work["kind"], channels: number, size: number, images: number): Work {
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

function kernelOf(shape: number[], seed: number): Tensor {
  const random = new Random(seed, "bench");
  const fan = sizeOf(shape) / (shape.at(-1) as number);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.between(-1, 1) * Math.sqrt(3 / fan)) };
}

function graphOf({ kind, channels, size }: Work): Graph {
  const builder = new GraphBuilder("bench", "input", [size, size, channels], shapeRule);
  const conv = (name: string, from: string, k: number, kernel: number, groups = 1) => {
    const c = builder.shape(from)[2] as number;
    const half = (kernel - 1) / 2;
    const pads = [half, half, half, half] as const;
    const operation = {
      op: "conv2d",
      strides: [1, 1],
      dilations: [1, 1],
      pads,
      groups,
      kernel: kernelOf([kernel, kernel, c / groups, k], k + kernel),
      bias: null,
    } as const;
    return builder.add(name, operation, [from]);
  };
  const relu = (name: string, from: string, high = Number.POSITIVE_INFINITY) => builder.add(name, { op: "clamp", low: 0, high }, [from]);
  if (kind === "basic") {
    const first = relu("relu1", conv("conv1", "input", channels, 3));
    return builder.build(relu("relu2", builder.add("add", { op: "add" }, [conv("conv2", first, channels, 3), "input"])));
  }
  const expanded = relu("relu1", conv("expand", "input", 6 * channels, 1), 6);
  const depthwise = relu("relu2", conv("depthwise", expanded, 6 * channels, 3, 6 * channels), 6);
  return builder.build(builder.add("add", { op: "add" }, [conv("project", depthwise, channels, 1), "input"]));
}

/** The training program of a work at 2 bit, ready to run on a device. */
export async function prepare(device: Device, item: Work, iterations: number): Promise<Executable> {
  const graph = graphOf(item);
  const elements = sizeOf(shapeOf(graph, graph.input));
  const layers = layersOf(graph);
  const unit: Segment = { name: item.name, nodes: graph.nodes, layers, inputs: [graph.input], outputs: [graph.output], output: graph.output };
  const random = new Random(1, "images");
  const fill = () => Float32Array.from({ length: item.images * elements }, () => random.uniform());
  const [input, target] = [device.createBank(item.images, elements), device.createBank(item.images, elements)];
  input.write(0, fill());
  target.write(0, fill());
  const { executable } = await compileUnit({
    device,
    graph,
    unit,
    layers: new Map(layers.map((layer) => [layer, gridOf(layer.operation.kernel.data, layer.operation.kernel.shape.at(-1) as number, 2, "max")])),
    kernels: new Map(),
    inputs: new Map([[graph.input, input]]),
    target,
    weights: null,
    schedule: { iterations, learningRate: 1e-3, regularizer: 0.01, warmup: 0 },
    batch: BATCH,
    seed: 0,
  });
  return {
    write: (name, data) => executable.write(name, data),
    read: (name, offset, count) => executable.read(name, offset, count),
    run: (options) => executable.run(options),
    dispose() {
      executable.dispose();
      input.dispose();
      target.dispose();
    },
  };
}
