/** onnxruntime for the page: its WebAssembly comes from its npm package with the page's own files, when it is first needed. */

import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import type { NamedRuntime, OnnxRuntime } from "../../export/proof/runtime";

export function onnxRuntime(): NamedRuntime {
  ort.env.wasm.wasmPaths = { wasm };
  // Its threads would be workers of this worker; one is enough to prove a file, and speeds compare.
  ort.env.wasm.numThreads = 1;
  return { name: "onnxruntime-web", runtime: ort as unknown as OnnxRuntime };
}
