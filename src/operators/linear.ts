/** The fully connected layer over the last axis: a 1x1 convolution over as many positions as there are. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const linear: Operator<"linear"> = {
  name: "linear",
  shape(operation, [input], node) {
    const [c, k] = operation.kernel.shape as [number, number];
    if (!input || input.at(-1) !== c)
      throw new BadInput(`Node "${node}" multiplies ${c} features, but its input has shape [${input?.join(", ")}]; check the input size.`);
    return [...(input as Shape).slice(0, -1), k];
  },
  lower(operation, context) {
    const [c, k] = operation.kernel.shape as [number, number];
    const x = context.node.inputs[0] as string;
    const positions = sizeOf(context.shape(x)) / c;
    const window = { kh: 1, kw: 1, sh: 1, sw: 1, dh: 1, dw: 1, pt: 0, pl: 0, groups: 1 };
    context.builder.step({
      op: "conv2d",
      x: context.buffer(x),
      w: context.parameter("kernel", operation.kernel.data),
      bias: operation.bias ? context.parameter("bias", operation.bias.data) : null,
      residual: null,
      out: context.out,
      geometry: { n: context.batch, h: 1, w: positions, c, oh: 1, ow: positions, k, ...window },
      clamp: null,
    });
  },
};
