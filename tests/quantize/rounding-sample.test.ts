/** Looks at rounding variables while they are trained: they see what is there, and change nothing. */
import { afterAll, expect, test } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import { METHODS } from "../../src/quantize/methods";
import { type MethodOptions, SILENT } from "../../src/quantize/methods/method";
import { histogramOf, relaxed, type UnitRounding } from "../../src/quantize/training/rounding-sample";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { builtin } from "../support/builtin";

const device = await createWasmDevice(1);
afterAll(() => device.dispose());

test("a histogram counts each variable in the twentieth of its h", () => {
  const v = Float32Array.from({ length: 400 }, (_, i) => -3 + (6 * i) / 399);
  const expected = new Uint32Array(20);
  for (const value of v) {
    const bin = Math.min(19, Math.floor(20 * relaxed(value)));
    expected[bin] = (expected[bin] as number) + 1;
  }
  expect(histogramOf(v)).toEqual(expected);
  expect([relaxed(-9), relaxed(9)]).toEqual([0, 1]);
  expect(relaxed(0)).toBeCloseTo(0.5, 6);
});

async function quantize(method: "brecq" | "qdrop" | "adaquant" | "bitsplit") {
  const graph = builtin("shapes-resnet14");
  const images = device.createTensor(8, 32 * 32 * 3);
  images.write(
    0,
    Float32Array.from({ length: 8 * 32 * 32 * 3 }, (_, i) => Math.sin(i)),
  );
  const seen: { unit: number; rounding: UnitRounding }[] = [];
  let unit = 0;
  const observer: MethodOptions["observer"] = {
    ...SILENT,
    rounding(rounding) {
      seen.push({ unit, rounding });
    },
    unitDone() {
      unit++;
    },
  };
  const weights = { bits: 2, scale: "max" } as const;
  const layerQParams = await weightQParams(device, graph, weights);
  await METHODS[method].quantize({
    ...{ device, graph, images, weights, layerQParams, activations: null, unit: "block", loss: "mse", inputs: "quantized", cache: "f32" },
    ...{ iterations: 12, learningRate: 0.3, regularizer: 0.01, batch: 4, seed: 1, observer },
  });
  images.dispose();
  return { seen, graph };
}

test.each(["brecq", "qdrop"] as const)("%s is seen from its first iterations to its last, every layer of every unit", async (method) => {
  const { seen, graph } = await quantize(method);
  expect(new Set(seen.map(({ unit }) => unit)).size).toBe(7);
  const ends = seen.filter(({ rounding }) => rounding.iteration === 12);
  expect(ends.length).toBe(7);
  const sizes = new Map(layersOf(graph).map(({ name, operation }) => [name, operation.kernel.data.length]));
  for (const { rounding } of seen)
    for (const { name, floor, h, levels, histogram } of rounding.layers) {
      const size = sizes.get(name) as number;
      expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(size);
      expect(h.length).toBe(Math.min(512, size));
      expect(floor.length).toBe(h.length);
      expect(h.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect([4, 256]).toContain(levels);
      expect(floor.every((value) => Number.isInteger(value))).toBe(true);
    }
  // They settle: more of them lie at the ends when training ends than when it began.
  const settled = (rounding: UnitRounding) =>
    rounding.layers.reduce((sum, { histogram }) => sum + (histogram[0] as number) + (histogram[19] as number), 0);
  expect(settled((ends[0] as (typeof seen)[number]).rounding)).toBeGreaterThan(0);
});

test("methods without rounding variables say nothing", async () => {
  for (const method of ["adaquant", "bitsplit"] as const) expect((await quantize(method)).seen).toEqual([]);
});
