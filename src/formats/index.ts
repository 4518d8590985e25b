/** Reads a model file of any known format. */
import { BadInput } from "../base/errors";
import type { Graph } from "../graph/types";
import type { Format, ReadOptions } from "./format";
import { onnx } from "./onnx";

export const FORMATS: readonly Format[] = [onnx];

/** Files that people try and that hold no network we can read, with what to do instead. */
const STRANGERS: readonly { match(bytes: Uint8Array): boolean; advice: string }[] = [
  {
    match: (bytes) => (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5) || (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3),
    advice:
      "is a PyTorch checkpoint or another archive, which holds weights without the network; export the model with torch.onnx.export and load the .onnx file",
  },
  {
    match: (bytes) => bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44,
    advice: "is an HDF5 (Keras) file; convert the model to ONNX with tf2onnx and load the .onnx file",
  },
  { match: (bytes) => text(bytes, 4, 8) === "TFL3", advice: "is a TensorFlow Lite model; load the ONNX file that it was made from" },
];

export function readModel(bytes: Uint8Array, fileName: string, options: ReadOptions = {}): Graph {
  if (bytes.length === 0) throw new BadInput(`${fileName} is empty; choose an ONNX file.`);
  const stranger = STRANGERS.find(({ match }) => match(bytes));
  if (stranger) throw new BadInput(`${fileName} ${stranger.advice}.`);
  const format = FORMATS.find(({ match }) => match(fileName, bytes));
  if (!format) throw new BadInput(`${fileName} is no model that the lab reads; expected an ONNX file (.onnx).`);
  return format.read(bytes, fileName, options);
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
