/** Sound files of each kind, small, which fuzzing starts from: `npm run fuzz -- --seeds` writes them to corpus/. */
import { gzipSync } from "node:zlib";
import * as tf from "@tensorflow/tfjs";
import { zipSync } from "fflate";
import { packTar } from "modern-tar";
import { safetensorsFile } from "../../src/export/safetensors/file";
import { packTraining, packUnit } from "../../src/session/checkpoint/record";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { READY_MADE } from "../../src/session/recipe/ready-made";
import { ARITHMETIC_VERSION } from "../../src/session/share/arithmetic";
import { writeLink } from "../../src/session/share/link";
import { sharedRecipe } from "../../src/session/share/shared";
import { SharedUnits } from "../../src/session/trials/shared-units";
import { fixtureBytes, idx, npy, png, webp } from "../data/support";
import { Exporter } from "../support/onnx/exporter";
import { onnxBytes } from "../support/onnx/file";
import { savedLayersModel } from "../support/tfjs";
import { GraphFile } from "../support/tfjs-graph";

const encode = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => encode(JSON.stringify(value));

/** A residual block and a classifier of few channels. */
function onnx(opset: number): Uint8Array {
  const e = new Exporter(opset, [3, 8, 8]);
  const stem = e.relu("relu", e.batchNorm("bn", e.conv("stem", e.input, 4)));
  const joined = e.relu("out", e.add("block", e.conv("conv", stem, 4), stem));
  const pooled = e.maxPool("pool", e.concat("cat", [joined, stem]), { kernel: 2, stride: 2 });
  return onnxBytes(e.finish(e.linear("linear", e.flatten("flatten", e.globalAveragePool("gap", pooled)), 10)));
}

async function layersModel(): Promise<Uint8Array> {
  const { layers } = tf;
  const x = tf.input({ shape: [8, 8, 3] });
  const stem = layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu", name: "stem" }).apply(x) as tf.SymbolicTensor;
  const joined = layers.add({ name: "sum" }).apply([stem, layers.batchNormalization({ name: "bn" }).apply(stem) as tf.SymbolicTensor]);
  const flat = layers.flatten({ name: "flat" }).apply(layers.maxPooling2d({ poolSize: 2, name: "pool" }).apply(joined));
  return weightsIn(
    await savedLayersModel(tf.model({ inputs: x, outputs: layers.dense({ units: 5, name: "scores" }).apply(flat) as tf.SymbolicTensor })),
  );
}

function graphModel(): Uint8Array {
  const g = new GraphFile();
  const window = { strides: [1, 1, 1, 1], padding: "SAME" };
  const conv = g.node("_FusedConv2D", ["image", g.floats([3, 3, 4, 6]), g.floats([6])], { ...window, fused_ops: ["BiasAdd", "Relu"], num_args: 1 });
  return weightsIn(g.files(conv));
}

/** The model.json, with its weights in the one file that the reader has. */
function weightsIn([main]: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
  const value = JSON.parse(new TextDecoder().decode(main?.bytes)) as { weightsManifest: { paths: string[] }[] };
  for (const group of value.weightsManifest) group.paths = ["weights.bin"];
  return json(value);
}

function unit(): Uint8Array {
  const of = { kind: "unit", run: "run", place: { phase: "weights", index: 0, name: "layer1.0" } } as const;
  return packUnit(of, {
    change: {
      ...{ settled: 0.5, losses: Float32Array.of(2, 1) },
      kernels: new Map([["conv", Float32Array.of(1, 2)]]),
      weights: new Map([["conv", { bits: 2, scale: Float32Array.of(0.5), zero: Float32Array.of(1) }]]),
      biases: new Map(),
      quantizers: new Map([["x", { bits: 8, scale: 0.1, zero: 0 }]]),
    },
    losses: [{ first: 0, reconstruction: [2, 1], regularizer: [0, 1] }],
    roundings: [
      { iteration: 1, layers: [{ name: "conv", levels: 4, floor: Float32Array.of(1), h: Float32Array.of(0.5), histogram: Uint32Array.of(1, 0) }] },
    ],
  });
}

function training(): Uint8Array {
  const of = { kind: "training", run: "run", place: { phase: "weights", index: 0, name: "layer1.0" } } as const;
  return packTraining(of, { iteration: 5, buffers: new Map([["v", Float32Array.of(1, 2, 3)]]), roundings: [] });
}

async function sharedUnit(): Promise<Uint8Array> {
  const written: Uint8Array[] = [];
  const units = new SharedUnits({ read: async () => null, write: async (_, bytes) => void written.push(bytes) }, () => {});
  const outcome = { kernels: new Map([["conv", Float32Array.of(1)]]), weights: new Map(), biases: new Map(), quantizers: new Map() };
  await units.set("key", { outcome: { ...outcome, settled: 1, losses: Float32Array.of(1) }, samples: [] });
  // Without the seal, which the reader puts on.
  const [bytes] = written;
  return bytes?.slice(bytes.indexOf(10) + 1) ?? new Uint8Array(0);
}

/** By reader, as in readers.ts. */
export async function seeds(): Promise<Readonly<Record<string, readonly Uint8Array[]>>> {
  const pictures = { "s/cat/1.png": png(9, 7, 3, 10), "s/labels.json": encode('{"labels":{"1.png":3}}') };
  const tar = await packTar(Object.entries(pictures).map(([name, body]) => ({ header: { name, size: body.length }, body })));
  const floats = npy("<f4", [2, 3, 8, 8], new Uint8Array(Float32Array.from({ length: 384 }, (_, i) => i / 9).buffer));
  const bytes = npy("|u1", [2, 8, 8, 3], new Uint8Array(384));
  const digits = idx(
    [2, 6, 7],
    Uint8Array.from({ length: 84 }, (_, i) => i),
  );
  const recipe = demoRecipe();
  return {
    onnx: [onnx(11), onnx(17)],
    tfjs: [await layersModel(), graphModel()],
    safetensors: [safetensorsFile([{ name: "a", shape: [2, 3], data: new Float32Array(6) }], { "brecq-lab": "{}" })],
    npz: [zipSync({ "images.npy": bytes, "labels.npy": npy("|u1", [2], new Uint8Array(2)) })],
    npy: [floats, bytes],
    png: [png(9, 7), fixtureBytes("palette-4.png"), png(5, 4, 4)],
    jpeg: [fixtureBytes("colour-420.jpg"), fixtureBytes("progressive.jpg"), fixtureBytes("cmyk.jpg")],
    webp: [await webp({ quality: 60 }), await webp({ lossless: 1 })],
    zip: [zipSync(pictures)],
    tar: [tar],
    "tar.gz": [Uint8Array.from(gzipSync(tar))],
    idx: [digits],
    cifar: [new Uint8Array(2 * 3073).map((_, i) => i % 251)],
    recipe: [json(recipe), json({ ...recipe, version: 1 })],
    experiment: Object.values(READY_MADE).slice(0, 2).map(json),
    link: [encode(new URL(writeLink("https://lab.example/", sharedRecipe(recipe, ARITHMETIC_VERSION), null)).hash.slice(1))],
    provenance: [onnx(17)],
    checkpoint: [unit(), training()],
    sharedUnit: [await sharedUnit()],
  };
}
