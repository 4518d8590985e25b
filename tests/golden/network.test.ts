/** The folded ResNet-20: kernels, logits, and Fisher gradients, against PyTorch. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { readNumpy } from "../../src/data/numpy";
import { normalize } from "../../src/data/preprocess";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import type { Graph } from "../../src/graph/types";
import { score } from "../../src/network/evaluate";
import { FISHER_BATCH, fisherWeights } from "../../src/network/fisher";
import { forward } from "../../src/network/forward";
import { partition } from "../../src/passes/partition";
import { prepare } from "../../src/passes/prepare";
import { clampedKernel, nearestKernels, weightQParams } from "../../src/quantize/weight-qparams";
import { imagesOf, kernelOf } from "../support/layout";
import { relativeError } from "../support/numbers";
import { readOnnx } from "../support/onnx/read";
import { fixture, numbersOf, SHARED, sharedBytes, sharedTest } from "../support/shared";

const CIFAR = { resize: null, crop: null, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], channelOrder: "rgb" } as const;

describe("ResNet-20 on CIFAR-10", () => {
  let graph: Graph;
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(2);
    if (SHARED) graph = prepare(readOnnx(sharedBytes("models/resnet20-cifar10/resnet20.onnx"), "resnet20.onnx"));
  });
  afterAll(() => device.dispose());

  const tensorOf = (path: string, first: number, count: number) => {
    const set = readNumpy({ path, bytes: sharedBytes(path) });
    const tensor = device.createTensor(count, 3072);
    tensor.write(0, normalize(set, CIFAR, first, count));
    return tensor;
  };

  sharedTest("folded kernels and biases match the release's", () => {
    const golden = fixture("bn_fold");
    const [stem, conv1] = layersOf(graph);
    for (const [layer, expected] of [
      [stem, golden.stem],
      [conv1, golden.layer1_0_conv1],
    ] as const) {
      expect(relativeError(layer?.operation.kernel.data as Float32Array, kernelOf(expected.folded_weight))).toBeLessThan(1e-5);
      expect(relativeError(layer?.operation.bias?.data as Float32Array, numbersOf(expected.folded_bias))).toBeLessThan(1e-5);
    }
  });

  sharedTest("logits of sixteen test images, at full precision and rounded to nearest", async () => {
    const golden = fixture("logits16").logits;
    const images = tensorOf("images/cifar10/test_1000.npz", 0, 16);
    expect(relativeError((await score(device, graph, images, { kernels: new Map() })).logits, numbersOf(golden.resnet20))).toBeLessThan(1e-5);
    for (const bits of [8, 4, 3, 2]) {
      const kernels = nearestKernels(await weightQParams(device, graph, { bits, scale: "mse" }));
      const { logits } = await score(device, graph, images, { kernels });
      expect(relativeError(logits, numbersOf(golden[`resnet20_rtn_w${bits}_mse_firstlast8`])), `W${bits}`).toBeLessThan(1e-5);
    }
    images.dispose();
  });

  for (const name of ["layer1.0", "layer3.2"])
    sharedTest(`Fisher gradients at the output of ${name}`, async () => {
      const golden = fixture(`fisher_${name}`);
      const images = tensorOf("images/cifar10/calib_1024.npz", 0, 8);
      const segments = partition(graph, "block");
      const index = segments.findIndex((segment) => segment.name === name);
      const layerQParams = await weightQParams(device, graph, { bits: 2, scale: "mse" });
      const kernels = nearestKernels(layerQParams);
      const unit = segments[index] as (typeof segments)[number];
      for (const layer of unit.layers) {
        const qparams = layerQParams.get(layer);
        // The fixture has layer1.0 at its rounding's start; the other blocks are rounded to nearest.
        if (qparams && name === "layer1.0") kernels.set(layer.name, clampedKernel(layer.operation.kernel.data, qparams));
      }
      if (name !== "layer1.0")
        for (const segment of segments.filter((s) => s.name === "layer1.0"))
          for (const layer of segment.layers)
            kernels.set(
              layer.name,
              clampedKernel(layer.operation.kernel.data, layerQParams.get(layer) as NonNullable<ReturnType<typeof layerQParams.get>>),
            );
      const head = segments.slice(0, index + 1).flatMap((segment) => segment.nodes);
      const tail = segments.slice(index + 1).flatMap((segment) => segment.nodes);
      const inputs = new Map([[graph.input, images]]);
      const made = await forward({ device, graph, nodes: head, inputs, outputs: [unit.output], kernels });
      const reference = (await forward({ device, graph, nodes: graph.nodes, inputs, outputs: [graph.output], kernels: new Map() })).get(graph.output);
      if (!reference) throw new Error("no logits");
      const weights = await fisherWeights({
        device,
        graph,
        tail,
        inputs: made,
        output: unit.output,
        references: new Map([[graph.output, reference]]),
        kernels: new Map(),
        weight: "square",
      });
      const squares = await weights.tensor.read(0, 8);
      // The fixture averaged over its eight images; ours averages over a whole batch, however many stand in it.
      const share = 8 / FISHER_BATCH;
      const expected = imagesOf(golden.raw_grad).map((g) => (share * g) ** 2);
      expect(relativeError(squares.map(Math.sqrt), expected.map(Math.sqrt))).toBeLessThan(1e-4);
      const damped = await fisherWeights({
        device,
        graph,
        tail,
        inputs: made,
        output: unit.output,
        references: new Map([[graph.output, reference]]),
        kernels: new Map(),
        weight: "dampedSquare",
      });
      const first = await damped.tensor.read(0, 1);
      const width = golden.raw_grad.shape[3];
      const channels = golden.raw_grad.shape[1];
      // The fixture's first sixteen follow NCHW: along a row of the first channel, then the next row.
      const ours = Array.from({ length: 16 }, (_, i) => Math.sqrt(first[(Math.floor(i / width) * width + (i % width)) * channels] as number));
      const damping = golden.cached_grad_first16.map((value: number) => 1 + share * (value - 1));
      expect(relativeError(ours, damping)).toBeLessThan(1e-5);
      const mean = squares.reduce((sum, value) => sum + value, 0) / squares.length;
      expect(weights.scale * mean).toBeCloseTo(1, 5);
    });
});
