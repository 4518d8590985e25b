/** An export as one file to hand to a person: the file, or a zip where there are several. */
import { zipSync } from "fflate";
import { BadInput } from "../../base/errors";
import { EXPORTERS } from "../../export";
import type { ExportedFile, ExportedSensitivity, QuantizedArtifact } from "../../export/artifact";
import type { LabEvent } from "./events";
import type { Job } from "./protocol";

/** @throws BadInput where the network that is meant is no longer there */
export async function exportFile(
  { as, rounding }: Extract<Job, { kind: "export" }>,
  finished: QuantizedArtifact | null,
  measured: { readonly table: ExportedSensitivity; readonly model: string } | null,
): Promise<ExportedFile> {
  if (finished?.report.fingerprint.rounding !== rounding)
    throw new BadInput("The quantized network of this report is no longer in memory; press Run again, then export it.");
  const { model } = finished.recipe;
  const sensitivity = measured?.model === model.name ? measured.table : null;
  const name = `${model.name.replace(/\.[^.]*$/, "").replaceAll("/", "-")}-quantized`;
  const files = await EXPORTERS[as]({ ...finished, sensitivity }, { name });
  const [first, ...rest] = files;
  if (!first) throw new Error(`The export ${as} made no file`);
  if (rest.length === 0) return first;
  const bytes = zipSync(Object.fromEntries(files.map((file) => [file.name, file.bytes])));
  return { name: `${name}.${as}.zip`, type: "application/zip", bytes };
}

/** Proves an ONNX file with onnxruntime; says how far it is. */
export async function proveFile({ network, evidence }: QuantizedArtifact, { bytes }: ExportedFile, emit: (event: LabEvent) => void): Promise<void> {
  const [{ proveOnnx }, { verdict, measurements }, { onnxRuntime }] = await Promise.all([
    import("../../export/proof/onnx"),
    import("../../export/proof/text"),
    import("./onnx-runtime"),
  ]);
  const runtime = onnxRuntime();
  emit({ type: "state", state: "evaluating" });
  const progress = (fraction: number) =>
    emit({ type: "progress", text: `Running the exported file with ${runtime.name}`, fraction, secondsLeft: null });
  progress(0);
  try {
    const proof = await proveOnnx({ bytes, network, evidence, runtime, onProgress: progress });
    emit({ type: "proof", as: "onnx", passed: proof.passed, verdict: verdict(proof), measurements: measurements(proof) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    emit({ type: "proof", as: "onnx", passed: false, verdict: `${runtime.name} refuses the exported file: ${reason}`, measurements: [] });
  }
}
