/** The runtimes that prove exported files in Node: optional packages, and whoever lacks one is told so before the run. */
import type { ExportKind } from "../export/catalog";
import type { ProofRuntime } from "../export/proof/prove";
import type { OnnxRuntime } from "../export/proof/runtime";

const RUNTIMES: Partial<Readonly<Record<ExportKind, () => Promise<ProofRuntime | null>>>> = { onnx: onnxRuntime, tfjs: tfjsRuntime };

/** Those for some kinds of exports, by kind; none for kinds that no runtime reads. */
export async function openRuntimes(kinds: ReadonlySet<ExportKind>): Promise<Map<ExportKind, ProofRuntime>> {
  const opened = new Map<ExportKind, ProofRuntime>();
  for (const kind of kinds) {
    const runtime = await RUNTIMES[kind]?.();
    if (runtime) opened.set(kind, runtime);
  }
  return opened;
}

async function onnxRuntime(): Promise<ProofRuntime | null> {
  const runtime = await import("onnxruntime-node").catch(() => null);
  if (!runtime) return lacks("ONNX", "onnxruntime-node");
  return (await import("../export/proof/onnx")).onnxProof("onnxruntime-node", runtime as unknown as OnnxRuntime);
}

/** On WebAssembly where its package is installed; TensorFlow.js's own JavaScript is many times slower. */
async function tfjsRuntime(): Promise<ProofRuntime | null> {
  const tf = await import("@tensorflow/tfjs").catch(() => null);
  if (!tf) return lacks("TensorFlow.js", "@tensorflow/tfjs");
  tf.enableProdMode();
  const fast = await import("@tensorflow/tfjs-backend-wasm").then(() => tf.setBackend("wasm")).catch(() => false);
  if (!fast) {
    console.error(
      "The exported TensorFlow.js files will be proved on its slow back end; npm install @tensorflow/tfjs-backend-wasm for the fast one.",
    );
    await tf.setBackend("cpu");
  }
  return (await import("../export/proof/tfjs")).tfjsProof(tf);
}

function lacks(what: string, name: string): null {
  console.error(
    `The exported ${what} file will not be proved: that needs the package ${name} (npm install ${name}). --no-proof leaves the proof out.`,
  );
  return null;
}
