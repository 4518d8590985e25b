/** The kinds of exported files that hold weights, apart from what reads them. */
import type { ProvenanceKind } from "./provenance";

export type PayloadKind = Extract<ProvenanceKind, "onnx" | "tfjs" | "safetensors">;

export function hasPayload(kind: ProvenanceKind): kind is PayloadKind {
  return kind === "onnx" || kind === "tfjs" || kind === "safetensors";
}
