/** How a model comes: its files together, in parts, stored quantized, in a folder or a zip; and files that are missing, of another model, or damaged. */
import * as tf from "@tensorflow/tfjs";
import { zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { companionsOf, readModel } from "../../../src/formats";
import type { ModelFile } from "../../../src/formats/format";
import { hashFiles, modelFiles as ownFiles } from "../../../src/session/inputs/hash";
import { randoms, relativeError } from "../../support/numbers";
import { computeGraph, computeLayersModel, modelFiles, savedLayersModel } from "../../support/tfjs";

/** A convolution of 3 to 8 channels and a classifier of 5: 269 numbers, 1076 bytes. */
function network(): tf.LayersModel {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [8, 8, 3], activation: "relu", name: "stem" }),
      layers.globalAveragePooling2d({ name: "pool" }),
      layers.dense({ units: 5, name: "scores" }),
    ],
    name: "small",
  });
  model.setWeights(model.getWeights().map((tensor, i) => tf.tensor(randoms(tensor.size, i + 1, 0.4), tensor.shape)));
  return model;
}

const images = randoms(2 * 192, 3);
const bytesOf = (files: readonly ModelFile[]) => files.slice(1).reduce((sum, { bytes }) => sum + bytes.length, 0);
const scoresOf = async (files: readonly ModelFile[]) => (await computeGraph(await readModel(files), images, 2))[0] as Float32Array;

let whole: ModelFile[];
let parts: ModelFile[];
let scores: Float32Array;
beforeAll(async () => {
  const model = network();
  whole = await savedLayersModel(model);
  parts = await savedLayersModel(model, 400);
  scores = await scoresOf(whole);
});

describe("a model of several files", () => {
  test("in parts that cut through weights, in any order", async () => {
    expect(parts).toHaveLength(4);
    expect(await scoresOf([...parts].reverse())).toEqual(scores);
    expect(companionsOf(parts[0] as ModelFile)).toEqual(parts.slice(1).map(({ path }) => path));
  });

  test("in a folder with other files, in a zip, and in a folder of a zip", async () => {
    const folder = [
      { path: "web/metadata.json", bytes: new TextEncoder().encode('{"labels":["a"]}') },
      ...parts.map((file) => ({ ...file, path: `web/${file.path}` })),
    ];
    expect(await scoresOf(folder)).toEqual(scores);
    for (const files of [parts, folder]) {
      const bytes = zipSync(Object.fromEntries(files.map((file) => [file.path, file.bytes])));
      expect(await scoresOf([{ path: "model.zip", bytes }])).toEqual(scores);
    }
  });

  test("has one hash, however its files were given; a file alone keeps its own", async () => {
    const folder = [...parts.map((file) => ({ ...file, path: `some/web/${file.path}` })), { path: "some/web/.DS_Store", bytes: Uint8Array.of(1) }];
    const hash = await hashFiles(ownFiles(parts));
    expect(await hashFiles(ownFiles(folder))).toBe(hash);
    expect(await hashFiles(ownFiles([...parts].reverse()))).toBe(hash);
    const [first] = whole as [ModelFile];
    expect(await hashFiles(ownFiles([{ ...first, path: "a/b/model.json" }]))).toBe(await hashFiles([first]));
    expect(hash).not.toBe(await hashFiles(ownFiles(whole)));
  });
});

describe("weights stored quantized", () => {
  /** Codes of every weight, with the scale and minimum that give them back. */
  function quantized(dtype: "uint8" | "uint16" | "float16"): ModelFile[] {
    const [main, shard] = whole as [ModelFile, ModelFile];
    const json = JSON.parse(new TextDecoder().decode(main.bytes));
    const values = new Float32Array(shard.bytes.slice().buffer);
    const specs: { shape: number[] }[] = json.weightsManifest[0].weights;
    let at = 0;
    const stored = specs.map((spec) => {
      const size = spec.shape.reduce((product, extent) => product * extent, 1);
      const own = values.slice(at, at + size);
      at += size;
      if (dtype === "float16") return { spec: { ...spec, quantization: { dtype } }, data: Uint16Array.from(own, halfOf) };
      const [min, max] = [Math.min(...own), Math.max(...own)];
      const steps = dtype === "uint8" ? 255 : 65535;
      const scale = (max - min) / steps;
      const codes = Array.from(own, (value) => Math.round((value - min) / scale));
      return { spec: { ...spec, quantization: { dtype, min, scale } }, data: dtype === "uint8" ? Uint8Array.from(codes) : Uint16Array.from(codes) };
    });
    const data = Buffer.concat(stored.map(({ data }) => new Uint8Array(data.buffer)));
    const { weightsManifest: _manifest, ...rest } = json;
    return modelFiles(
      rest,
      stored.map(({ spec }) => spec),
      new Uint8Array(data),
    );
  }

  /** A normal half's bits, truncated. */
  function halfOf(value: number): number {
    const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
    const exponent = ((bits >>> 23) & 255) - 112;
    return ((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 0x3ff));
  }

  test.each([
    ["uint8", 1, 0.05],
    ["uint16", 2, 1e-3],
    ["float16", 2, 5e-3],
  ] as const)("%s: TensorFlow.js's outputs, and near those of the float file", async (dtype, bytes, near) => {
    const files = quantized(dtype);
    expect(bytesOf(files)).toBe((bytesOf(whole) / 4) * bytes);
    const made = await scoresOf(files);
    const [expected] = await computeLayersModel(files, images, [2, 8, 8, 3]);
    expect(relativeError(made, expected?.data as Float32Array)).toBeLessThan(1e-5);
    expect(relativeError(made, scores)).toBeLessThan(near);
    expect(relativeError(made, scores)).toBeGreaterThan(0);
  });

  test("a code type or a scale that is missing is refused by the weight's name", async () => {
    const [main, shard] = quantized("uint8") as [ModelFile, ModelFile];
    const changed = (from: RegExp, to: string) => ({
      ...main,
      bytes: new TextEncoder().encode(new TextDecoder().decode(main.bytes).replace(from, to)),
    });
    await expect(readModel([changed(/"dtype":"uint8"/, '"dtype":"int4"'), shard])).rejects.toThrow(
      /"stem\/kernel" of model.json is float32 stored as int4/,
    );
    await expect(readModel([changed(/("quantization":[^}]*"scale":)[^}]*/, "$1null"), shard])).rejects.toThrow(
      /"stem\/kernel" .* without scale and min/,
    );
  });
});

describe("files that are missing or wrong", () => {
  const without = (i: number) => parts.filter((_, k) => k !== i);
  test("a weight file that is missing is named with its size", async () => {
    await expect(readModel(without(2))).rejects.toThrow(
      /model.json needs the weight file group1-shard2of3.bin \(400 bytes\), which is missing; choose model.json and its weight files together/,
    );
    await expect(readModel(without(3).slice(0, 2))).rejects.toThrow(/the weight files group1-shard2of3.bin, .* together\), which are missing/);
  });
  test("a weight file of another size is named with the size expected", async () => {
    const cut = (i: number, length: number) => parts.map((file, k) => (k === i ? { ...file, bytes: file.bytes.slice(0, length) } : file));
    await expect(readModel(cut(2, 100))).rejects.toThrow(/group1-shard2of3.bin holds 100 bytes, but model.json expects 400 bytes there/);
    await expect(readModel(cut(3, 1))).rejects.toThrow(/group1-shard3of3.bin holds 1 bytes, but model.json expects 276 bytes there/);
  });
  test("weights alone, other JSON, two models, a zip that claims too much", async () => {
    await expect(readModel(parts.slice(1))).rejects.toThrow(/shard1of3.bin holds weights without the network; choose the model.json/);
    await expect(readModel([{ path: "package.json", bytes: new TextEncoder().encode("{}") }])).rejects.toThrow(
      /package.json is a JSON file without a network/,
    );
    await expect(readModel([...whole, { ...(whole[0] as ModelFile), path: "copy.json" }])).rejects.toThrow(
      /several networks \(model.json, copy.json\)/,
    );
    const bomb = zipSync({ "model.json": (whole[0] as ModelFile).bytes, "zeros.bin": new Uint8Array(123_457) });
    // Where the archive says how long its second file is, it says 1 GiB.
    const view = new DataView(bomb.buffer, bomb.byteOffset, bomb.length);
    for (let at = 0; at + 4 <= bomb.length; at++) if (view.getUint32(at, true) === 123_457) view.setUint32(at, 2 ** 30, true);
    await expect(readModel([{ path: "bomb.zip", bytes: bomb }])).rejects.toThrow(/bomb.zip declares \d+ bytes of content in an archive of \d+ bytes/);
  });
});

test("layers that read one another in a circle, which TensorFlow.js would wait for without end", async () => {
  const x = tf.input({ shape: [8, 8, 3] });
  const stem = tf.layers.conv2d({ filters: 3, kernelSize: 1, name: "first" }).apply(x);
  const model = tf.model({ inputs: x, outputs: tf.layers.conv2d({ filters: 3, kernelSize: 1, name: "second" }).apply(stem) as tf.SymbolicTensor });
  const [main, ...weights] = (await savedLayersModel(model)) as [ModelFile, ...ModelFile[]];
  const text = new TextDecoder().decode(main.bytes);
  const input = x.sourceLayer.name;
  const circular = text.replace(`"inbound_nodes":[[["${input}",0,0,{}]]]`, '"inbound_nodes":[[["second",0,0,{}]]]');
  expect(circular).not.toBe(text);
  await expect(readModel([{ ...main, bytes: new TextEncoder().encode(circular) }, ...weights])).rejects.toThrow(/depends on its own output/);
});
