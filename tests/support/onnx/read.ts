/** An ONNX file alone, read at once. */
import { onnx } from "../../../src/formats/onnx";
import type { Graph } from "../../../src/graph/types";

export function readOnnx(bytes: Uint8Array, path: string): Graph {
  return onnx.read({ path, bytes }, [], {});
}
