/** The quantized network as an ONNX file, with its recipe and fingerprint in the metadata. */
import type { ExportedFile, ExportOptions, QuantizedArtifact } from "../artifact";
import { provenanceOf } from "../provenance";
import { writeOnnx } from "./write";

/** NAME.onnx. */
export async function onnx(artifact: QuantizedArtifact, { name, onnxContainer = "int8" }: ExportOptions): Promise<ExportedFile[]> {
  const metadata = Object.fromEntries(Object.entries(provenanceOf(artifact)).map(([key, value]) => [`brecq_lab.${key}`, JSON.stringify(value)]));
  const bytes = writeOnnx(artifact.network, { container: onnxContainer, metadata });
  return [{ name: `${name}.onnx`, type: "application/octet-stream", bytes }];
}
