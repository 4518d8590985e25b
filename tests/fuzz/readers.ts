/**
 * Every reader of the lab as a function of bytes alone, for fuzzing: what is wrong with the bytes is refused as bad input, in a
 * sentence, and nothing else is thrown. Readers of sealed bytes are handed them sealed, so that damage gets past the checksum.
 */
import { BadInput } from "../../src/base/errors";
import { readImages } from "../../src/data";
import { parseSafetensors } from "../../src/export/safetensors/parse";
import { RunCheckpoints } from "../../src/session/checkpoint/run-checkpoints";
import { seal } from "../../src/session/checkpoint/sealed";
import { parseExperiment } from "../../src/session/experiments/experiment";
import { readNetwork } from "../../src/session/inputs/network";
import { parseRecipe } from "../../src/session/recipe/schema";
import { readLink } from "../../src/session/share/link";
import { readProvenance } from "../../src/session/share/provenance";
import { accessToBytes } from "../../src/session/share/random-access";
import { SharedUnits } from "../../src/session/trials/shared-units";

export type Reader = (bytes: Uint8Array<ArrayBuffer>) => Promise<unknown>;

const PLAIN = { resize: 8, crop: null, mean: [0], std: [1], channelOrder: "rgb" } as const;
/** What a model.json's weights are read from. */
const WEIGHTS = new Uint8Array(16_384);

const images =
  (name: string): Reader =>
  (bytes) =>
    readImages([{ path: name, bytes }], PLAIN, name, { input: [8, 8, 3], classes: 10 });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** JSON that is none is refused where files are read (cli/inputs, the page's drop). */
function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text(bytes));
  } catch {
    throw new BadInput("no JSON");
  }
}

/** Where a unit's checkpoint is the bytes; what is wrong with it is told as a warning. */
async function checkpoint(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { signal } = new AbortController();
  const place = { phase: "weights", index: 0, name: "layer1.0" } as const;
  for (const content of [bytes, (await seal(bytes)) as Uint8Array<ArrayBuffer>]) {
    const store = { read: async () => content, write: async () => {}, remove: async () => {} };
    const checkpoints = new RunCheckpoints({ run: "run", store, signal, emit: () => {} });
    await checkpoints.unit(place);
    await checkpoints.training(place);
  }
}

async function sharedUnit(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const content = (await seal(bytes)) as Uint8Array<ArrayBuffer>;
  await new SharedUnits({ read: async () => content, write: async () => {} }, () => {}).get("key");
}

export const READERS: Readonly<Record<string, Reader>> = {
  onnx: (bytes) => readNetwork([{ path: "a.onnx", bytes }]),
  tfjs: (bytes) =>
    readNetwork([
      { path: "model.json", bytes },
      { path: "weights.bin", bytes: WEIGHTS },
    ]),
  safetensors: async (bytes) => parseSafetensors({ path: "a.safetensors", bytes }),
  npz: images("a.npz"),
  npy: images("a.npy"),
  png: images("a.png"),
  jpeg: images("a.jpg"),
  webp: images("a.webp"),
  zip: images("a.zip"),
  tar: images("a.tar"),
  "tar.gz": images("a.tar.gz"),
  idx: images("a-images-idx3-ubyte"),
  cifar: images("data_batch_1.bin"),
  recipe: async (bytes) => parseRecipe(json(bytes), "recipe"),
  experiment: async (bytes) => parseExperiment(json(bytes), "experiment"),
  link: (bytes) => readLink(text(bytes)),
  provenance: (bytes) => readProvenance("a.onnx", accessToBytes(bytes)),
  checkpoint,
  sharedUnit,
};
