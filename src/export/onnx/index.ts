/** The quantized network as an ONNX file, with its recipe and fingerprint in the metadata. */
import type { ExportedFile, ExportOptions, QuantizedArtifact } from "../artifact";
import { writeOnnx } from "./write";

/** NAME.onnx. */
export async function onnx({ network, recipe, report }: QuantizedArtifact, { name, onnxContainer = "int8" }: ExportOptions): Promise<ExportedFile[]> {
  const metadata = {
    "brecq_lab.recipe": JSON.stringify(recipe),
    "brecq_lab.fingerprint": JSON.stringify(report.fingerprint),
    "brecq_lab.accuracy": JSON.stringify(report.accuracy),
    ...(report.arithmetic === undefined ? {} : { "brecq_lab.arithmetic": String(report.arithmetic) }),
  };
  const bytes = writeOnnx(network, { container: onnxContainer, metadata });
  return [{ name: `${name}.onnx`, type: "application/octet-stream", bytes }];
}
