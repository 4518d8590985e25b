/** Activation quantizers against the published release: where their scales start, and twenty steps of LSQ on a block. */

import { beforeAll, describe, expect } from "vitest";
import { readImages } from "../../src/data";
import { normalize } from "../../src/data/preprocess";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { GraphBuilder } from "../../src/graph/builder";
import { QUANTIZERS } from "../../src/network/lower";
import { shapeRule } from "../../src/operators";
import { partition } from "../../src/passes/partition";
import { prepare } from "../../src/passes/prepare";
import { quantizationPoints } from "../../src/passes/quantization-points";
import { shortName } from "../../src/passes/short-name";
import { activationQParams } from "../../src/quantize/activations";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { compileUnit } from "../../src/quantize/training/reconstruct";
import { cosineRate } from "../../src/quantize/training/schedule";
import { SCALE_STATE } from "../../src/quantize/training/unit-program";
import { nearestKernels, weightQParams } from "../../src/quantize/weight-qparams";
import { DEVICES } from "../support/devices";
import { imagesOf, kernelOf } from "../support/layout";
import { relativeError } from "../support/numbers";
import { readOnnx } from "../support/onnx/read";
import { fixture, numbersOf, sharedBytes, sharedTest } from "../support/shared";

const PREPROCESSING = { resize: null, crop: null, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], channelOrder: "rgb" } as const;

describe("where scales start", () => {
  let device: Device;
  beforeAll(async () => {
    device = await createWasmDevice(2);
  });

  sharedTest("on the first 64 images in order, weights at W4 nearest, each quantizer after quantized ones", async () => {
    const golden = fixture("act_init_w4a4").quantizers;
    const file = "models/resnet20-cifar10/resnet20.onnx";
    const graph = prepare(readOnnx(sharedBytes(file), file));
    const { set } = await readImages([{ path: "calib.npz", bytes: sharedBytes("images/cifar10/calib_1024.npz") }], PREPROCESSING, "calib");
    const images = device.createTensor(64, 3072);
    images.write(0, normalize(set, PREPROCESSING, 0, 64));
    const kernels = nearestKernels(await weightQParams(device, graph, { bits: 4, scale: "mse" }));
    const activations = { bits: 4, scale: "mse", lastInputBits: null } as const;
    const layerQParams = await activationQParams({ device, graph, images, activations, kernels });
    images.dispose();
    // A site is named by the layer before it, or by its block where an addition made it.
    const blocks = new Map(partition(graph, "block").map(({ output, name }) => [output, name]));
    const layers = new Map(partition(graph, "layer").map(({ output, layers: own }) => [output, shortName(own[0]?.name ?? "")]));
    const found = new Map(
      [...layerQParams].map(([value, qparams]) => [`model.${(layers.get(value) || blocks.get(value) || "").replace("/", ".")}`, qparams]),
    );
    const first = fixture("act_lsq_layer1.0_crop8_w4a4").trace[0];
    const started = new Map([
      ["model.layer1.0.conv1", { delta: first.delta_conv1 }],
      ["model.layer1.0", { delta: first.delta_block }],
    ]);
    expect(found.size).toBe(19);
    for (const [name, { bits, scale, zero }] of found) {
      // The fixture was written after its block had been trained: its two scales start as in the other fixture.
      const expected = { ...golden[`${name}.act_quantizer`], ...started.get(name) };
      expect(bits, name).toBe(expected.n_bits);
      expect(Math.abs(scale / expected.delta - 1), `${name}: ${scale} instead of ${expected.delta}`).toBeLessThan(1e-5);
      expect(Math.abs(zero - expected.zero_point)).toBe(0);
    }
  });

  sharedTest("the last layer's input is 8 bit unless the release's way is asked for", () => {
    const file = "models/resnet20-cifar10/resnet20.onnx";
    const sites = quantizationPoints(prepare(readOnnx(sharedBytes(file), file)));
    expect(sites).toHaveLength(19);
    expect(sites[0]?.role).toBe("first");
    expect(sites.filter(({ role }) => role === "last").map(({ value }) => value)).toEqual([sites.at(-1)?.value]);
  });
});

/** layer1.0 of the fixture on its 8x8 crop, as a graph of its own. */
function block(weights: ReturnType<typeof fixture>) {
  const builder = new GraphBuilder("block", "input", [8, 8, 16], shapeRule);
  const conv = (name: string, i: number, from: string) => {
    const { weight, bias } = weights.conv[i];
    const window = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 } as const;
    const kernel = { shape: [3, 3, 16, 16], data: kernelOf(weight) };
    return builder.add(name, { op: "conv2d", ...window, kernel, bias: { shape: [16], data: numbersOf(bias) } }, [from]);
  };
  const relu = (name: string, from: string) => builder.add(name, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [from]);
  const inner = relu("relu1", conv("conv1", 0, "input"));
  const out = relu("relu2", builder.add("add", { op: "add" }, [conv("conv2", 1, inner), "input"]));
  return { graph: builder.build([out]), inner, out };
}

describe("LSQ on a block", () => {
  for (const { name, open } of DEVICES)
    sharedTest(`gradients, losses and scales of twenty steps on ${name}`, async () => {
      const golden = fixture("act_lsq_layer1.0_crop8_w4a4");
      const { graph, inner, out } = block(fixture("block_grad_layer1.0_crop8_w2"));
      const device = await open();
      const tensor = (data: Float32Array) => {
        const made = device.createTensor(4, 1024);
        made.write(0, data);
        return made;
      };
      const kernels = new Map<string, Float32Array>();
      graph.nodes.forEach(({ name: node, operation }) => {
        if (operation.op !== "conv2d") return;
        const { delta, zero_point } = golden.conv[node === "conv1" ? 0 : 1];
        kernels.set(node, quantizeNearest(operation.kernel.data, { bits: 4, scale: numbersOf(delta), zero: numbersOf(zero_point) }));
      });
      const unit = { name: "block", nodes: graph.nodes, layers: [], inputs: ["input"], outputs: [out], output: out };
      const first = golden.trace[0];
      const { executable, quantized } = await compileUnit({
        device,
        graph,
        unit,
        layers: new Map(),
        kernels,
        quantizers: new Map([
          [inner, { bits: 4, scale: first.delta_conv1, zero: 0 }],
          [out, { bits: 4, scale: first.delta_block, zero: 0 }],
        ]),
        scaleRate: 4e-4,
        inputs: new Map([["input", tensor(imagesOf(fixture("block_grad_layer1.0_crop8_w2").input))]]),
        target: tensor(imagesOf(golden.target_fp)),
        weights: null,
        error: "power",
        schedule: { iterations: 20, learningRate: 4e-4, regularizer: 0 },
        batch: 4,
        seed: 0,
      });
      expect(quantized).toEqual([inner, out]);
      await executable.run({ from: 0, to: 1 });
      const moments = await executable.read(SCALE_STATE);
      // A tenth of the first gradient is the first moment.
      expect(relativeError([(moments[0] as number) * 10], [first.grad_conv1])).toBeLessThan(1e-4);
      expect(relativeError([(moments[1] as number) * 10], [first.grad_block])).toBeLessThan(1e-4);
      for (let step = 1; step < 20; step++) {
        const scales = await executable.read(QUANTIZERS);
        const { delta_conv1, delta_block } = golden.trace[step];
        expect(relativeError(scales.slice(0, 2), [delta_conv1, delta_block]), `step ${step}`).toBeLessThan(1e-5);
        await executable.run({ from: step, to: step + 1 });
      }
      const end = fixture("act_init_w4a4").quantizers;
      const trained = ["model.layer1.0.conv1", "model.layer1.0"].map((name) => end[`${name}.act_quantizer`].delta);
      expect(relativeError((await executable.read(QUANTIZERS)).slice(0, 2), trained)).toBeLessThan(1e-5);
      const ring = await executable.read("ring");
      const losses = golden.trace.map(({ loss }: { loss: number }) => loss);
      expect(
        relativeError(
          losses.map((_: number, i: number) => ring[2 * i] as number),
          losses,
        ),
      ).toBeLessThan(1e-4);
      executable.dispose();
      device.dispose();
    });

  sharedTest("the cosine of the rate", () => {
    const { trace } = fixture("act_lsq_layer1.0_crop8_w4a4");
    for (const { step, lr } of trace) expect(Math.abs(cosineRate(step, 20, 4e-4) - lr)).toBeLessThan(1e-12);
  });
});
