/** An export as one file to hand to a person, the file or a zip where there are several, and its proof. */
import { zipSync } from "fflate";
import { BadInput } from "../../base/errors";
import { EXPORTERS } from "../../export";
import type { ExportedFile, ExportedSensitivity, QuantizedArtifact } from "../../export/artifact";
import type { ExportKind } from "../../export/catalog";
import type { ProofRuntime } from "../../export/proof/prove";
import type { LabEvent } from "./events";
import type { Job } from "./protocol";

/** The files of an export, and what is saved of them. @throws BadInput where the network that is meant is no longer there */
export async function exportFile(
  { as, rounding, onnxContainer }: Pick<Extract<Job, { kind: "export" }>, "as" | "rounding" | "onnxContainer"> & { readonly kind?: Job["kind"] },
  finished: QuantizedArtifact | null,
  measured: { readonly table: ExportedSensitivity; readonly model: string } | null,
): Promise<{ readonly saved: ExportedFile; readonly files: readonly ExportedFile[] }> {
  if (finished?.report.fingerprint.rounding !== rounding)
    throw new BadInput("The quantized network of this report is no longer in memory; press Run again, then export it.");
  const { model } = finished.recipe;
  const sensitivity = measured?.model === model.name ? measured.table : null;
  const name = `${model.name.replace(/\.[^.]*$/, "").replaceAll("/", "-")}-quantized`;
  const files = await EXPORTERS[as]({ ...finished, sensitivity }, { name, onnxContainer });
  const [first, ...rest] = files;
  if (!first) throw new Error(`The export ${as} made no file`);
  if (rest.length === 0) return { saved: first, files };
  const bytes = zipSync(Object.fromEntries(files.map((file) => [file.name, file.bytes])));
  return { saved: { name: `${name}.${as}.zip`, type: "application/zip", bytes }, files };
}

/** Loads what proves a kind of export, from the page's own files. */
const RUNTIMES: Partial<Readonly<Record<ExportKind, () => Promise<ProofRuntime>>>> = {
  onnx: async () => (await import("./onnx-runtime")).onnxRuntime(),
  tfjs: async () => (await import("./tfjs-runtime")).tfjsRuntime(),
};

/** Proves exported files where a runtime reads their kind; says how far it is. */
export async function proveFiles(
  as: ExportKind,
  { network, evidence }: QuantizedArtifact,
  files: readonly ExportedFile[],
  emit: (event: LabEvent) => void,
): Promise<void> {
  const load = RUNTIMES[as];
  if (!load) return;
  emit({ type: "state", state: "evaluating" });
  const [{ prove }, { verdict, measurements }, runtime] = await Promise.all([
    import("../../export/proof/prove"),
    import("../../export/proof/text"),
    load(),
  ]);
  const progress = (fraction: number) =>
    emit({ type: "progress", text: `Running the exported file with ${runtime.name}`, fraction, secondsLeft: null });
  progress(0);
  try {
    const proof = await prove({ files, network, evidence, runtime, onProgress: progress });
    emit({ type: "proof", as, passed: proof.passed, verdict: verdict(proof), measurements: measurements(proof) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    emit({ type: "proof", as, passed: false, verdict: `${runtime.name} refuses the exported file: ${reason}`, measurements: [] });
  }
}
