/** Exported files against the engine: onnxruntime runs the one, forward passes of the lab the other. */
import * as ort from "onnxruntime-node";
import type { Device } from "../../../src/engine/device";
import { type ExecutionMode, type OnnxRuntime, openFile } from "../../../src/export/proof/runtime";
import { shapeOf } from "../../../src/graph/queries";
import { type Graph, type Shape, sizeOf, type ValueId } from "../../../src/graph/types";
import { forward } from "../../../src/network/forward";
import type { QuantizedNetwork } from "../../../src/quantize/methods/method";

export const RUNTIME = ort as unknown as OnnxRuntime;

/** [n, h, w, c] to [n, c, h, w]; values that are no images stay. */
export function toFile(data: Float32Array, shape: Shape): Float32Array {
  if (shape.length !== 3) return data;
  const [c, positions] = [shape[2] as number, (shape[0] as number) * (shape[1] as number)];
  return Float32Array.from(data, (_, i) => {
    const [image, within] = [Math.floor(i / (c * positions)), i % (c * positions)];
    return data[image * c * positions + (within % positions) * c + Math.floor(within / positions)] as number;
  });
}

export const fileDims = (shape: Shape): number[] => (shape.length === 3 ? [shape[2] as number, shape[0] as number, shape[1] as number] : [...shape]);

/** What the engine computes for images in our order. */
export async function engineValues(
  device: Device,
  network: Pick<QuantizedNetwork, "graph" | "kernels"> & Partial<QuantizedNetwork>,
  images: Float32Array,
  output: ValueId = network.graph.output,
): Promise<Float32Array> {
  const { graph } = network;
  const elements = sizeOf(shapeOf(graph, graph.input));
  const tensor = device.createTensor(images.length / elements, elements);
  tensor.write(0, images);
  const made = await forward({ ...network, device, nodes: graph.nodes, inputs: new Map([[graph.input, tensor]]), outputs: [output] });
  const own = made.get(output);
  if (!own) throw new Error("no output");
  const values = await own.read(0, own.count);
  own.dispose();
  tensor.dispose();
  return values;
}

/** What onnxruntime computes from the file for the same images; an image is [c, h, w] in it. */
export async function runtimeValues(
  bytes: Uint8Array,
  graph: Graph,
  images: Float32Array,
  output: string,
  mode: ExecutionMode = "standard",
): Promise<Float32Array> {
  const shape = shapeOf(graph, graph.input);
  const file = await openFile(RUNTIME, bytes, mode);
  try {
    return await file.run(toFile(images, shape), fileDims(shape), output);
  } finally {
    await file.close();
  }
}

/** The largest difference, in parts of the largest number. */
export function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  let [largest, scale] = [0, 1e-9];
  a.forEach((value, i) => {
    const d = Math.abs(value - (b[i] as number));
    largest = Number.isFinite(d) ? Math.max(largest, d) : Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(value));
  });
  return largest / scale;
}
