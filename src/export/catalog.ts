/**
 * The kinds of exports by name: what people call them, what they hold, and by which endings of file names the command line
 * chooses them. Apart from what writes them (index.ts), so that the page needs none of it.
 */
import { BadInput } from "../base/errors";

/** ONNX and TF.js stand first: they hold the network itself. */
export const EXPORT_KINDS = ["onnx", "tfjs", "safetensors", "encodings", "nodes", "html"] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export const ONNX_CONTAINERS = ["int8", "int4", "int2", "uint8", "uint4", "uint2"] as const;
/** The narrowest type that an ONNX file may store weights in. */
export type OnnxContainer = (typeof ONNX_CONTAINERS)[number];

/** What people read of each. */
export const CONTAINER_TEXTS: Readonly<Record<OnnxContainer, string>> = {
  int8: "INT8, which every runtime reads",
  int4: "INT4 where it fits (opset 21)",
  int2: "INT2 where it fits (opset 25)",
  uint8: "UINT8",
  uint4: "UINT4 where it fits (opset 21)",
  uint2: "UINT2 where it fits (opset 25)",
};

export interface ExportEntry {
  /** As people read it. */
  readonly title: string;
  /** One sentence: what it holds and who reads it. */
  readonly about: string;
  /** Endings of file names; the first is the one that is written. One that begins with "/" is the whole name of the file. */
  readonly extensions: readonly [string, ...string[]];
}

export const EXPORT_CATALOG: Readonly<Record<ExportKind, ExportEntry>> = {
  onnx: {
    title: "ONNX",
    about: "The network itself with QuantizeLinear and DequantizeLinear, for onnxruntime and whatever else reads ONNX; it is run once to prove it.",
    extensions: [".onnx"],
  },
  tfjs: {
    title: "TensorFlow.js",
    about: "The network itself as a graph model, its weights as integers that nodes turn back; TensorFlow.js runs it once to prove it.",
    extensions: [".tfjs.zip", "/model.json"],
  },
  safetensors: {
    title: "Packed weights",
    about: "Integers at their true 2 to 8 bit in the layout of compressed-tensors (pack-quantized), with scales and the recipe as JSON.",
    extensions: [".safetensors"],
  },
  encodings: {
    title: "AIMET encodings",
    about: "Scales and zero points by tensor name, for AIMET and Qualcomm's QNN, to go with the float ONNX file.",
    extensions: [".encodings", ".encodings.json", ".json"],
  },
  nodes: {
    title: "Model Explorer node data",
    about: "Bits, reconstruction loss, noise and sensitivity by node, which Google's Model Explorer paints onto the exported ONNX graph.",
    extensions: [".nodes.json"],
  },
  html: {
    title: "HTML report",
    about: "The run's report with its charts as one HTML file that needs no server and can be printed.",
    extensions: [".html"],
  },
};

/** Which kind a file's name asks for, and the name without its ending. @throws BadInput for an ending that none has */
export function exportKindOf(name: string): { readonly kind: ExportKind; readonly base: string } {
  const endings = EXPORT_KINDS.flatMap((kind) => EXPORT_CATALOG[kind].extensions.map((extension) => ({ kind, extension }))).sort(
    (a, b) => b.extension.length - a.extension.length,
  );
  const plain = name.replaceAll("\\", "/");
  const path = plain.includes("/") ? plain : `./${plain}`;
  const found = endings.find(({ extension }) => path.toLowerCase().endsWith(extension) && !path.endsWith(`/${extension}`));
  if (!found) throw new BadInput(`${name} names no kind of export; its ending must be one of ${endingsText()}.`);
  return { kind: found.kind, base: path.slice(0, path.length - found.extension.length) };
}

/** All endings, and what they stand for. */
export function endingsText(): string {
  const endings = (kind: ExportKind) => EXPORT_CATALOG[kind].extensions.map((extension) => extension.replace("/", "")).join(" or ");
  return EXPORT_KINDS.map((kind) => `${endings(kind)} (${EXPORT_CATALOG[kind].title})`).join(", ");
}
