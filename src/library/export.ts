/** Quantized networks as files for elsewhere, and the proof that a file is the network. */
import { EXPORTERS } from "../export";
import type { ExportedFile } from "../export/artifact";
import type { ExportKind, OnnxContainer } from "../export/catalog";
import type { Proof as MeasuredProof } from "../export/proof/prove";
import type { SensitivityTable } from "../search/sensitivity/table";
import { type ProvedKind, platform } from "./platform";
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

/** Whether files give the network that was quantized, and what was measured on the way. */
export interface Proof extends MeasuredProof {
  /** In a sentence. */
  readonly verdict: string;
}

/**
 * Runs an export on the images that the network was judged on, by the runtime that it is for, and holds its scores against the lab's:
 * ONNX by onnxruntime (the package `onnxruntime-node`, in browsers `onnxruntime-web`), TensorFlow.js by `@tensorflow/tfjs`.
 *
 * @param files what {@link exportAs} gave
 * @throws {@link BadInput} where the runtime's package is not installed
 */
export async function prove(quantized: Quantized, kind: ProvedKind, files: readonly ExportedFile[]): Promise<Proof> {
  const { network, evidence } = QUANTIZED.of(quantized).artifact;
  const [{ prove: run }, { verdict }] = await Promise.all([import("../export/proof/prove"), import("../export/proof/text")]);
  const proof = await run({ files, network, evidence, runtime: await platform().openRuntime(kind) });
  return { ...proof, verdict: verdict(proof) };
}
