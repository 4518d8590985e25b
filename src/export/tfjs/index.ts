/** The quantized network as a TF.js graph model, with its recipe and fingerprint in the metadata. */
import type { ExportedFile, QuantizedArtifact } from "../artifact";
import { writeTfjs } from "./write";

/** model.json and group1-shardIofN.bin. */
export async function tfjs({ network, recipe, report }: QuantizedArtifact): Promise<ExportedFile[]> {
  const { fingerprint, accuracy, arithmetic } = report;
  return writeTfjs(network, { recipe, fingerprint, accuracy, ...(arithmetic === undefined ? {} : { arithmetic }) });
}
