/** Every operator besides convolutions and pools (tests/engine), forward and backward, on every device. */
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { interpolationTaps } from "../../src/operators/interpolation";
import { DEVICES } from "../support/devices";
import { CASES } from "./cases";
import { errorsOf } from "./harness";

for (const { name, open } of DEVICES) {
  describe(name, () => {
    let device: Device;
    beforeAll(async () => {
      await tf.setBackend("cpu");
      device = await open();
    });
    afterAll(() => device.dispose());

    test.each(CASES.map((item) => [item.name, item] as const))("%s: value and gradients match tfjs", async (_name, item) => {
      for (const error of await errorsOf(device, item)) expect(error).toBeLessThan(2e-5);
    });
  });
}

describe("interpolation as ONNX defines it (examples of the operator's documentation)", () => {
  const common = { size: [8, 1], scales: [2, 1], rounding: "round_prefer_floor", cubic: -0.75, excludeOutside: false } as const;
  const at = (row: number, taps: ReturnType<typeof interpolationTaps>) =>
    Array.from({ length: taps.taps }, (_, t) => [taps.indices[row * taps.taps + t], taps.weights[row * taps.taps + t]]);

  test("linear, half pixel: output 1 lies at 0.25", () => {
    const taps = interpolationTaps({ ...common, mode: "linear", coordinates: "half_pixel" }, 0, 4);
    expect(at(1, taps)).toEqual([
      [0, 0.75],
      [1, 0.25],
    ]);
    expect(at(0, taps)).toEqual([
      [0, 0.25],
      [0, 0.75],
    ]);
  });

  test("nearest: a half is rounded down or up as asked", () => {
    const of = (rounding: "round_prefer_floor" | "round_prefer_ceil" | "ceil") => [
      ...interpolationTaps({ ...common, rounding, mode: "nearest", coordinates: "asymmetric" }, 0, 4).indices,
    ];
    expect(of("round_prefer_floor")).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(of("round_prefer_ceil")).toEqual([0, 1, 1, 2, 2, 3, 3, 3]);
    expect(of("ceil")).toEqual([0, 1, 1, 2, 2, 3, 3, 3]);
  });

  test("cubic weights sum to 1, and to 1 again where the outside is excluded", () => {
    for (const excludeOutside of [false, true]) {
      const taps = interpolationTaps({ ...common, excludeOutside, mode: "cubic", coordinates: "half_pixel" }, 0, 4);
      for (let row = 0; row < 8; row++) expect(at(row, taps).reduce((sum, [, weight]) => sum + (weight as number), 0)).toBeCloseTo(1, 6);
    }
  });
});
