/** Scales, zero points, codes and roundings against numbers computed by the published release. */
import { describe, expect, test } from "vitest";
import { GAMMA, ZETA } from "../../src/engine/steps";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { qparamsOf, rangeQParams } from "../../src/quantize/scale";
import { hardWeights, startRounding } from "../../src/quantize/training/rounding";
import { exponentAt } from "../../src/quantize/training/schedule";
import { kernelOf } from "../support/layout";
import { relativeError } from "../support/numbers";
import { fixture, numbersOf, SHARED, sharedTest } from "../support/shared";

const SEARCH = createWasmDevice(2).then((device) => device.openScaleSearch());

describe("scales and zero points of layer1.0.conv1", () => {
  const golden = SHARED ? fixture("weight_quantizer_layer1.0.conv1") : { cases: [] };
  sharedTest("there are 24 cases: three methods, symmetric and per tensor among them, at 2, 3, 4 and 8 bit", () =>
    expect(golden.cases).toHaveLength(24),
  );
  for (const c of golden.cases)
    sharedTest(`${c.n_bits} bit, ${c.scale_method}${c.symmetric ? ", symmetric" : ""}${c.channel_wise ? "" : ", per tensor"}`, async () => {
      const weights = kernelOf(golden.weight);
      const options = { granularity: c.channel_wise ? "channel" : "tensor", symmetric: c.symmetric } as const;
      const qparams = await qparamsOf(weights, 16, c.n_bits, c.scale_method, options, await SEARCH);
      const channels = qparams.scale.length;
      expect(channels).toBe(c.channel_wise ? 16 : 1);
      expect(relativeError(qparams.scale, numbersOf(c.delta))).toBeLessThan(1e-6);
      for (let i = 0; i < channels; i++) expect(Math.abs((qparams.scale[i] as number) / c.delta.data[i] - 1), `channel ${i}`).toBeLessThan(1e-5);
      expect([...qparams.zero].map((z) => z + 0)).toEqual(c.zero_point.data.map((z: number) => z + 0));
      const codes = kernelOf(c.int_codes);
      const q = quantizeNearest(weights, qparams);
      q.forEach((value, i) => {
        expect(value).toBeCloseTo(((codes[i] as number) - (qparams.zero[i % channels] as number)) * (qparams.scale[i % channels] as number), 6);
      });
    });
});

describe("what a scale covers", () => {
  const values = Float32Array.from({ length: 2001 }, (_, i) => (i - 1000) / 500);
  test("percentile leaves out a thousandth at either end", () => {
    const outlier = values.slice();
    outlier[2000] = 100;
    const { scale } = rangeQParams(outlier, 1, 8, "percentile");
    expect((scale[0] as number) * 255).toBeCloseTo(3.992, 2);
    expect((rangeQParams(outlier, 1, 8, "max").scale[0] as number) * 255).toBeCloseTo(102, 3);
  });

  test("a symmetric range mirrors the farther end, and positive values keep their zero", async () => {
    const lopsided = values.map((value) => (value < 0 ? value / 4 : value));
    const { scale, zero } = rangeQParams(lopsided, 1, 8, "max", { symmetric: true });
    expect((scale[0] as number) * 255).toBeCloseTo(4, 5);
    expect([127, 128]).toContain(zero[0]);
    expect((await qparamsOf(values.map(Math.abs), 1, 8, "mse", { symmetric: true }, await SEARCH)).zero[0]).toBeCloseTo(0);
  });

  test("one scale for the tensor rounds every channel on it", () => {
    const qparams = rangeQParams(values, 3, 4, "max", { granularity: "tensor" });
    expect(qparams.scale).toHaveLength(1);
    expect(new Set(quantizeNearest(values, qparams)).size).toBeLessThanOrEqual(16);
  });
});

describe("AdaRound of layer1.0.conv1", () => {
  const golden = SHARED ? fixture("adaround_layer1.0.conv1") : { cases: [] };
  sharedTest("there are cases at 2, 3 and 4 bit", () => expect(golden.cases.map((c: any) => c.n_bits)).toEqual([2, 3, 4]));
  const soft = (v: number) => Math.min(1, Math.max(0, (1 / (1 + Math.exp(-v))) * (ZETA - GAMMA) + GAMMA));
  for (const c of golden.cases)
    sharedTest(`${c.n_bits} bit: starts, soft targets and hard weights`, () => {
      const weights = kernelOf(fixture("weight_quantizer_layer1.0.conv1").weight);
      const qparams = { bits: c.n_bits, scale: numbersOf(c.delta), zero: numbersOf(c.zero_point) };
      const rounding = startRounding(weights, qparams);
      const start = kernelOf(c.alpha_init);
      // float32 division can land on either side of a quantization level, where the start jumps; compare what it means.
      expect(relativeError(rounding.start.map(soft), kernelOf(c.init.soft_targets))).toBeLessThan(1e-5);
      const away = [...start.keys()].filter((i) => Math.abs(start[i] as number) < 2);
      for (const i of away) expect(Math.abs((rounding.start[i] as number) - (start[i] as number))).toBeLessThan(2e-5);
      const codes = kernelOf(c.init.hard_int_codes);
      hardWeights(rounding, rounding.start, c.n_bits).forEach((value, i) => {
        expect(value).toBeCloseTo(((codes[i] as number) - (qparams.zero[i % 16] as number)) * (qparams.scale[i % 16] as number), 6);
      });
    });
});

describe("temperature schedule", () => {
  const golden = SHARED ? fixture("schedule") : { cases: [] };
  sharedTest("there are cases", () => expect(golden.cases.length).toBeGreaterThan(1));
  for (const c of golden.cases)
    sharedTest(`${c.iters} iterations, warm-up ${c.warmup}`, () => {
      for (const [count, b] of c.points) {
        const ours = exponentAt(count, c.iters, c.warmup, c.b_range);
        if (count < c.loss_start || count < 0) expect(ours).toBeNull();
        else expect(ours).toBeCloseTo(b, 6);
      }
    });
});
