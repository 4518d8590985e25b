/** `predict`: every output as the file's own runtime gives it, read back by a parser that is not ours. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { encode } from "fast-png";
import { unzipSync } from "fflate";
import { parse } from "npyjs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type PredictOptions, predict } from "../../src/cli/predict";
import { readImages } from "../../src/data";
import { normalize } from "../../src/data/preprocess";
import { presetPreprocessing } from "../../src/data/preprocessing-presets";
import { drawShapes } from "../../src/data/procedural";
import { onnx } from "../../src/export/onnx";
import { npy } from "../data/support";
import { artifactOfRun } from "../support/artifact";
import { startHub } from "../support/hub";
import { randoms, relativeError } from "../support/numbers";
import { RUNTIME, toFile } from "../support/onnx/exported";
import { modelFiles, openSession } from "../support/onnx/runtime";
import { sharedBytes, sharedPath, sharedTest } from "../support/shared";
import { predict as predictByTfjs, savedLayersModel } from "../support/tfjs";

const CORPUS = fileURLToPath(new URL("../formats/corpus/", import.meta.url));
const RESNET = fileURLToPath(new URL("../../public/demo/shapes-resnet14.onnx", import.meta.url));
const COUNT = 3;

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "brecq-predict-"));
  said = [];
  vi.spyOn(console, "log").mockImplementation((line) => void said.push(line));
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

function floatsFile(shape: number[], data: Float32Array, name = "images.npy"): string {
  const path = join(folder, name);
  writeFileSync(path, npy("<f4", shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  return path;
}

interface Read {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function readArray(bytes: Uint8Array): Read {
  const { data, shape, dtype, fortranOrder } = parse(bytes.slice().buffer as ArrayBuffer);
  expect([dtype, fortranOrder]).toEqual(["f4", false]);
  return { shape, data: data as Float32Array };
}

const options = (given: Partial<PredictOptions>): PredictOptions => ({ device: "wasm", threads: 2, ...given });

async function scores(model: string, given: Partial<PredictOptions>): Promise<Read> {
  const out = join(folder, "scores.npy");
  await predict(model, options({ out, ...given }));
  return readArray(new Uint8Array(readFileSync(out)));
}

/** Every output of a file, by name and in the file's order. */
async function allScores(model: string, given: Partial<PredictOptions>): Promise<Map<string, Read>> {
  const out = join(folder, "deep", "scores.npz");
  await predict(model, options({ out, ...given }));
  const entries = Object.entries(unzipSync(new Uint8Array(readFileSync(out))));
  return new Map(entries.map(([name, bytes]) => [name.replace(/\.npy$/, ""), readArray(bytes)]));
}

async function byOnnxruntime(path: string, shape: number[], data: Float32Array): Promise<Map<string, Read>> {
  const session = await openSession(await modelFiles(path));
  const values = await session.run({ dims: shape, data });
  await session.dispose();
  return new Map(session.outputs.map((name, i) => [name, { shape: values[i]?.dims ?? [], data: values[i]?.data ?? new Float32Array() }]));
}

describe("against onnxruntime, from preprocessed floats", () => {
  const shape = [COUNT, 3, 64, 64];
  const data = randoms(COUNT * 3 * 64 * 64, 5);

  test.each(["se-resnet.onnx", "inception-lrn.onnx", "deeplab-v3.onnx"].map((file) => [file] as const))("%s", async (file) => {
    const fixed = file === "deeplab-v3.onnx" ? 1 : COUNT;
    const own = { shape: [fixed, ...shape.slice(1)], data: data.slice(0, fixed * 3 * 64 * 64) };
    const actual = await scores(CORPUS + file, { images: floatsFile(own.shape, own.data) });
    const [expected] = (await byOnnxruntime(CORPUS + file, own.shape, own.data)).values();
    expect(actual.shape).toEqual(expected?.shape);
    expect(relativeError(actual.data, expected?.data ?? [])).toBeLessThan(1e-4);
  });

  test.each(["fcn-open.onnx", "ssdlite.onnx"].map((file) => [file] as const))("%s, of several outputs", async (file) => {
    const actual = await allScores(CORPUS + file, { images: floatsFile(shape, data) });
    const expected = await byOnnxruntime(CORPUS + file, shape, data);
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [name, values] of expected) {
      expect(actual.get(name)?.shape).toEqual(values.shape);
      expect(relativeError(actual.get(name)?.data ?? [], values.data)).toBeLessThan(1e-4);
    }
    await expect(scores(CORPUS + file, { images: floatsFile(shape, data) })).rejects.toThrow(
      new RegExp(`has 2 outputs \\(${[...expected.keys()].join(", ")}\\); write them with --out FILE.npz`),
    );
  });
});

test("images that are computed in several parts", async () => {
  const [many, size] = [640, 3 * 64 * 64];
  const few = randoms(COUNT * size, 5);
  const data = Float32Array.from({ length: many * size }, (_, i) => few[i % few.length] as number);
  const expected = await allScores(`${CORPUS}fcn-open.onnx`, { images: floatsFile([COUNT, 3, 64, 64], few) });
  const actual = await allScores(`${CORPUS}fcn-open.onnx`, { images: floatsFile([many, 3, 64, 64], data) });
  const words = size + [...expected.values()].reduce((sum, output) => sum + output.data.length / COUNT, 0);
  expect(words * many).toBeGreaterThan(2 * 2 ** 24);
  for (const [name, output] of expected) {
    const repeated = actual.get(name)?.data as Float32Array;
    expect(repeated.findIndex((value, i) => value !== output.data[i % output.data.length])).toBe(-1);
  }
});

test("a TensorFlow.js model keeps its own layout and names", async () => {
  const image = tf.input({ shape: [8, 8, 3] });
  const conv = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", name: "map" }).apply(image) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(conv) as tf.SymbolicTensor;
  const classes = tf.layers.dense({ units: 5, name: "classes" }).apply(pooled) as tf.SymbolicTensor;
  const model = tf.model({ inputs: image, outputs: [classes, conv] });
  for (const { path, bytes } of await savedLayersModel(model)) writeFileSync(join(folder, path), bytes);
  const data = randoms(2 * 8 * 8 * 3, 3);
  const actual = await allScores(join(folder, "model.json"), { images: floatsFile([2, 8, 8, 3], data) });
  const expected = predictByTfjs(model, data, [2, 8, 8, 3]);
  expect([...actual]).toHaveLength(2);
  for (const [i, name] of ["classes", "map"].entries()) {
    expect(actual.get(name)?.shape).toEqual(expected[i]?.shape);
    expect(relativeError(actual.get(name)?.data ?? [], expected[i]?.data ?? [])).toBeLessThan(1e-4);
  }
});

test("a quantized file that the lab exported gives what the run judged, and what onnxruntime gives", async () => {
  const artifact = await artifactOfRun("shapes-mobilenet", {
    method: "nearest",
    weights: { bits: 4 },
    activations: { bits: 8, scale: "max", iterations: 4 },
  });
  const [file] = await onnx(artifact, { name: "quantized" });
  const path = join(folder, "quantized.onnx");
  writeFileSync(path, file?.bytes ?? "");
  const { evidence } = artifact;
  const images = toFile(evidence.images(0, 64), [32, 32, 3]);
  const actual = await scores(path, { images: floatsFile([64, 3, 32, 32], images) });
  expect(actual.shape).toEqual([64, 10]);
  expect(relativeError(actual.data, evidence.logits)).toBeLessThan(1e-3);
  const full = await scores(fileURLToPath(new URL("../../public/demo/shapes-mobilenet.onnx", import.meta.url)), {
    images: join(folder, "images.npy"),
  });
  expect(relativeError(full.data, evidence.fullPrecision)).toBe(0);
  expect(relativeError(actual.data, full.data)).toBeGreaterThan(1e-2);
  const session = await RUNTIME.InferenceSession.create(file?.bytes as Uint8Array, { graphOptimizationLevel: "disabled" });
  const [input, output] = [session.inputNames[0] as string, session.outputNames[0] as string];
  const theirs = (await session.run({ [input]: new RUNTIME.Tensor("float32", images, [64, 3, 32, 32]) }))[output]?.data as Float32Array;
  expect(relativeError(actual.data, theirs)).toBeLessThan(0.05);
});

describe("images", () => {
  const pictures = Array.from({ length: COUNT }, (_, n) => ({
    ...{ width: 90, height: 75, channels: 3 },
    data: Uint8Array.from({ length: 90 * 75 * 3 }, (_, i) => (i * (n + 3) + (i >> 5)) % 256),
  }));

  test("pictures by a preset, as floats that were preprocessed before", async () => {
    const given = join(folder, "pictures");
    await mkdir(given);
    for (const [i, picture] of pictures.entries()) writeFileSync(join(given, `${i}.png`), encode(picture));
    const preprocessing = presetPreprocessing("torchvision", [64, 64, 3]);
    const files = pictures.map((picture, i) => ({ path: `pictures/${i}.png`, bytes: encode(picture) }));
    const { set } = await readImages(files, preprocessing, "pictures");
    const floats = toFile(normalize(set, preprocessing, 0, COUNT), [64, 64, 3]);
    const expected = await scores(`${CORPUS}se-resnet.onnx`, { images: floatsFile([COUNT, 3, 64, 64], floats) });
    const actual = await scores(`${CORPUS}se-resnet.onnx`, { images: given, preprocessing: "torchvision" });
    expect([...actual.data]).toEqual([...expected.data]);
    const other = await scores(`${CORPUS}se-resnet.onnx`, { images: given, preprocessing: "torchvision", bgr: true, count: 2 });
    expect(other.shape[0]).toBe(2);
    expect(relativeError(other.data, actual.data.slice(0, other.data.length))).toBeGreaterThan(1e-3);
  });

  test("with labels tell the accuracy", async () => {
    const { pixels, labels, count } = drawShapes("test", 200, 0);
    const bytes = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const { zipSync } = await import("fflate");
    const path = join(folder, "shapes.npz");
    writeFileSync(
      path,
      zipSync({ "images.npy": npy("|u1", [count, 32, 32, 3], bytes(pixels)), "labels.npy": npy("<i4", [count], bytes(labels as Int32Array)) }),
    );
    const { data } = await scores(RESNET, { images: path, mean: [0.5], std: [0.25] });
    const right = [...(labels as Int32Array)].filter((label, i) => Math.max(...data.slice(10 * i, 10 * i + 10)) === data[10 * i + label]).length;
    expect(said).toContain(`Top-1 of the labelled images: ${(right / 2).toFixed(2)} %`);
    expect(right).toBeGreaterThan(170);
  });

  test("and models may be fetched", async () => {
    const hub = await startHub();
    vi.stubEnv("HF_ENDPOINT", hub.url);
    try {
      hub.repositories["o/net"] = { files: { "model.onnx": new Uint8Array(readFileSync(RESNET)) } };
      const images = floatsFile([2, 3, 32, 32], randoms(2 * 3 * 32 * 32, 7));
      const fetched = await scores("hub:o/net", { images, webCache: join(folder, "web") });
      expect(fetched.data).toEqual((await scores(RESNET, { images })).data);
    } finally {
      vi.unstubAllEnvs();
      await hub.stop();
    }
  });
});

sharedTest("MobileNetV2 of the shared data gives its golden logits from pixels", async () => {
  const path = join(folder, "golden.npy");
  writeFileSync(path, npy("|u1", [8, 224, 224, 3], sharedBytes("images/imagenet-sample-224/golden8_rgb_u8_8x224x224x3.bin")));
  const model = sharedPath("models/mobilenetv2-1.0-imagenet/mobilenetv2-1.0-imagenet-fp32.onnx");
  const actual = await scores(model, { images: path, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
  const golden = new Float32Array(sharedBytes("models/mobilenetv2-1.0-imagenet/golden8_logits_8x1000_f32.bin").slice().buffer);
  expect(relativeError(actual.data, golden)).toBeLessThan(1e-4);
});

test("what is missing or does not fit is said", async () => {
  const out = join(folder, "scores.npy");
  const images = floatsFile([1, 3, 31, 32], randoms(3 * 31 * 32, 1));
  await expect(predict(RESNET, options({ out }))).rejects.toThrow(/needs images: give --images DATA/);
  await expect(predict(RESNET, options({ images }))).rejects.toThrow(/say which with --out scores\.npy/);
  await expect(predict(RESNET, options({ images, out: "scores.csv" }))).rejects.toThrow(/scores\.csv must end in \.npy/);
  await expect(scores(RESNET, { images })).rejects.toThrow(/float32 of shape \(1, 3, 31, 32\), but the network takes \(N, 3, 32, 32\)/);
  await expect(scores(RESNET, { images, std: [0] })).rejects.toThrow("The command line: preprocessing.std is not valid: expected positive numbers.");
  await expect(scores(RESNET, { images, device: "tpu" })).rejects.toThrow(/The command line: device is not valid/);
  await expect(scores(join(folder, "none.onnx"), { images })).rejects.toThrow(/none\.onnx does not exist/);
});
