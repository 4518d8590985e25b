/** onnxruntime for the page: its WebAssembly comes from its npm package with the page's own files, when it is first needed. */

import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import { onnxProof } from "../../export/proof/onnx";
import type { ProofRuntime } from "../../export/proof/prove";
import type { OnnxRuntime } from "../../export/proof/runtime";

export function onnxRuntime(): ProofRuntime {
  ort.env.wasm.wasmPaths = { wasm };
  // Its threads would be workers of this worker; one is enough to prove a file, and speeds compare.
  ort.env.wasm.numThreads = 1;
  return onnxProof("onnxruntime-web", ort as unknown as OnnxRuntime);
}
