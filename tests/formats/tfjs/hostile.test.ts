/**
 * 208 damaged and hostile TF.js models of either kind from a seed: each is read, or refused in a sentence that names a file of
 * it, within 2 s and 500 MB.
 */
import * as tf from "@tensorflow/tfjs";
import { zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../../src/base/random";
import { readModel } from "../../../src/formats";
import type { ModelFile } from "../../../src/formats/format";
import { prepare } from "../../../src/passes/prepare";
import { attempt } from "../../support/limits";
import { savedLayersModel } from "../../support/tfjs";
import { GraphFile } from "../../support/tfjs-graph";

/** Files of each damage; those that are megabytes long take their time. */
const shareOf = (title: string) => (title.startsWith("JSON bombs") ? 8 : 40);
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Layers of many kinds, two of them joined. */
async function layersModel(): Promise<ModelFile[]> {
  const { layers } = tf;
  const x = tf.input({ shape: [8, 8, 3] });
  const stem = layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu", name: "stem" }).apply(x) as tf.SymbolicTensor;
  const depth = layers.depthwiseConv2d({ kernelSize: 3, padding: "same", name: "depth" }).apply(stem) as tf.SymbolicTensor;
  const normal = layers.batchNormalization({ name: "normal" }).apply(depth) as tf.SymbolicTensor;
  const joined = layers.add({ name: "sum" }).apply([stem, layers.leakyReLU({ name: "leaky" }).apply(normal) as tf.SymbolicTensor]);
  const up = layers.upSampling2d({ size: [2, 2], name: "up" }).apply(layers.zeroPadding2d({ padding: 1, name: "pad" }).apply(joined));
  const pooled = layers.maxPooling2d({ poolSize: 2, name: "pool" }).apply(up) as tf.SymbolicTensor;
  const flat = layers.reshape({ targetShape: [400], name: "reshape" }).apply(pooled);
  return savedLayersModel(tf.model({ inputs: x, outputs: layers.dense({ units: 5, name: "scores" }).apply(flat) as tf.SymbolicTensor }), 2000);
}

/** Operators of many kinds, with constants that say shapes and axes. */
function graphModel(): ModelFile[] {
  const g = new GraphFile();
  const window = { strides: [1, 1, 1, 1], padding: "SAME" };
  const conv = g.node("_FusedConv2D", ["image", g.floats([3, 3, 4, 6]), g.floats([6])], { ...window, fused_ops: ["BiasAdd", "Relu"], num_args: 1 });
  const padded = g.node("Pad", [conv, g.pads([0, 0, 1, 1, 1, 1, 0, 0])]);
  const filled = g.node("Fill", [g.ints([1, 1, 1, 6]), g.floats([], [0.5])]);
  const scaled = g.node("Mul", [padded, filled]);
  const sliced = g.node("StridedSlice", [scaled, g.ints([0, 1, 1, 0]), g.ints([0, 9, 11, 6]), g.ints([1, 1, 1, 1])], { begin_mask: 9, end_mask: 9 });
  const turned = g.node("Transpose", [sliced, g.ints([0, 3, 1, 2])]);
  const back = g.node("Transpose", [turned, g.ints([0, 2, 3, 1])]);
  const joined = g.node("ConcatV2", [back, back, g.ints(3)], { N: 2 });
  const resized = g.node("ResizeBilinear", [joined, g.ints([4, 5])], { half_pixel_centers: true });
  const flat = g.node("Reshape", [resized, g.ints([-1, 240])]);
  return g.files(g.node("MatMul", [flat, g.floats([240, 5])]));
}

type Files = readonly [ModelFile, ...ModelFile[]];
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Damage = (files: Files, random: Random, i: number) => ModelFile[];

const withText = ([main, ...weights]: Files, text: string): ModelFile[] => [{ ...main, bytes: encode(text) }, ...weights];
const onText =
  (change: (text: string, at: number, random: Random, i: number) => string): Damage =>
  (files, random, i) => {
    const text = decode(files[0].bytes);
    return withText(files, change(text, random.below(text.length), random, i));
  };

const WRONG: readonly Json[] = [null, -1, 0, 1e9, 2 ** 31, 1e300, 0.5, "", "nonsense", "999999999999", [], [-1], [1e9, 1e9, 1e9], {}, true];

/** One value of the JSON, wherever it lies, replaced. */
function replaced(json: Json, random: Random): Json {
  const places: { holder: Record<string, Json>; key: string }[] = [];
  const walk = (value: Json) => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      const holder = value as Record<string, Json>;
      places.push({ holder, key });
      walk(holder[key] as Json);
    }
  };
  walk(json);
  const { holder, key } = places[random.below(places.length)] as (typeof places)[number];
  holder[key] = WRONG[random.below(WRONG.length)] as Json;
  return json;
}

/** The same number of bytes in each entry of a zip, said to be gigabytes. */
function bomb(files: readonly ModelFile[], entry: number): ModelFile[] {
  const zip = zipSync(Object.fromEntries([...files.map(({ path, bytes }) => [path, bytes] as const), ["zeros.bin", new Uint8Array(123_457)]]));
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  for (let at = 0; at + 4 <= zip.length; at++) if (view.getUint32(at, true) === 123_457) view.setUint32(at, entry, true);
  return [{ path: "model.json.zip", bytes: zip }];
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  "text cut off, changed, numbers huge or negative": onText((text, at, random) => {
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    const kinds = [
      head,
      head + String.fromCharCode(33 + (at % 90)) + tail.slice(1),
      head + tail.replace(/\d+/, "999999999"),
      head + tail.replace(/\d+/, "-1"),
    ];
    return kinds[random.below(kinds.length)] as string;
  }),
  "a value of the JSON replaced by another": (files, random) => withText(files, JSON.stringify(replaced(JSON.parse(decode(files[0].bytes)), random))),
  "three values replaced": (files, random) => {
    let json = JSON.parse(decode(files[0].bytes)) as Json;
    for (let i = 0; i < 3; i++) json = replaced(json, random);
    return withText(files, JSON.stringify(json));
  },
  "JSON bombs: nested without end, megabytes of keys": onText((text, at, random, i) => {
    const deep = [...'[{"'].map((open) => (open === "[" ? "[".repeat(300_000) : '{"a":'.repeat(100_000)))[random.below(2)] as string;
    const closed = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    const keys = Array.from({ length: 100_000 }, (_, i) => `"key${i}":{"a":[${i}]}`).join(",");
    const kinds = [
      text.slice(0, at) + deep + text.slice(at),
      text.replace('"modelTopology":{', `"modelTopology":{"deep":${closed},`),
      text.replace('"modelTopology":{', `"modelTopology":{${keys},`),
      text.replace(/"(conv2d|stem|Pad_\d+)"/g, `"${"n".repeat(2 ** 20)}"`),
    ];
    return kinds[i % kinds.length] as string;
  }),
  "names that name one another": onText((text, _at, random) => {
    const names = [...new Set([...text.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name as string))];
    const [from, to] = [names[random.below(names.length)], names[random.below(names.length)]];
    return random.below(2) ? text.replaceAll(`"${from}"`, `"${to}"`) : text.replace(`["${from}"`, `["${to}"`);
  }),
  "weight files cut off, changed, swapped, missing, or of a zip that claims too much": (files, random, i) => {
    const [main, ...weights] = files;
    const at = random.below(weights.length);
    const one = weights[at] as ModelFile;
    switch (i % 5) {
      case 0:
        return [main, ...weights.with(at, { ...one, bytes: one.bytes.slice(0, random.below(one.bytes.length)) })];
      case 1:
        return [main, ...weights.with(at, { ...one, bytes: one.bytes.map(() => random.below(256)) })];
      case 2:
        return [main, ...weights.filter((_, k) => k !== at)];
      case 3:
        return [main, ...weights.map((file, k) => ({ ...file, bytes: (weights[(k + 1) % weights.length] as ModelFile).bytes }))];
      default:
        return bomb(files, (1 + random.below(3)) * 2 ** 30);
    }
  },
};

describe.each([
  ["layers", layersModel],
  ["graph", async () => graphModel()],
] as const)("%s models", (kind, make) => {
  let files: Files;
  beforeAll(async () => {
    files = (await make()) as unknown as Files;
    // TensorFlow.js is loaded here, not in the time of the first file.
    await readModel(files);
  });

  test.each(Object.entries(DAMAGES))("some with %s", async (title, damage) => {
    const random = new Random(14, `${kind}/${title}`);
    const faults: string[] = [];
    let refused = 0;
    for (let i = 0; i < shareOf(title); i++) {
      const given = damage(files, random, i);
      const outcome = await attempt(/model\.json|\.bin/, async () => prepare(await readModel(given)));
      if (outcome.refused) refused++;
      if (outcome.fault) faults.push(`${i}: ${outcome.fault}`);
    }
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });
});
