/**
 * What writes each kind of export, loaded when it is asked for. Adding a kind is a file or folder here, a line below and
 * an entry in the catalog.
 */
import type { Exporter } from "./artifact";
import type { ExportKind } from "./catalog";

export const EXPORTERS: Readonly<Record<ExportKind, Exporter>> = {
  onnx: async (...given) => (await import("./onnx")).onnx(...given),
  tfjs: async (artifact) => (await import("./tfjs")).tfjs(artifact),
  safetensors: async (...given) => (await import("./safetensors")).safetensors(...given),
  encodings: async (...given) => (await import("./encodings")).encodings(...given),
  nodes: async (...given) => (await import("./node-data")).nodeData(...given),
  html: async (...given) => (await import("./html")).htmlReport(...given),
};
