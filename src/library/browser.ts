/** The library in browsers, in a page or better in a worker: addresses, WebGPU where there is a GPU, and `onnxruntime-web` where it is installed. */
import { BadInput } from "../base/errors";
import { missingPackage } from "../base/packages";
import type { ProofRuntime } from "../export/proof/prove";
import type { OnnxRuntime } from "../export/proof/runtime";
import type { GivenFiles } from "../session/inputs/sources";
import { chooseDevice } from "../session/run/devices";
import { HUB, isWebAddress, parseAddress } from "../session/web/address";
import { fetchFiles, givenFiles } from "../session/web/fetch";
import { memoryStore } from "../session/web/memory-store";
import { type ProvedKind, setPlatform } from "./platform";

/** Images that are fetched where neither address nor options say how many. */
const ROWS = 1024;

const store = memoryStore();

async function fetchInput(text: string, signal: AbortSignal, rows: number): Promise<GivenFiles> {
  if (!isWebAddress(text))
    throw new BadInput(
      `"${text}" is no address; in a browser give hub:OWNER/NAME, hub-dataset:OWNER/NAME, an https URL, or files as { path, bytes }.`,
    );
  const origin = globalThis.location?.origin ?? null;
  const address = parseAddress(text, { hub: HUB, origin, bare: null });
  const entry = await fetchFiles(address, rows, null, { hub: HUB, origin, store, signal, token: null, onProgress: () => {} });
  return givenFiles(entry, store);
}

/** Settings of the runtimes, as where their WebAssembly lies, are those of their modules, which are the caller's too. */
async function openRuntime(kind: ProvedKind): Promise<ProofRuntime> {
  if (kind === "onnx") {
    const runtime = await import("onnxruntime-web").catch((error) => {
      throw missingPackage(error, "onnxruntime-web", "The proof of an exported ONNX file");
    });
    return (await import("../export/proof/onnx")).onnxProof("onnxruntime-web", runtime as unknown as OnnxRuntime);
  }
  const tf = await import("@tensorflow/tfjs").catch((error) => {
    throw missingPackage(error, "@tensorflow/tfjs", "The proof of an exported TensorFlow.js model");
  });
  await tf.ready();
  return (await import("../export/proof/tfjs")).tfjsProof(tf);
}

setPlatform({
  hostMemory: null,
  openDevice: (recipe) => chooseDevice(recipe, navigator.gpu, navigator.hardwareConcurrency),
  async builtinModel(name) {
    const response = await fetch(new URL(`../../public/demo/${name}.onnx`, import.meta.url));
    if (!response.ok) throw new Error(`The built-in network ${name} could not be fetched (${response.status})`);
    return new Uint8Array(await response.arrayBuffer());
  },
  readModel: (text, signal) => fetchInput(text, signal, ROWS),
  readImages: (text, signal, count = ROWS) => fetchInput(text, signal, count),
  openRuntime,
});

export * from "./library";
