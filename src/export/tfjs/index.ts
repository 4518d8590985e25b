/** The quantized network as a TF.js graph model, with its recipe and fingerprint in the metadata. */
import type { ExportedFile, QuantizedArtifact } from "../artifact";
import { provenanceOf } from "../provenance";
import { writeTfjs } from "./write";

/** model.json and group1-shardIofN.bin. */
export async function tfjs(artifact: QuantizedArtifact): Promise<ExportedFile[]> {
  return writeTfjs(artifact.network, { ...provenanceOf(artifact) });
}
