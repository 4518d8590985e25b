/** Every method leaves the quantization parameters that its kernels were made with: integers come back from them exactly. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatasetTensor, Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { codesOf, dequantize, layerCodes } from "../../src/export/codes";
import { layersOf } from "../../src/graph/queries";
import type { Layer } from "../../src/graph/types";
import { forward } from "../../src/network/forward";
import { partition, type Segment } from "../../src/passes/partition";
import { METHOD_NAMES } from "../../src/quantize/methods/catalog";
import { type MethodObserver, SILENT } from "../../src/quantize/methods/method";
import type { QParams } from "../../src/quantize/quantizer";
import { reconstruct } from "../../src/quantize/training/reconstruct";
import { UnitCache } from "../../src/quantize/unit-cache";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { webGpuInNode } from "../support/devices";
import { randoms } from "../support/numbers";
import { quantized } from "../support/quantized";
import { residualNetwork } from "../support/residual";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

/** Bits by layer, in order. */
const widths = (network: Parameters<typeof layerCodes>[0]) => layerCodes(network).map(({ codes }) => codes?.bits);

describe("the integers of every layer", () => {
  for (const method of METHOD_NAMES)
    for (const [bits, granularity, symmetric] of [
      [2, "channel", true],
      [3, "tensor", false],
      [4, "channel", false],
    ] as const)
      test(`${method}, W${bits} per ${granularity}${symmetric ? ", symmetric" : ""}`, async () => {
        const network = await quantized(device, "shapes-mobilenet-bn", { method, weights: { bits, granularity, symmetric } });
        const layers = layersOf(network.graph);
        expect([...network.weights.keys()].sort()).toEqual(layers.map(({ name }) => name).sort());
        for (const { layer, codes } of layerCodes(network)) {
          if (!codes) throw new Error(`${layer.name} is not quantized`);
          const kernel = network.kernels.get(layer.name) as Float32Array;
          expect(dequantize(codes).every((w, i) => Math.abs(w - (kernel[i] as number)) <= 2 ** -23 * Math.abs(w))).toBe(true);
        }
        expect(widths(network)).toEqual(layers.map((_, i) => (i === 0 || i === layers.length - 1 ? 8 : bits)));
      });

  test("with every layer at the common width, the first one reconstructed too, and with mixed widths", async () => {
    const common = await quantized(device, "shapes-mobilenet", { method: "brecq", weights: { bits: 3, firstLastBits: null } });
    expect(new Set(widths(common))).toEqual(new Set([3]));
    const names = layersOf(common.graph).map(({ name }) => name);
    const assignment = { [names[1] as string]: 5, [names[2] as string]: 7 };
    const mixed = await quantized(device, "shapes-mobilenet", { method: "adaround", weights: { bits: 2, assignment } });
    expect(widths(mixed).slice(0, 4)).toEqual([8, 5, 7, 2]);
  });

  test("AdaQuant's and Bit-Split's scales are those that they ended with", async () => {
    for (const method of ["adaquant", "bitsplit"] as const) {
      const network = await quantized(device, "shapes-mobilenet", { method, weights: { bits: 4 } });
      const nearest = await quantized(device, "shapes-mobilenet", { method: "nearest", weights: { bits: 4 } });
      const inner = layersOf(network.graph)[3]?.name as string;
      expect(network.weights.get(inner)?.scale).not.toEqual(nearest.weights.get(inner)?.scale);
    }
  });

  test("units from the cache bring theirs", async () => {
    const unitCache = { cache: new UnitCache(), identity: "same" };
    let reused = 0;
    const observer: MethodObserver = {
      ...SILENT,
      unitDone(_unit, outcome) {
        reused += outcome.reused ? 1 : 0;
      },
    };
    const change = { method: "brecq", weights: { bits: 2 }, unitCache, observer } as const;
    const [first, again] = [await quantized(device, "shapes-mobilenet", change), await quantized(device, "shapes-mobilenet", change)];
    expect(reused).toBeGreaterThan(3);
    expect(again.weights).toEqual(first.weights);
    expect(layerCodes(again)).toEqual(layerCodes(first));
  });
});

test("trained scales come back from WebGPU too", async () => {
  const webgpu = await webGpuInNode();
  try {
    const graph = residualNetwork();
    const unit = partition(graph, "layer").find(({ layers }) => layers.length > 0) as Segment;
    const layer = unit.layers[0] as Layer;
    const images = webgpu.createTensor(8, 256);
    images.write(0, randoms(8 * 256, 5));
    const inputs = new Map([[unit.inputs[0] as string, images]]);
    const made = await forward({ device: webgpu, graph, nodes: unit.nodes, inputs, outputs: [unit.output], kernels: new Map() });
    const qparams = (await weightQParams(webgpu, graph, { bits: 3, scale: "max", firstLastBits: null })).get(layer) as QParams;
    const { kernels, weights } = await reconstruct({
      ...{ device: webgpu, graph, unit, layers: new Map([[layer, qparams]]), parameters: "straightThrough", kernels: new Map(), inputs },
      ...{ target: made.get(unit.output) as DatasetTensor, weights: null, error: "squared", batch: 4, seed: 3 },
      schedule: { iterations: 4, learningRate: 0.5, regularizer: 0 },
    });
    expect(weights.get(layer.name)?.scale).not.toEqual(qparams.scale);
    expect(codesOf(layer, { kernels: new Map(kernels), weights: new Map(weights) })?.bits).toBe(3);
  } finally {
    webgpu.dispose();
  }
});

test("a kernel that its quantization parameters do not give is an error", async () => {
  const network = await quantized(device, "shapes-mobilenet", { method: "nearest", weights: { bits: 4 } });
  const layer = layersOf(network.graph)[2];
  if (!layer) throw new Error("no layer");
  const kernel = network.kernels.get(layer.name) as Float32Array;
  const [scale] = network.weights.get(layer.name)?.scale ?? [];
  kernel[0] = (kernel[0] as number) + 0.25 * (scale as number);
  expect(() => codesOf(layer, network)).toThrow(/is no level of its quantizer/);
  network.weights.delete(layer.name);
  expect(() => codesOf(layer, network)).toThrow(/without its quantization parameters/);
});
