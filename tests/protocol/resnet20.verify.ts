/**
 * ResNet-20 on CIFAR-10 under the protocol of the shared figures, which the published PyTorch release
 * measured: full precision, nearest rounding at 4, 3 and 2 bit, and block reconstruction at 2 bit. Reconstruction at 4 and
 * 3 bit, which is nearer to nearest rounding, and more seeds take longer than a test may:
 * docs/experiments/resnet20-protocol.json measures them.
 */

import { describe, expect } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { filesInMemory, type GivenFiles } from "../../src/session/inputs/sources";
import { parseRecipe } from "../../src/session/recipe/schema";
import { runRecipe } from "../../src/session/run/run";
import { sharedBytes, sharedTest } from "../support/shared";

const given = (path: string): GivenFiles => {
  const name = path.split("/").at(-1) as string;
  return filesInMemory(name, [{ path: name, bytes: sharedBytes(path) }]);
};

/** PyTorch's figures: top-1 and agreement in percent. */
const FIGURES = [
  { bits: 4, method: "nearest", nearest: [90.9, 96.5], quantized: [90.9, 96.5] },
  { bits: 3, method: "nearest", nearest: [86.1, 89.1], quantized: [86.1, 89.1] },
  { bits: 2, method: "brecq", nearest: [24.5, 24.7], quantized: [91.7, 95.9] },
] as const;

describe("ResNet-20, seed 1005, wasm; brecq with blocks and 2,000 iterations", () => {
  for (const { bits, method, nearest, quantized } of FIGURES)
    sharedTest(
      `W${bits}, ${method}`,
      async () => {
        const recipe = parseRecipe(
          {
            version: 1,
            model: { kind: "file", name: "resnet20.onnx" },
            calibration: { kind: "files", name: "calib_1024.npz" },
            evaluation: { kind: "files", name: "test_1000.npz" },
            preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
            weights: { bits },
            method,
            iterations: 2000,
            learningRate: 0.01,
            seed: 1005,
          },
          "protocol",
        );
        const { accuracy, seconds, units } = await runRecipe({
          recipe,
          sources: {
            builtinModel: () => Promise.reject(new Error("not used")),
            model: given("models/resnet20-cifar10/resnet20.onnx"),
            calibration: given("images/cifar10/calib_1024.npz"),
            evaluation: given("images/cifar10/test_1000.npz"),
          },
          openDevice: async () => ({ device: await createWasmDevice(2), reason: "protocol" }),
          emit: () => {},
          signal: new AbortController().signal,
        });
        const show = ({ top1, agreement }: (typeof accuracy)["nearest"]) => `${top1?.toFixed(1)} / ${agreement.toFixed(1)}`;
        console.log(`W${bits}: nearest ${show(accuracy.nearest)}, ${method} ${show(accuracy.quantized)}, ${seconds.total?.toFixed(0)} s`);
        expect(Math.abs((accuracy.fullPrecision.top1 as number) - 91.5)).toBeLessThanOrEqual(0.1 + 1e-9);
        expect(Math.abs((accuracy.nearest.top1 as number) - nearest[0])).toBeLessThanOrEqual(1);
        expect(Math.abs(accuracy.nearest.agreement - nearest[1])).toBeLessThanOrEqual(1);
        expect(accuracy.quantized.top1 as number).toBeGreaterThanOrEqual(quantized[0] - 1);
        expect(accuracy.quantized.agreement).toBeGreaterThanOrEqual(quantized[1] - 1.5);
        if (method === "brecq") expect(units).toHaveLength(10);
      },
      900_000,
    );
});
