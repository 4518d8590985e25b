/** Quantized networks as files for elsewhere, and the proof that a file is the network. */
import { EXPORTERS } from "../export";
import type { ExportedFile } from "../export/artifact";
import type { ExportKind, OnnxContainer } from "../export/catalog";
import type { OnnxProof } from "../export/proof/onnx";
import type { OnnxRuntime } from "../export/proof/runtime";
import type { SensitivityTable } from "../search/sensitivity/table";
import { platform } from "./platform";
import { QUANTIZED, type Quantized } from "./quantize";

export interface ExportSettings {
  /** What files are called, without an ending: the network's name without one. */
  readonly name?: string;
  /** The narrowest type that an ONNX file may have for weights: "int8" without it, "int4" (opset 21) or "int2" (opset 25). */
  readonly onnxContainer?: OnnxContainer;
  /** The table of the search that chose the widths, for exports that show it. */
  readonly sensitivity?: SensitivityTable;
}

/** The files of an export of any kind, the main one first (docs/exports.md). @throws {@link BadInput} where the kind cannot hold the network */
export async function exportAs(quantized: Quantized, kind: ExportKind, settings: ExportSettings = {}): Promise<ExportedFile[]> {
  const { artifact } = QUANTIZED.of(quantized);
  const { name = artifact.recipe.model.name.replace(/\.[^.]*$/, "").replaceAll("/", "-"), onnxContainer, sensitivity = null } = settings;
  return EXPORTERS[kind]({ ...artifact, sensitivity }, { name, ...(onnxContainer ? { onnxContainer } : {}) });
}

/** The bytes of an ONNX file with QuantizeLinear and DequantizeLinear, for onnxruntime and whatever else reads ONNX. */
export async function exportOnnx(quantized: Quantized, settings: ExportSettings = {}): Promise<Uint8Array> {
  const [file] = await exportAs(quantized, "onnx", settings);
  if (!file) throw new Error("The export made no file");
  return file.bytes;
}

/** A proof: whether a file gives the network that was quantized, and what was measured on the way. */
export interface Proof extends OnnxProof {
  /** In a sentence. */
  readonly verdict: string;
}

/**
 * Runs an exported ONNX file on the images that the network was judged on, by onnxruntime, and holds its scores against the lab's.
 *
 * @param runtime the module `onnxruntime-node` or `onnxruntime-web`; imported by the lab where it is not given
 * @throws {@link BadInput} where that package is not installed
 */
export async function proveOnnx(quantized: Quantized, bytes: Uint8Array, runtime?: OnnxRuntime): Promise<Proof> {
  const { artifact } = QUANTIZED.of(quantized);
  const named = runtime ? { name: "onnxruntime", runtime } : await platform().onnxRuntime();
  const [{ proveOnnx: prove }, { verdict }] = await Promise.all([import("../export/proof/onnx"), import("../export/proof/text")]);
  const proof = await prove({ bytes, network: artifact.network, evidence: artifact.evidence, runtime: named });
  return { ...proof, verdict: verdict(proof) };
}
