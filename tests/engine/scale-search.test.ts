/** The search for scales in WebAssembly against the same search written plainly: the same scales, to the bit. */
import { afterAll, expect, test } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { levelsOf, roundEven } from "../../src/quantize/quantizer";
import { qparamsOf, shrunkRanges } from "../../src/quantize/scale";
import { webGpuInNode } from "../support/devices";
import { randoms } from "../support/numbers";

const devices = [await createWasmDevice(1), await createWasmDevice(2), await createWasmDevice(4)];
afterAll(() => {
  for (const device of devices) device.dispose();
});

const bits64 = new Float64Array(1);
const words64 = new Uint32Array(bits64.buffer);

/** |x|^2.4 by a guess from the exponent and three Newton steps, in doubles. */
function power24(x: number): number {
  const a = x * x;
  if (a < 1e-60) return 0;
  bits64[0] = a;
  words64[1] = Math.floor((words64[1] as number) / 5) + 858117000;
  words64[0] = 0;
  let r = bits64[0] as number;
  for (let i = 0; i < 3; i++) {
    const r2 = r * r;
    const r4 = r2 * r2;
    r -= (r * r4 - a) / (5 * r4);
  }
  return a * r;
}

function plainly(values: Float32Array, bits: number): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  let best: readonly [number, number] = [1e-8, 0];
  let lowest = Number.POSITIVE_INFINITY;
  const top = levelsOf(bits) - 1;
  for (const [scale, zero] of shrunkRanges(low, high, bits)) {
    let error = 0;
    for (const x of values) {
      const level = Math.min(top, Math.max(0, roundEven(Math.fround(x / scale)) + zero));
      error += power24(x - Math.fround((level - zero) * scale));
    }
    if (error < lowest) [lowest, best] = [error, [scale, zero]];
  }
  return best;
}

test("power 2.4 is what it says", () => {
  for (const x of [1e-9, 1e-3, 0.5, 1, 3, 1e6]) expect(power24(x) / x ** 2.4).toBeCloseTo(1, 8);
});

test.each([
  [1, 4501],
  [3, 77],
  [15, 1200],
  [16, 9],
  [40, 301],
])("%i channels of %i values at 2, 4 and 8 bit, on 1, 2 and 4 threads", async (channels, size) => {
  const weights = randoms(channels * size, channels, 0.3).map((value, i) => (i % channels === 1 ? Math.abs(value) : value));
  for (const bits of [2, 4, 8]) {
    const expected = Array.from({ length: channels }, (_, c) =>
      plainly(
        Float32Array.from({ length: size }, (_, i) => weights[i * channels + c] as number),
        bits,
      ),
    );
    for (const device of devices) {
      const search = await device.openScaleSearch();
      const { scale, zero } = await qparamsOf(weights, channels, bits, "mse", {}, search);
      expect([...scale]).toEqual(expected.map(([value]) => value));
      expect([...zero].map((value) => value + 0)).toEqual(expected.map(([, value]) => value + 0));
    }
  }
});

test("a WebGPU device searches with the same bits, and nothing stays behind in memory", async () => {
  const gpu = await webGpuInNode();
  const weights = randoms(64 * 27, 9);
  const [own] = devices;
  const used = own?.memory.used;
  const [a, b] = [await gpu.openScaleSearch(), await (own as (typeof devices)[number]).openScaleSearch()];
  expect(await qparamsOf(weights, 27, 3, "mse", {}, a)).toEqual(await qparamsOf(weights, 27, 3, "mse", {}, b));
  a.dispose();
  expect(own?.memory.used).toBe(used);
  gpu.dispose();
});

test("a long search can be stopped between its parts", async () => {
  const stop = new Error("stop");
  const weights = randoms(64 * 40_000, 9);
  const search = await (devices[1] as (typeof devices)[number]).openScaleSearch();
  await expect(
    qparamsOf(weights, 64, 2, "mse", {}, search, () => {
      throw stop;
    }),
  ).rejects.toBe(stop);
});
