/** onnxruntime as ONNX files are proved with it. Images have their channels first in such a file, and so have outputs of three axes. */
import { shapeOf } from "../../graph/queries";
import { type Graph, type Shape, sizeOf } from "../../graph/types";
import { emptyNetwork } from "../../quantize/methods/method";
import type { ExportedFile } from "../artifact";
import { nameOf } from "../names";
import { ordered } from "../onnx/emitter";
import { writeOnnx } from "../onnx/write";
import type { OpenNetwork, ProofRuntime } from "./prove";
import { type OnnxRuntime, openFile } from "./runtime";

export function onnxProof(name: string, runtime: OnnxRuntime): ProofRuntime {
  return {
    name,
    float: (graph) => [{ name: "float.onnx", type: "application/octet-stream", bytes: writeOnnx(emptyNetwork(graph)) }],
    open: (files, graph) => open(runtime, files, graph),
  };
}

async function open(runtime: OnnxRuntime, [main]: readonly ExportedFile[], graph: Graph): Promise<OpenNetwork> {
  if (!main) throw new Error("There is no file to prove");
  const file = await openFile(runtime, main.bytes, "deployed");
  const [input, output] = [shapeOf(graph, graph.input), shapeOf(graph, graph.output)];
  return {
    run: async (images, count) =>
      channelsLast(await file.run(channelsFirst(images, count, input), ordered(input, "first"), nameOf(graph, graph.output)), count, output),
    close: () => file.close(),
  };
}

function channelsFirst(data: Float32Array, count: number, shape: Shape): Float32Array {
  return shape.length === 3 ? swapped(data, count, sizeOf(shape) / (shape[2] as number), shape[2] as number) : data;
}

function channelsLast(data: Float32Array, count: number, shape: Shape): Float32Array {
  return shape.length === 3 ? swapped(data, count, shape[2] as number, sizeOf(shape) / (shape[2] as number)) : data;
}

/** Of each image, [rows, columns] as [columns, rows]. */
function swapped(data: Float32Array, count: number, rows: number, columns: number): Float32Array {
  if (rows === 1 || columns === 1) return data;
  const out = new Float32Array(data.length);
  for (let image = 0; image < count; image++) {
    const start = image * rows * columns;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) out[start + column * rows + row] = data[start + row * columns + column] as number;
  }
  return out;
}
