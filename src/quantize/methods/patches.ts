/** What a layer multiplies its kernel with, position by position: rows of input patches, drawn from a calibration set. */
import type { Random } from "../../base/random";
import type { DatasetTensor } from "../../engine/device";
import { shapeOf } from "../../graph/queries";
import { type Graph, type Layer, sizeOf } from "../../graph/types";

/** Numbers that one output reads, groups, and output channels of a group. */
export function patchShape({ operation }: Layer): { depth: number; groups: number; outputs: number } {
  const { shape } = operation.kernel;
  const channels = shape.at(-1) as number;
  const groups = operation.op === "conv2d" ? operation.groups : 1;
  return { depth: sizeOf(shape) / channels, groups, outputs: channels / groups };
}

/** Numbers that are read from a tensor at a time. */
const BATCH_NUMBERS = 2 ** 20;

/**
 * `rows` patches at drawn images and positions, from both tensors at the same places, [rows, groups, depth] with a patch in
 * the kernel's order (row, column, channel). A set with fewer positions gives all of them.
 */
export async function drawPatches(
  graph: Graph,
  layer: Layer,
  tensors: readonly [DatasetTensor, DatasetTensor],
  random: Random,
  rows: number,
  breathe: () => void | Promise<void> = () => {},
): Promise<[Float32Array, Float32Array]> {
  const output = shapeOf(graph, layer.output);
  const positions = sizeOf(output) / (output.at(-1) as number);
  const { count } = tensors[0];
  const wanted = Math.min(rows, count * positions);
  // As many from each image, so that each image is read once.
  const each = Math.ceil(wanted / count);
  const images = Math.min(count, Math.ceil(wanted / each));
  const { depth, groups } = patchShape(layer);
  const width = depth * groups;
  const out: [Float32Array, Float32Array] = [new Float32Array(images * each * width), new Float32Array(images * each * width)];
  const pool = Int32Array.from({ length: positions }, (_, i) => i);
  const chosen = new Int32Array(each);
  const batch = Math.max(1, Math.floor(BATCH_NUMBERS / tensors[0].elements));
  for (let start = 0; start < images; start += batch) {
    const some = Math.min(batch, images - start);
    const read = [await tensors[0].read(start, some), await tensors[1].read(start, some)];
    for (let image = start; image < start + some; image++) {
      random.sample(pool, each, chosen, 0);
      for (const [which, values] of read.entries()) {
        const { elements } = tensors[which] as DatasetTensor;
        const own = values.subarray((image - start) * elements, (image - start + 1) * elements);
        for (let i = 0; i < each; i++)
          copyPatch(graph, layer, own, chosen[i] as number, (out[which] as Float32Array).subarray((image * each + i) * width));
      }
    }
    await breathe();
  }
  return out;
}

function copyPatch(graph: Graph, layer: Layer, image: Float32Array, position: number, out: Float32Array): void {
  const { operation } = layer;
  if (operation.op === "linear") {
    out.set(image);
    return;
  }
  const [h, w, c] = shapeOf(graph, layer.inputs[0] as string) as [number, number, number];
  const [, ow] = shapeOf(graph, layer.output) as [number, number, number];
  const [kh, kw, depth] = operation.kernel.shape as [number, number, number, number];
  const { strides, dilations, pads, groups } = operation;
  const top = Math.floor(position / ow) * strides[0] - pads[0];
  const left = (position % ow) * strides[1] - pads[2];
  for (let group = 0; group < groups; group++)
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++) {
        const [y, x] = [top + ky * dilations[0], left + kx * dilations[1]];
        if (y < 0 || y >= h || x < 0 || x >= w) continue;
        const from = (y * w + x) * c + group * depth;
        out.set(image.subarray(from, from + depth), ((group * kh + ky) * kw + kx) * depth);
      }
}
