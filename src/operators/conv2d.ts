/** Convolution: dense, grouped and depthwise. */
import { BadInput } from "../base/errors";
import type { Geometry } from "../engine/steps";
import type { Shape } from "../graph/types";
import type { OperationOf, Operator } from "./operator";
import { windowGeometry } from "./windows";

function geometry(operation: OperationOf<"conv2d">, input: Shape, node: string): Geometry {
  const [kh, kw, depth, k] = operation.kernel.shape as [number, number, number, number];
  const window = { ...operation, kernel: [kh, kw] as const };
  const g = windowGeometry(window, input, k, operation.groups, false, node);
  if (g.c !== depth * operation.groups || k % operation.groups !== 0)
    throw new BadInput(
      `Node "${node}" convolves ${g.c} channels with a kernel for ${depth * operation.groups} (${operation.groups} groups); the file contradicts itself.`,
    );
  return g;
}

export const conv2d: Operator<"conv2d"> = {
  name: "conv2d",
  shape(operation, [input], node) {
    const g = geometry(operation, input as Shape, node);
    return [g.oh, g.ow, g.k];
  },
  lower(operation, context) {
    const x = context.node.inputs[0] as string;
    context.builder.step({
      op: "conv2d",
      x: context.buffer(x),
      w: context.parameter("kernel", operation.kernel.data),
      bias: operation.bias ? context.parameter("bias", operation.bias.data) : null,
      residual: null,
      out: context.out,
      geometry: { ...geometry(operation, context.shape(x), context.node.name), n: context.batch },
      clamp: null,
    });
  },
};
