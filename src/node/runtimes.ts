/** The runtimes that prove exported files in Node: optional packages. */
import { missingPackage } from "../base/packages";
import type { ExportKind } from "../export/catalog";
import type { ProofRuntime } from "../export/proof/prove";
import type { OnnxRuntime } from "../export/proof/runtime";

/** Opens a runtime; `note` takes a sentence on what would be faster. @throws BadInput where its package is not installed */
type Open = (note: (text: string) => void) => Promise<ProofRuntime>;

/** By the kinds of exports that a runtime reads. */
export const RUNTIMES: Partial<Readonly<Record<ExportKind, Open>>> = {
  async onnx() {
    const runtime = await import("onnxruntime-node").catch((error) => {
      throw missingPackage(error, "onnxruntime-node", "The proof of an exported ONNX file");
    });
    return (await import("../export/proof/onnx")).onnxProof("onnxruntime-node", runtime as unknown as OnnxRuntime);
  },
  /** On WebAssembly where its package is installed; TensorFlow.js's own JavaScript is many times slower. */
  async tfjs(note) {
    const tf = await import("@tensorflow/tfjs").catch((error) => {
      throw missingPackage(error, "@tensorflow/tfjs", "The proof of an exported TensorFlow.js model");
    });
    tf.enableProdMode();
    const fast = await import("@tensorflow/tfjs-backend-wasm").then(() => tf.setBackend("wasm")).catch(() => false);
    if (!fast) {
      note("The exported TensorFlow.js files will be proved on its slow back end; npm install @tensorflow/tfjs-backend-wasm for the fast one.");
      await tf.setBackend("cpu");
    }
    return (await import("../export/proof/tfjs")).tfjsProof(tf);
  },
};
