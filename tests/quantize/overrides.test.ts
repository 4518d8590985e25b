/** Layers in float and at a width of their own, under every method: the width asked for, and nothing of a float layer touched. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BadInput } from "../../src/base/errors";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import { partition } from "../../src/passes/partition";
import { quantizationPoints } from "../../src/passes/quantization-points";
import { checkOverrides, isFloat, names, overrideOf } from "../../src/quantize/layer-widths";
import { METHOD_CATALOG, METHOD_NAMES } from "../../src/quantize/methods/catalog";
import { SILENT } from "../../src/quantize/methods/method";
import { quantizeNearest } from "../../src/quantize/quantizer";
import { unitsOf, untrainedLayers } from "../../src/quantize/units";
import { builtin } from "../support/builtin";
import { quantized } from "../support/quantized";

const MODEL = "shapes-mobilenet-bn";
const graph = builtin(MODEL);
const layers = layersOf(graph);
const nameAt = (at: number) => layers.at(at)?.name as string;
/** A depthwise layer in float, the one after it at 3 bit, another in float inside a block, the first at 3 bit and the last in float. */
const [DEPTHWISE, THREE, INNER] = [nameAt(3), nameAt(4), nameAt(8)];
const OVERRIDES = [
  { layers: DEPTHWISE, bits: "float" },
  { layers: THREE, bits: 3 },
  { layers: INNER, bits: "float" },
  { layers: nameAt(0), bits: 3 },
  { layers: nameAt(-1), bits: "float" },
] as const;

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

describe.each(METHOD_NAMES)("%s", (method) => {
  for (const unit of METHOD_CATALOG[method].optimizes === "unit" ? (["block", "layer", "net"] as const) : (["layer"] as const))
    for (const activations of unit === "net" ? [undefined] : [4])
      test(`${unit}${activations ? " with activations" : ""}: widths as asked, float layers untouched bit for bit`, async () => {
        // Under so few iterations QDrop's rate is too coarse for the scale of what the first layer makes, which it would train.
        const overrides = method === "qdrop" ? OVERRIDES.filter(({ layers: name }) => name !== nameAt(0)) : OVERRIDES;
        const weights = { bits: 4, scale: "max", overrides } as const;
        const network = await quantized(device, MODEL, { method, unit, weights, activationScale: "max", ...(activations ? { activations } : {}) });
        for (const { name, operation } of layersOf(network.graph)) {
          const original = layers.find((layer) => layer.name === name)?.operation;
          const qparams = network.weights.get(name);
          if (isFloat(name, OVERRIDES)) {
            expect([name, qparams, network.kernels.has(name), network.biases.has(name)]).toEqual([name, undefined, false, false]);
            expect(operation.kernel.data).toEqual(original?.kernel.data);
            if (original?.bias) expect(operation.bias?.data).toEqual(original.bias.data);
            continue;
          }
          expect([name, qparams?.bits]).toEqual([name, overrideOf(name, overrides) ?? (name === nameAt(0) ? 8 : 4)]);
          const kernel = network.kernels.get(name) as Float32Array;
          const channels = qparams?.scale.length ?? 1;
          expect(new Set(kernel.filter((_, i) => i % channels === 0)).size).toBeLessThanOrEqual(2 ** (qparams?.bits ?? 0));
        }
        // What only the layers in float read stays in float too, the rest is quantized.
        const floats = quantizationPoints(graph).filter(({ readers }) => readers.every(({ name }) => isFloat(name, OVERRIDES)));
        expect(floats.length).toBe(3);
        if (activations) expect(network.quantizers.size).toBe(quantizationPoints(graph).length - floats.length);
        for (const { value } of floats) expect(network.quantizers.has(value)).toBe(false);
      });
});

test("a block whose layers are all in float is no unit and is not trained; a layer with a width of its own is, though it comes first", async () => {
  const block = partition(graph, "block").find(({ layers: own }) => own.length === 3);
  const inside = block?.layers.map(({ name }) => ({ layers: name, bits: "float" as const })) ?? [];
  const visited = async (overrides: readonly { layers: string; bits: number | "float" }[]) => {
    const units: string[] = [];
    const observer = { ...SILENT, unitStarted: ({ name }: { name: string }) => void units.push(name) };
    const network = await quantized(device, MODEL, { method: "brecq", weights: { bits: 2, overrides }, observer });
    const planned = unitsOf(partition(graph, "block"), untrainedLayers(graph, { overrides })).map(({ name }) => name);
    expect(units).toEqual(planned);
    return { units, network };
  };
  const without = await visited(inside);
  expect(without.units).not.toContain(block?.name);
  const first = layers[0]?.name as string;
  const own = await visited([{ layers: first, bits: 2 }]);
  expect(own.units).toHaveLength(without.units.length + 2);
  const qparams = own.network.weights.get(first);
  expect(qparams?.bits).toBe(2);
  if (qparams) expect(own.network.kernels.get(first)).not.toEqual(quantizeNearest(layers[0]?.operation.kernel.data as Float32Array, qparams));
});

test("Fisher losses pass by layers in float", async () => {
  for (const loss of ["fisher_diag", "fisher_full"] as const) {
    const network = await quantized(device, MODEL, { method: "brecq", loss, weights: { bits: 3, overrides: OVERRIDES } });
    expect(network.kernels.has(DEPTHWISE)).toBe(false);
    expect(network.weights.size).toBe(layers.length - 3);
  }
});

describe("patterns", () => {
  test("name a layer by its own name, its short one, or with *", () => {
    const layer = "/layer1/layer1.0/conv1/Conv";
    for (const pattern of [layer, "layer1.0/conv1", "layer1.*", "*conv1", "*/Conv", "*"])
      expect([pattern, names(pattern, layer)]).toEqual([pattern, true]);
    for (const pattern of ["layer1", "conv1", "layer2.*", "layer1.0/conv", "Layer1.*", "layer1?*"])
      expect([pattern, names(pattern, layer)]).toEqual([pattern, false]);
    expect(names("a.*", "axb")).toBe(false);
  });

  test("the last that fits counts", () => {
    const overrides = [
      { layers: "*", bits: 3 },
      { layers: "layer1.*", bits: "float" },
      { layers: "layer1.0/conv2", bits: 6 },
    ] as const;
    expect(["/fc/Gemm", "/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/conv2/Conv"].map((name) => overrideOf(name, overrides))).toEqual([3, 32, 6]);
    expect(overrideOf("fc", [])).toBeNull();
  });

  test("one that fits no layer is refused with names near to it, and so is a network all in float", () => {
    const known = ["/layer1/layer1.0/conv1/Conv", "/layer2/layer2.0/conv1/Conv", "/fc/Gemm"];
    const check = (pattern: string) => () => checkOverrides("net", known, [{ layers: pattern, bits: "float" }]);
    expect(check("layer3.0/conv1")).toThrow(BadInput);
    expect(check("layer3.0/conv1")).toThrow(
      'A width is given to the layers "layer3.0/conv1", but no layer of net is called so; names near to it are layer1.0/conv1, layer2.0/conv1, fc. Use a layer\'s name, or a pattern with * for any characters.',
    );
    expect(check("*")).toThrow(/leave every layer of net in float; there is nothing to quantize/);
    expect(check("layer*")).not.toThrow();
  });
});
