/**
 * TensorFlow.js for the page, on its WebAssembly back end, whose binary comes from its npm package with the page's own files when it is
 * first needed. The one without threads: they would be workers of this worker.
 */
import * as tf from "@tensorflow/tfjs";
import { setWasmPath } from "@tensorflow/tfjs-backend-wasm";
import wasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import type { ProofRuntime } from "../../export/proof/prove";
import { tfjsProof } from "../../export/proof/tfjs";

export async function tfjsRuntime(): Promise<ProofRuntime> {
  tf.enableProdMode();
  if (tf.getBackend() !== "wasm") {
    if (!tf.findBackendFactory("wasm")) throw new Error("The WebAssembly back end of TensorFlow.js is missing");
    setWasmPath(wasm);
    if (!(await tf.setBackend("wasm"))) throw new Error("The WebAssembly back end of TensorFlow.js does not start");
  }
  return tfjsProof(tf);
}
