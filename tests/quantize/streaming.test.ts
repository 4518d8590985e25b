/** Reconstruction with its caches on the host is reconstruction with them on the device, bit for bit, on every device. */
import { expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { HostTensor } from "../../src/engine/host-tensor";
import type { Graph } from "../../src/graph/types";
import { METHODS } from "../../src/quantize/methods";
import { type MethodOptions, type QuantizedNetwork, SILENT } from "../../src/quantize/methods/method";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { DEVICES } from "../support/devices";
import { randoms } from "../support/numbers";
import { residualNetwork } from "../support/residual";

/** A device that keeps every tensor on the host. */
function hosted(device: Device): Device {
  return {
    info: device.info,
    memory: device.memory,
    createTensor: (count, elements, { storage = "f32" } = {}) => new HostTensor(count, elements, storage),
    footprint: (program) => device.footprint(program),
    openScaleSearch: () => device.openScaleSearch(),
    compile: (program, tensors) => device.compile(program, tensors),
    dispose: () => device.dispose(),
  };
}

const ACTIVATIONS = { bits: 4, scale: "max", lastInputBits: 8, learn: true, iterations: 4, learningRate: 1e-3 } as const;

async function quantized(device: Device, graph: Graph, method: "brecq" | "qdrop"): Promise<QuantizedNetwork> {
  const images = device.createTensor(11, 256);
  images.write(0, randoms(11 * 256, 5));
  const weights = { bits: 2, scale: "max" } as const;
  const layerQParams = await weightQParams(device, graph, weights);
  const training = { iterations: 5, learningRate: 0.1, regularizer: 0.01, batch: 4, seed: 3, cache: "f32", inputs: "quantized" } as const;
  const options: MethodOptions = {
    device,
    graph,
    images,
    weights,
    layerQParams,
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
    const graph = residualNetwork();
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
