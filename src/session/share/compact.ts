/**
 * A shared run as few bytes. First the JSON of what is said in words, deflated with a dictionary of the words that most recipes hold; it
 * tells what follows it: SHA-256 hashes as 32 bytes each, losses (losses.ts), and widths of single layers by position (widths.ts).
 *
 *   byte 0        the form's version
 *   bytes 1, 2    length of the deflated JSON, little-endian
 *   JSON          `r` the recipe (defaults.ts) without hashes, `h` whose hashes follow: m(odel), c(alibration), e(valuation);
 *                 `a` the arithmetic version; `f` the fingerprint; `w` widths; `n` the headline
 *   hashes        those of `h` in order, the rounding's, the result's
 *   losses, then widths of weights and of activations
 *
 * The dictionary belongs to the form: one more word in it needs another version.
 */
import { deflateSync } from "fflate";
import { z } from "../../base/zod";
import type { Recipe } from "../recipe/recipe";
import { parseRecipe } from "../recipe/schema";
import { packBits, unpackBits } from "./bits";
import { withoutDefaults } from "./defaults";
import { inflateText } from "./inflate";
import { type CodedLosses, LOSS_CODINGS, lossBytes, readLosses } from "./losses";
import type { Headline, SharedRun } from "./shared";

const VERSION = 1;

/** Bytes of the JSON at most. */
const MOST_TEXT = 2 ** 20;

/** The likeliest words stand last, where they are cheapest to point at. */
const DICTIONARY = new TextEncoder().encode(
  [
    '"from":"hub-dataset:https://huggingface.co/resolve/main/hub:',
    '"overrides":[{"layers":"*","bits":"float"},{"layers":"',
    '"granularity":"tensor","symmetric":true,"firstLastBits":null,"scale":"max_scale","scale":"percentile",',
    '"lastInputBits":null,"learn":false,"scale":"max","iterations":5000,"learningRate":0.0004,"iterations":1000,"learningRate":0.002',
    '"method":"nearest","method":"dfq","method":"adaround","method":"adaquant","method":"bitsplit","method":"qdrop",',
    '"unit":"layer","unit":"stage","unit":"net","loss":"fisher_diag","loss":"fisher_diag_damped","loss":"fisher_full",',
    '"inputs":"full","annealing":{"decay":"warmup":"from":20,"to":2,"batches":"epochs"},"regularizer":0.1,"batch":64,"seed":1,"cache":"f16",',
    '"memory":"diagnose":true,"threads":4,"channelOrder":"bgr","resize":256,"crop":[224,224],"resize":[32,32],',
    '"preprocessing":{"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]},"mean":[0.4914,0.4822,0.4465],"std":[0.247,0.2435,0.2616],',
    '{"kind":"file","name":"model.onnx"},"calibration":{"kind":"files","name":".zip","count":1024},"evaluation":{"kind":"files","name":"test_batch.bin",',
    '"weights":{"bits":4,"assignment":{"/features/features./block/block./conv1/Conv":4,"/layer1/layer1.0/conv2/Conv":2,"/downsample/Conv":3,"/fc/Gemm":8}},',
    '"activations":{"bits":4,"assignment":{"iterations":2000,"learningRate":0.01,"iterations":20000,"learningRate":0.001,"iterations":500,"learningRate":0.04,',
    '"n":[[["c",null,"webgpu","nvidia","WebAssembly SIMD, 8 threads","e",[697896,48504],"wasm","WebAssembly SIMD, 4 threads",',
    '"f32",1],"f":[null,100,"f64",0],"f":["log16","log8","a":2,"h":"mce","w":[[0,2,3,4,5,6,8],[2,4,8],',
    '{"r":{"version":2,"model":{"kind":"builtin","name":"shapes-mobilenet-bn"},"name":"shapes-regnet"},"name":"shapes-resnet14"},',
    '"calibration":{"kind":"builtin","name":"shapes","split":"calibration","count":1024,"seed":0},',
    '"evaluation":{"kind":"builtin","name":"shapes","split":"test","count":2000,"seed":0},',
    '"preprocessing":{"mean":[0.5,0.5,0.5],"std":[0.25,0.25,0.25]},"weights":{"bits":2},"device":"webgpu"},"device":"wasm"},"a":2,"f":[',
  ].join(""),
);

const accuracy = z.tuple([z.number().nullable(), z.number()]).rest(z.number().nullable());
const alphabet = z.array(z.int().min(0).max(8)).min(1).max(8).nullable();

const schema = z.object({
  r: z.record(z.string(), z.unknown()),
  h: z
    .string()
    .regex(/^m?c?e?$/)
    .default(""),
  a: z.int().min(1),
  /** top-1, agreement, number of losses, their coding, whether there is a hash of the result. */
  f: z.tuple([z.number().nullable(), z.number(), z.int().min(0).max(10000), z.enum(LOSS_CODINGS), z.int().min(0).max(1)]).optional(),
  /** Layers, hash of their names, and the widths that occur, of weights and of activations. */
  w: z.tuple([z.int().min(1).max(10000), z.int().min(0), alphabet, alphabet]).optional(),
  /** Accuracies, images, on evaluation or calibration images, sizes, kind and name of the device, seconds, day. */
  n: z
    .tuple([
      z.tuple([accuracy, accuracy, accuracy]),
      z.int().min(0),
      z.enum(["e", "c"]),
      z.tuple([z.number(), z.number()]).nullable(),
      z.enum(["wasm", "webgpu"]),
      z.string().max(300),
      z.number().nullable(),
      z.string().max(30).nullable(),
    ])
    .optional(),
});
type Words = z.input<typeof schema>;

const ROLES = { m: "model", c: "calibration", e: "evaluation" } as const;
type Role = keyof typeof ROLES;

/** @param losses the fingerprint's, coded; null where there is no fingerprint */
export function toBytes({ recipe, fingerprint, arithmetic, headline, widths }: SharedRun, losses: CodedLosses | null): Uint8Array {
  const hashes = (Object.keys(ROLES) as Role[]).flatMap((role): [Role, string][] => {
    const files = recipe[ROLES[role]];
    return files && files.kind !== "builtin" && files.sha256 ? [[role, files.sha256]] : [];
  });
  const letters = [widths?.weights, widths?.activations].map((values) => values && [...new Set(values)].sort((a, b) => a - b));
  const words: Words = {
    r: withoutDefaults(withHashes(recipe, {})),
    a: arithmetic,
    ...(hashes.length > 0 ? { h: hashes.map(([role]) => role).join("") } : {}),
    ...(fingerprint && losses
      ? { f: [fingerprint.top1, fingerprint.agreement, fingerprint.losses.length, losses.coding, fingerprint.result ? 1 : 0] }
      : {}),
    ...(widths ? { w: [widths.count, widths.hash, letters[0] ?? null, letters[1] ?? null] } : {}),
    ...(headline ? { n: headlineWords(headline) } : {}),
  };
  const text = deflateSync(new TextEncoder().encode(JSON.stringify(words)), { level: 9, mem: 12, dictionary: DICTIONARY });
  return joined([
    Uint8Array.of(VERSION, text.length & 255, text.length >> 8),
    text,
    ...hashes.map(([, hash]) => fromHex(hash)),
    ...(fingerprint && losses ? [fromHex(fingerprint.rounding), fromHex(fingerprint.result ?? ""), losses.bytes] : []),
    ...[widths?.weights, widths?.activations].map((values, i) => packLetters(values ?? null, letters[i] ?? null)),
  ]);
}

/** @throws Error of whatever kind where the bytes are damaged, BadInput where the recipe is none */
export function fromBytes(bytes: Uint8Array): SharedRun {
  if (bytes[0] !== VERSION) throw new Error("Another version of links");
  let at = 3 + ((bytes[1] as number) | ((bytes[2] as number) << 8));
  const take = (length: number) => {
    at += length;
    if (at > bytes.length) throw new Error("The link breaks off");
    return bytes.subarray(at - length, at);
  };
  const { r, h, a, f, w, n } = schema.parse(JSON.parse(inflateWords(bytes.subarray(3, at))));
  const hashes = Object.fromEntries([...h].map((role) => [ROLES[role as Role], toHex(take(32))]));
  const recipe = withHashes(parseRecipe(r, "The link's recipe"), hashes);
  let [fingerprint, lossError]: [SharedRun["fingerprint"], number] = [null, 0];
  if (f) {
    const [top1, agreement, count, coding, hasResult] = f;
    const rounding = toHex(take(32));
    const result = hasResult ? { result: toHex(take(32)) } : {};
    const read = readLosses(coding, take(lossBytes(coding, count)), count);
    lossError = read.error;
    fingerprint = { top1, agreement, losses: read.losses, rounding, ...result };
  }
  const letters = (values: number[] | null) =>
    values && w ? unpackBits(take(Math.ceil((w[0] * bitsFor(values)) / 8)), w[0], bitsFor(values)).map((i) => letterOf(values, i)) : null;
  const widths = w ? { count: w[0], hash: w[1], weights: letters(w[2]), activations: letters(w[3]) } : null;
  if (at !== bytes.length) throw new Error("The link goes on where it should end");
  return { recipe, fingerprint, lossError, arithmetic: a, headline: n ? headlineOf(n) : null, widths };
}

function headlineWords({ accuracy: { fullPrecision, nearest, quantized }, evaluatedOn, size, device, seconds, date }: Headline): Words["n"] {
  const words = ({ top1, agreement, meanIou }: Headline["accuracy"]["nearest"]): z.infer<typeof accuracy> =>
    meanIou === undefined ? [top1, agreement] : [top1, agreement, meanIou];
  return [
    [words(fullPrecision), words(nearest), words(quantized)],
    quantized.images,
    evaluatedOn === "evaluation" ? "e" : "c",
    size && [size.fullPrecision, size.quantized],
    device.kind,
    device.description.slice(0, 200),
    seconds === null ? null : Number(seconds.toPrecision(3)),
    date,
  ];
}

function headlineOf([accuracies, images, on, size, kind, description, seconds, date]: NonNullable<Words["n"]>): Headline {
  const of = ([top1, agreement, meanIou]: z.infer<typeof accuracy>) => ({
    ...{ top1, agreement, images },
    ...(meanIou === undefined ? {} : { meanIou }),
  });
  const [fullPrecision, nearest, quantized] = accuracies;
  return {
    accuracy: { fullPrecision: of(fullPrecision), nearest: of(nearest), quantized: of(quantized) },
    evaluatedOn: on === "e" ? "evaluation" : "calibration",
    size: size && { fullPrecision: size[0], quantized: size[1] },
    ...{ device: { kind, description }, seconds, date },
  };
}

/** The recipe with these hashes of its files and no others. */
function withHashes(recipe: Recipe, hashes: Readonly<Record<string, string>>): Recipe {
  const set = <T extends Recipe["model"] | Recipe["calibration"]>(files: T, role: string): T =>
    files.kind === "builtin" ? files : { ...files, sha256: hashes[role] ?? null };
  const { model, calibration, evaluation } = recipe;
  return {
    ...recipe,
    model: set(model, "model"),
    calibration: set(calibration, "calibration"),
    evaluation: evaluation && set(evaluation, "evaluation"),
  };
}

function inflateWords(bytes: Uint8Array): string {
  return inflateText(bytes, MOST_TEXT, DICTIONARY);
}

const bitsFor = (letters: readonly number[]) => Math.ceil(Math.log2(letters.length));

function packLetters(values: readonly number[] | null, letters: readonly number[] | null): Uint8Array {
  return values && letters
    ? packBits(
        values.map((value) => letters.indexOf(value)),
        bitsFor(letters),
      )
    : new Uint8Array(0);
}

function letterOf(letters: readonly number[], i: number): number {
  const found = letters[i];
  if (found === undefined || found === 1) throw new Error("The link names a width that there is none of");
  return found;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
