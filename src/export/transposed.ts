/**
 * Transposed convolutions. Here one is zeros between pixels (`dilate`) and a convolution; a file has one operator for both, whose
 * kernel is turned by half a turn.
 */
import { consumersOf, producersOf } from "../graph/queries";
import type { Graph, Node, ValueId } from "../graph/types";
import type { Quantizers } from "../network/quantized";
import { levelsOf } from "../quantize/quantizer";

export type Dilate = Node & { readonly operation: { readonly op: "dilate"; readonly strides: readonly [number, number] } };

/**
 * The convolutions that are transposed ones together with the `dilate` before them. Where the value between is quantized, so
 * is the one before: zeros stay zeros if the quantizer has a level for them.
 */
export function spreadBefore(graph: Graph, quantizers: Quantizers): Map<Node, Dilate> {
  const [consumers, producers] = [consumersOf(graph.nodes), producersOf(graph.nodes)];
  const found = new Map<Node, Dilate>();
  for (const node of graph.nodes) {
    const source = producers.get(node.inputs[0] as ValueId);
    if (node.operation.op !== "conv2d" || source?.operation.op !== "dilate") continue;
    const { strides, groups, kernel, dilations, pads } = node.operation;
    const between = source.output;
    const quantizer = quantizers.get(between);
    const keepsZero = !quantizer || (quantizer.zero >= 0 && quantizer.zero <= levelsOf(quantizer.bits) - 1);
    const [kh, kw] = kernel.shape as [number, number];
    const [height, width] = [(kh - 1) * dilations[0], (kw - 1) * dilations[1]];
    const limits = source.operation.strides;
    // A transposed convolution crops no less than nothing before the image, and adds fewer rows than a stride after it.
    const fits = pads[0] <= height && pads[2] <= width && pads[1] - height < limits[0] && pads[3] - width < limits[1];
    const alone = consumers.get(between)?.length === 1 && !graph.outputs.includes(between);
    if (alone && fits && keepsZero && groups === 1 && strides.every((n) => n === 1)) found.set(node, source as Dilate);
  }
  return found;
}
