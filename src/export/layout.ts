/** From the lab's kernels, output channels last (HWIO, [in, out]), to those of PyTorch and ONNX, output channels first. */
import type { Shape } from "../graph/types";

/** [out, in, ...space] of a kernel [...space, in, out]. */
export function shapeOutputsFirst(shape: Shape): number[] {
  return [shape.at(-1) as number, shape.at(-2) as number, ...shape.slice(0, -2)];
}

/** The numbers of a kernel [out, in, ...space] in the order of ours, whose `shape` is [...space, in, out]. */
export function outputsLast(data: Float32Array, shape: Shape): Float32Array {
  const [outputs, depth] = [shape.at(-1) as number, shape.at(-2) as number];
  const space = data.length / (outputs * depth);
  const moved = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < depth; i++)
      for (let t = 0; t < space; t++) moved[(t * depth + i) * outputs + o] = data[(o * depth + i) * space + t] as number;
  return moved;
}

/** The numbers of a kernel [...space, in, out] in the order of [out, in, ...space]. */
export function outputsFirst<T extends Float32Array | Int32Array>(data: T, shape: Shape): T {
  const [outputs, depth] = [shape.at(-1) as number, shape.at(-2) as number];
  const space = data.length / (outputs * depth);
  const moved = data.slice() as T;
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < depth; i++)
      for (let t = 0; t < space; t++) moved[(o * depth + i) * space + t] = data[(t * depth + i) * outputs + o] as number;
  return moved;
}
