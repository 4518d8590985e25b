/** A training whose numbers leave the finite ones ends at once, and says where and what to do. */
import { expect, test } from "vitest";
import { BadInput } from "../../src/base/errors";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { METHODS } from "../../src/quantize/methods";
import { SILENT } from "../../src/quantize/methods/method";
import { checkTensor } from "../../src/quantize/training/diverged";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { randoms } from "../support/numbers";
import { residualNetwork } from "../support/residual";

test.each(["brecq", "adaquant"] as const)("%s on images with values whose squares are infinite", async (method) => {
  const device = await createWasmDevice(1);
  const graph = residualNetwork();
  const images = device.createTensor(8, 256);
  images.write(
    0,
    randoms(8 * 256, 5).map((value) => value * 1e25),
  );
  const weights = { bits: 2, scale: "max" } as const;
  const told: number[] = [];
  const quantized = METHODS[method].quantize({
    ...{ device, graph, images, weights, layerQParams: await weightQParams(device, graph, weights), activations: null, unit: "block", loss: "mse" },
    ...{ iterations: 400, learningRate: 0.01, regularizer: 0.01, batch: 4, seed: 3, cache: "f32", inputs: "quantized" },
    observer: { ...SILENT, losses: ({ reconstruction }) => void told.push(...reconstruction) },
  });
  await expect(quantized).rejects.toThrow(
    /^The reconstruction of .+ diverged: after iteration 1 of 400 its loss is (Infinity|NaN)\. Use a learning rate below 0\.01; if that does not help, look for extreme values in the calibration images or this unit's weights\.$/,
  );
  await expect(quantized).rejects.toThrow(BadInput);
  expect(told.every(Number.isFinite)).toBe(true);
  device.dispose();
});

test("a tensor is named with the first value that is no finite number", () => {
  const training = { unit: "layer1.0", iterations: 5, learningRate: 0.1 };
  expect(() => checkTensor(training, "the weight of conv1", Float32Array.of(1, Number.NaN))).toThrow(
    /after iteration 5 of 5 the weight of conv1 holds NaN at 1\./,
  );
  expect(() => checkTensor(training, "the weight of conv1", Float32Array.of(1, 2))).not.toThrow();
});
