/** An export as one file to hand to a person: the file, or a zip where there are several. */
import { zipSync } from "fflate";
import { BadInput } from "../../base/errors";
import { EXPORTERS } from "../../export";
import type { ExportedFile, ExportedSensitivity, QuantizedArtifact } from "../../export/artifact";
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
