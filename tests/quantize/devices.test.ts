/** WebGPU and wasm train alike: the losses of BRECQ's units agree to a thousandth, for every loss and granularity. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { UnitKind } from "../../src/passes/unit-kinds";
import { UNIT_KINDS } from "../../src/passes/unit-kinds";
import { METHODS } from "../../src/quantize/methods";
import { SILENT } from "../../src/quantize/methods/method";
import type { LossKind } from "../../src/quantize/settings";
import { LOSS_KINDS } from "../../src/quantize/settings";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { webGpuInNode } from "../support/devices";
import { randoms } from "../support/numbers";
import { residualNetwork } from "../support/residual";

let wasm: Device;
let webgpu: Device;
beforeAll(async () => {
  [wasm, webgpu] = [await createWasmDevice(2), await webGpuInNode()];
});
afterAll(() => {
  for (const device of [wasm, webgpu]) device.dispose();
});

/** Losses of the units, in order, at every iteration. */
async function lossesOn(device: Device, unit: UnitKind, loss: LossKind): Promise<number[]> {
  const graph = residualNetwork();
  const images = device.createTensor(8, 256);
  images.write(0, randoms(8 * 256, 5));
  const weights = { bits: 2, scale: "max" } as const;
  const found: number[] = [];
  await METHODS.brecq.quantize({
    ...{ device, graph, images, weights, layerQParams: await weightQParams(device, graph, weights), activations: null, unit, loss },
    ...{ iterations: 4, learningRate: 0.01, regularizer: 0.01, batch: 4, seed: 3, cache: "f32", inputs: "quantized" },
    observer: {
      ...SILENT,
      unitDone(_unit, { losses }) {
        found.push(...losses);
      },
    },
  });
  images.dispose();
  return found;
}

test.each([
  ...LOSS_KINDS.map((loss) => ["block", loss] as const),
  ...UNIT_KINDS.filter((unit) => unit !== "block").map((unit) => [unit, "fisher_diag"] as const),
])("units of kind %s, loss %s", async (unit, loss) => {
  const [expected, losses] = [await lossesOn(wasm, unit, loss), await lossesOn(webgpu, unit, loss)];
  expect(losses).toHaveLength(expected.length);
  expect(expected.length).toBeGreaterThan(4);
  losses.forEach((value, i) => {
    expect(Math.abs(value / (expected[i] as number) - 1), `iteration ${i}`).toBeLessThan(1e-3);
  });
});
