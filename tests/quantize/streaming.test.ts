/** Reconstruction with its caches on the host is reconstruction with them on the device, bit for bit, on every device. */
import { expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { HostBank } from "../../src/engine/host-bank";
import { GraphBuilder } from "../../src/graph/builder";
import type { Graph } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { weightGrids } from "../../src/quantize/grids";
import { METHODS } from "../../src/quantize/methods";
import { type MethodOptions, type QuantizedNetwork, SILENT } from "../../src/quantize/methods/method";
import { DEVICES } from "../support/devices";
import { randoms } from "../support/numbers";

/** A stem and two residual blocks of eight channels on 8x8 images, and a classifier. */
function network(): Graph {
  const builder = new GraphBuilder("small", "input", [8, 8, 4], shapeRule);
  let seed = 1;
  const conv = (name: string, from: string) => {
    const shape = [3, 3, builder.shape(from)[2] as number, 8];
    const kernel = {
      shape,
      data: randoms(
        shape.reduce((p, q) => p * q),
        seed++,
      ).map((value) => value * 0.3),
    };
    return builder.add(name, { op: "conv2d", strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1, kernel, bias: null }, [from]);
  };
  const relu = (name: string, from: string) => builder.add(name, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [from]);
  let at = relu("stem.relu", conv("stem", "input"));
  for (const block of ["a", "b"]) {
    const inner = conv(`${block}.2`, relu(`${block}.relu1`, conv(`${block}.1`, at)));
    at = relu(`${block}.relu2`, builder.add(`${block}.add`, { op: "add" }, [inner, at]));
  }
  const pooled = builder.add("pool", { op: "globalAveragePool", keepDims: false }, [at]);
  const flat = builder.add("flatten", { op: "flatten", order: "hwc" }, [pooled]);
  const kernel = { shape: [8, 5], data: randoms(40, 99) };
  return builder.build(builder.add("classifier", { op: "linear", kernel, bias: null }, [flat]));
}

/** A device that keeps every bank on the host. */
function hosted(device: Device): Device {
  return {
    info: device.info,
    memory: device.memory,
    createBank: (count, elements, { storage = "f32" } = {}) => new HostBank(count, elements, storage),
    footprint: (program) => device.footprint(program),
    compile: (program, banks) => device.compile(program, banks),
    dispose: () => device.dispose(),
  };
}

const ACTIVATIONS = { bits: 4, scale: "max", ends: "right", learn: true, iterations: 4, learningRate: 1e-3 } as const;

async function quantized(device: Device, graph: Graph, method: "brecq" | "qdrop"): Promise<QuantizedNetwork> {
  const images = device.createBank(11, 256);
  images.write(0, randoms(11 * 256, 5));
  const weights = { bits: 2, scale: "max" } as const;
  const grids = await weightGrids(graph, weights);
  const training = { iterations: 5, learningRate: 0.1, regularizer: 0.01, batch: 4, seed: 3, cache: "f32", asym: true } as const;
  const options: MethodOptions = {
    device,
    graph,
    images,
    weights,
    grids,
    activations: ACTIVATIONS,
    unit: "block",
    loss: "fisher_diag",
    ...training,
    observer: SILENT,
  };
  const network = await METHODS[method].quantize(options);
  images.dispose();
  return network;
}

for (const method of ["brecq", "qdrop"] as const)
  test.each(DEVICES)(`${method} with quantized activations on $name`, async ({ open }) => {
    const device = await open();
    const graph = network();
    const before = device.memory.used;
    const resident = await quantized(device, graph, method);
    const streamed = await quantized(hosted(device), graph, method);
    expect(resident.kernels.size).toBe(6);
    expect(resident.quantizers.size).toBe(5);
    expect([...streamed.kernels]).toEqual([...resident.kernels]);
    expect([...streamed.quantizers]).toEqual([...resident.quantizers]);
    expect(device.memory.used).toBe(before);
    device.dispose();
  });
