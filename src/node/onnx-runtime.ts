/** onnxruntime for Node, an optional package, by which exported ONNX files are proved. */
import { missingPackage } from "../base/packages";
import type { NamedRuntime, OnnxRuntime } from "../export/proof/runtime";

/** @throws BadInput where the package is not installed */
export async function onnxRuntime(): Promise<NamedRuntime> {
  try {
    return { name: "onnxruntime-node", runtime: (await import("onnxruntime-node")) as unknown as OnnxRuntime };
  } catch (error) {
    throw missingPackage(error, "onnxruntime-node", "The proof of an exported ONNX file");
  }
}
