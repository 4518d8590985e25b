/** Reconstruction with its caches on the host is reconstruction with them on the device, bit for bit, on every device. */
import { expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { HostBank } from "../../src/engine/host-bank";
import { GraphBuilder } from "../../src/graph/builder";
import type { Graph } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { brecq, weightGrids } from "../../src/quantize/brecq";
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

async function reconstructed(device: Device, graph: Graph): Promise<Map<string, Float32Array>> {
  const images = device.createBank(11, 256);
  images.write(0, randoms(11 * 256, 5));
  const observer = { unitStarted() {}, losses() {}, unitDone() {} };
  const grids = await weightGrids(graph, 2, "max");
  const options = { device, graph, images, grids, unit: "block", loss: "fisher_diag", asym: true, cache: "f32", observer } as const;
  const kernels = await brecq({ ...options, iterations: 5, learningRate: 0.1, regularizer: 0.01, batch: 4, seed: 3 });
  images.dispose();
  return kernels;
}

test.each(DEVICES)("on $name", async ({ open }) => {
  const device = await open();
  const graph = network();
  const before = device.memory.used;
  const resident = await reconstructed(device, graph);
  const streamed = await reconstructed(hosted(device), graph);
  expect(resident.size).toBe(6);
  expect([...streamed]).toEqual([...resident]);
  expect(device.memory.used).toBe(before);
  device.dispose();
});
