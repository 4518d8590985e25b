/** The first look: noise as the full quantizer makes it, outliers and ranges as they were planted, words that follow the numbers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { GraphBuilder } from "../../src/graph/builder";
import { layersOf } from "../../src/graph/queries";
import type { Graph } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { firstLook } from "../../src/quantize/first-look";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { LOOKED_AT } from "../../src/quantize/settings";
import { weightQParams } from "../../src/quantize/weight-qparams";
import { lookRow, percentLost, whatIsHard } from "../../src/session/network/first-look";
import { builtin } from "../support/builtin";
import { randoms } from "../support/numbers";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

/** 10 log10 of a kernel's energy over that of its rounding errors. */
function sqnrOf(weights: Float32Array, rounded: Float32Array): number {
  let [energy, error] = [0, 0];
  weights.forEach((w, i) => {
    energy += w * w;
    error += (w - (rounded[i] as number)) ** 2;
  });
  return 10 * Math.log10(energy / error);
}

describe("noise is that of the weights rounded to nearest", () => {
  for (const model of ["shapes-resnet14", "shapes-mobilenet-bn"])
    for (const [options, [below, above]] of [
      [{ scale: "max" }, [1e-3, 1e-3]],
      [{ scale: "percentile", granularity: "tensor" }, [1e-3, 1e-3]],
      [{ scale: "max", symmetric: true }, [1e-3, 1e-3]],
      [{ scale: "mse" }, [0.5, 1]],
      [{ scale: "mse", granularity: "tensor", symmetric: true }, [1.5, 1]],
    ] as const)
      test(`${model}, ${JSON.stringify(options)}, ${below} dB below to ${above} above`, async () => {
        const graph = builtin(model);
        const { layers } = await firstLook(graph, options);
        for (const [at, bits] of LOOKED_AT.entries()) {
          const qparams = await weightQParams(device, graph, { ...options, bits, firstLastBits: null });
          for (const [i, layer] of layersOf(graph).entries()) {
            const exact = sqnrOf(layer.operation.kernel.data, quantizeNearest(layer.operation.kernel.data, qparams.get(layer) as never));
            const found = layers[i]?.sqnr[at] as number;
            const off = found - exact;
            expect([layer.name, bits, off >= -below && off <= above ? "near" : off]).toEqual([layer.name, bits, "near"]);
          }
        }
      });
});

/** A convolution and a depthwise one with kernels of given channels, [3, 3, 4, 16] and [3, 3, 1, 16]. */
function planted(reach: (channel: number) => number): Graph {
  const builder = new GraphBuilder("planted", "input", [8, 8, 4], shapeRule);
  const kernelOf = (depth: number, seed: number) => ({
    shape: [3, 3, depth, 16],
    data: randoms(9 * depth * 16, seed).map((value, i) => Math.max(-1, Math.min(1, value)) * reach(i % 16)),
  });
  const conv = { op: "conv2d", strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], bias: null } as const;
  const first = builder.add("a", { ...conv, groups: 1, kernel: kernelOf(4, 1) }, ["input"]);
  return builder.build([builder.add("b", { ...conv, groups: 16, kernel: kernelOf(1, 2) }, [first])]);
}

describe("what was planted is found", () => {
  test("outlier channels, by their range over the median's", async () => {
    const { layers } = await firstLook(
      planted((c) => (c === 3 ? 6 : c === 9 ? 10 : c === 5 ? 2 : 1)),
      { scale: "max" },
    );
    expect(layers.map(({ outliers, kind }) => [outliers, kind])).toEqual([
      [[3, 9], "conv"],
      [[3, 9], "depthwise"],
    ]);
    expect(layers[0]?.widest).toBeGreaterThan(8);
    expect(layers[0]?.range[1]).toBeGreaterThan(5);
    expect(whatIsHard({ layers }).at(-1)).toMatch(
      /^2 layers have outlier channels, with a range over 4 times their layer's median, up to \d+ times: a, b\.$/,
    );
    expect(lookRow(layers[0] as never)).toHaveLength(1 + 4 + 3);
  });

  test("a shared scale makes outliers costly, scales by channel do not", async () => {
    const graph = planted((c) => (c === 3 ? 30 : 1));
    const noise = async (granularity: "tensor" | "channel") => (await firstLook(graph, { scale: "max", granularity })).layers[0];
    const without = (
      await firstLook(
        planted(() => 1),
        { scale: "max" },
      )
    ).layers[0];
    expect((await noise("channel"))?.outliers).toEqual([3]);
    expect(Math.abs(((await noise("channel"))?.sqnr[1] as number) - (without?.sqnr[1] as number))).toBeLessThan(3);
    expect(without?.outliers).toEqual([]);
  });

  test("constant and empty channels: no error, no outliers, no numbers that are none", async () => {
    const { layers } = await firstLook(
      planted((c) => (c < 8 ? 0 : 1)),
      { scale: "mse" },
    );
    expect(layers[0]?.sqnr.every((value) => Number.isFinite(value))).toBe(true);
    const zeros = (
      await firstLook(
        planted(() => 0),
        { scale: "mse" },
      )
    ).layers;
    expect(zeros.map(({ sqnr, outliers, widest }) => [sqnr, outliers, widest])).toEqual(Array(2).fill([[null, null, null, null], [], 1]));
    expect(whatIsHard({ layers: zeros })).toContain("No layer has outlier channels.");
  });
});

test("the words follow the numbers", () => {
  const layer = (name: string, kind: "conv" | "depthwise", lost: number) => ({
    ...{ name, kind, range: [-1, 1] as const, channels: 8, outliers: [], widest: 1 },
    sqnr: [null, -10 * Math.log10(lost), -10 * Math.log10(2 * lost), -10 * Math.log10(4 * lost)],
  });
  const words = whatIsHard({ layers: [layer("/x/a/Conv", "conv", 0.01), layer("/x/b/Conv", "depthwise", 0.06), layer("/x/c/Conv", "conv", 0.02)] });
  expect(words).toEqual([
    "At 4 bit x/b loses most, 6 % of its weights' energy; the median layer loses 2 %.",
    "At 3 bit 1 layer of 3 loses more than 10 %: x/b.",
    "Depthwise layers lose 6 % at 4 bit in the median, the others 1.5 %.",
    "No layer has outlier channels.",
  ]);
  expect(percentLost(null)).toBe(0);
  expect(percentLost(20)).toBeCloseTo(1, 10);
});

test("it stops when asked, and goes on with the layers that it has not seen", async () => {
  const graph = builtin("shapes-resnet14");
  const known = new WeakMap();
  let calls = 0;
  const stopping = () => {
    if (++calls > 5) throw new Error("stopped");
  };
  await expect(firstLook(graph, { scale: "mse" }, stopping, known)).rejects.toThrow("stopped");
  const seen = layersOf(graph).filter((layer) => known.has(layer));
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.length).toBeLessThan(layersOf(graph).length);
  const look = await firstLook(graph, { scale: "mse" }, () => {}, known);
  expect(look).toEqual(await firstLook(graph, { scale: "mse" }));
  expect(look.layers[0]).toBe(known.get(layersOf(graph)[0] as object));
});
