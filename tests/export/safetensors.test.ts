/**
 * Packed weights, read by a parser that is not ours (jax-js's) and unpacked by the rule of compressed-tensors: weight i of
 * a row is the `bits` bits from bit i * bits on, less 2^(bits - 1). They give the very kernels that ran.
 */
import { safetensors as parser } from "@jax-js/loaders";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BadInput } from "../../src/base/errors";
import { Random } from "../../src/base/random";
import { normalize, type Preprocessing } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { biasOf, type ExportedFile } from "../../src/export/artifact";
import { shapeOutputsFirst } from "../../src/export/layout";
import { safetensors } from "../../src/export/safetensors";
import { fitToBits, packRows } from "../../src/export/safetensors/pack";
import { layersOf } from "../../src/graph/queries";
import { emptyNetwork } from "../../src/quantize/methods/method";
import { companionsOf } from "../../src/session/inputs/companions";
import { readNetwork } from "../../src/session/inputs/network";
import { artifactOfRun, RUNS } from "../support/artifact";
import { builtin, builtinBytes } from "../support/builtin";
import { difference, engineValues } from "../support/onnx/exported";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

/** The signed integers of rows of words, bit by bit. */
function unpacked(words: Int32Array, rows: number, columns: number, bits: number): number[] {
  const each = words.length / rows;
  const bit = (row: number, at: number) => ((words[row * each + Math.floor(at / 32)] as number) >>> (at % 32)) & 1;
  return Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let value = 0;
    for (let b = 0; b < bits; b++) value += bit(row, column * bits + b) * 2 ** b;
    return value - 2 ** (bits - 1);
  });
}

/** A kernel [...space, in, out] with the numbers of [out, in, ...space]. */
function outputsLast(values: ArrayLike<number>, [outputs, depth, ...space]: readonly number[]): Float32Array {
  const area = space.reduce((product, extent) => product * extent, 1);
  const [o, d] = [outputs as number, depth as number];
  return Float32Array.from({ length: o * d * area }, (_, at) => {
    const [k, c, t] = [at % o, Math.floor(at / o) % d, Math.floor(at / (o * d))];
    return values[(k * d + c) * area + t] as number;
  });
}

describe("a file gives back the kernels that ran", () => {
  for (const [what, model, change] of RUNS)
    test(`${what} (${model})`, async () => {
      const artifact = await artifactOfRun(model, change);
      const [packed, beside] = (await safetensors(artifact, { name: "net" })) as [ExportedFile, ExportedFile];
      expect([packed.name, beside.name]).toEqual(["net.safetensors", "net.safetensors.json"]);
      const { tensors, metadata } = parser.parse(packed.bytes.slice().buffer);
      const config = JSON.parse(new TextDecoder().decode(beside.bytes));
      expect(JSON.parse(metadata?.["brecq-lab"] as string)).toEqual(config);
      const groups = Object.values(config.quantization_config.config_groups) as any[];
      let trueBits = 0;
      for (const layer of layersOf(artifact.graph)) {
        const row = config.layers.find(({ node }: { node: string }) => node === layer.name);
        expect(row.bits).toBe(artifact.network.weights.get(layer.name)?.bits ?? 32);
        const kernel = artifact.network.kernels.get(layer.name) ?? layer.operation.kernel.data;
        const tensor = (name: string) => tensors[`${row.name}.${name}`];
        const shape = shapeOutputsFirst(layer.operation.kernel.shape);
        const bias = biasOf(layer, artifact.network);
        expect(tensor("bias")?.data).toEqual(bias ?? undefined);
        const group = groups.find(({ targets }) => targets.includes(row.name));
        // A layer in float is a plain tensor; so is one whose zero points fit no 8 bit.
        if (!artifact.network.weights.has(layer.name)) expect([group, row.stored_bits]).toEqual([undefined, 32]);
        if (!group) {
          expect(config.quantization_config.ignore).toContain(row.name);
          expect(outputsLast(tensor("weight")?.data as Float32Array, shape)).toEqual(kernel);
          continue;
        }
        const { num_bits: bits, symmetric, strategy } = group.weights;
        if (bits === row.bits) trueBits++;
        expect([strategy, bits >= row.bits]).toEqual(["channel", true]);
        const rows = shape[0] as number;
        const columns = kernel.length / rows;
        expect(Array.from(tensor("weight_shape")?.data as BigInt64Array, Number)).toEqual(shape);
        expect(tensor("weight_packed")?.shape).toEqual([rows, Math.ceil((columns * bits) / 32)]);
        expect(tensor("weight_scale")?.shape).toEqual([rows, 1]);
        const codes = unpacked(tensor("weight_packed")?.data as Int32Array, rows, columns, bits);
        expect(tensor("weight_zero_point") === undefined).toBe(symmetric);
        const zeros = symmetric ? Array(rows).fill(0) : unpacked(tensor("weight_zero_point")?.data as Int32Array, 1, rows, bits);
        const scale = tensor("weight_scale")?.data as Float32Array;
        const weights = codes.map((code, i) => (code - zeros[Math.floor(i / columns)]) * (scale[Math.floor(i / columns)] as number));
        const again = outputsLast(weights, shape);
        expect(again.every((w, i) => Math.abs(w - (kernel[i] as number)) <= 2 ** -23 * Math.abs(w))).toBe(true);
      }
      // Nearly all layers take exactly the bits of their quantizers.
      expect(trueBits).toBeGreaterThan(0.6 * artifact.network.weights.size);
      expect(config.activations).toHaveLength(artifact.network.quantizers.size);
      expect(config.recipe).toEqual(artifact.recipe);
      const { graph: again } = await readNetwork([
        { path: `${model}.onnx`, bytes: builtinBytes(model) },
        { path: packed.name, bytes: packed.bytes },
      ]);
      const images = normalize(drawShapes("test", 8), artifact.recipe.preprocessing as Preprocessing, 0, 8);
      const logits = await engineValues(device, artifact.network, images);
      expect(difference(await engineValues(device, emptyNetwork(again), images), logits)).toBeLessThan(1e-6);
    });
});

describe("packed weights and the model that they belong to", () => {
  const packedOf = async (model: string) => {
    const artifact = await artifactOfRun(model, { method: "nearest", weights: { bits: 3 } });
    const [{ bytes }] = (await safetensors(artifact, { name: "net" })) as [ExportedFile];
    return { path: "net.safetensors", bytes };
  };

  test("are read together only", async () => {
    const packed = await packedOf("shapes-regnet");
    expect(companionsOf(packed)).toEqual(["shapes-regnet"]);
    await expect(readNetwork([packed])).rejects.toThrow("net.safetensors holds weights without the network; choose shapes-regnet together with it.");
    const zip = { path: "net.safetensors.zip", bytes: zipSync({ "net.safetensors": packed.bytes, "net.safetensors.json": new Uint8Array(2) }) };
    await expect(readNetwork([zip])).rejects.toThrow("choose shapes-regnet together with it");
    const own = { path: "shapes-regnet.onnx", bytes: builtinBytes("shapes-regnet") };
    const [fromZip, fromFile] = [(await readNetwork([own, zip])).graph, (await readNetwork([packed, own])).graph];
    expect(layersOf(fromZip)[3]?.operation.kernel.data).toEqual(layersOf(fromFile)[3]?.operation.kernel.data);
    expect(layersOf(fromZip)[3]?.operation.kernel.data).not.toEqual(layersOf(builtin("shapes-regnet"))[3]?.operation.kernel.data);
    const other = { path: "shapes-resnet14.onnx", bytes: builtinBytes("shapes-resnet14") };
    await expect(readNetwork([other, packed])).rejects.toThrow(
      /net\.safetensors has weights of layer "[^"]+", which .* lacks; choose the model that it was made from/,
    );
  });

  test("that are damaged or another's end in a sentence", async () => {
    const packed = await packedOf("shapes-resnet14");
    const model = { path: "shapes-resnet14.onnx", bytes: builtinBytes("shapes-resnet14") };
    const random = new Random(3, "damage");
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const bytes = i % 2 ? packed.bytes.slice(0, Math.floor(random.uniform() * packed.bytes.length)) : packed.bytes.slice();
      if (i % 2 === 0)
        for (let flip = 0; flip < 8; flip++) bytes[Math.floor(random.uniform() * (i % 4 ? 4000 : bytes.length))] = random.uint32() & 255;
      const failure = await readNetwork([model, { path: "net.safetensors", bytes }]).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure !== null) refused++;
      expect(failure === null || (failure instanceof BadInput && failure.message.includes("net.safetensors")), String(failure)).toBe(true);
    }
    expect(refused).toBeGreaterThan(100);
  });
});

test("words are those of compressed-tensors' own documentation, and of its rule for 3 bit, across words", () => {
  // "[1, 2] -> [129, 130] -> 33409" (pack_quantized.py)
  expect(packRows(Int32Array.of(129, 130), 1, 8)).toEqual(Int32Array.of(33409));
  // Code 10 of 3 bit begins at bit 30: its lowest two bits end the first word, its third begins the second.
  const codes = new Int32Array(11).fill(0);
  codes[10] = 0b101;
  expect(packRows(codes, 1, 3)).toEqual(Int32Array.of(0b01 << 30, 1));
});

test("zero points outside the codes are moved inside, by more bits where they must, and given up beyond 8", () => {
  const layer = (zero: number, codes: number[]) => ({
    bits: 4,
    codes: Int32Array.from(codes),
    scale: Float32Array.of(0.5),
    zero: Int32Array.of(zero),
  });
  expect(fitToBits(layer(-3, [0, 9]), 1)).toMatchObject({ bits: 4, codes: Int32Array.of(3, 12), zero: Int32Array.of(0) });
  expect(fitToBits(layer(20, [5, 15]), 1)).toMatchObject({ bits: 4, codes: Int32Array.of(0, 10), zero: Int32Array.of(15) });
  expect(fitToBits(layer(-75, [0, 15]), 1)).toMatchObject({ bits: 7, codes: Int32Array.of(75, 90), zero: Int32Array.of(0) });
  expect(fitToBits(layer(-300, [0, 15]), 1)).toBeNull();
});
