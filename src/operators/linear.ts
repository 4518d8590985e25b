/** The fully connected layer: a 1x1 convolution over a 1x1 image. */
import { BadInput } from "../base/errors";
import type { Shape } from "../graph/types";
import type { Operator } from "./operator";
import { windowGeometry } from "./windows";

const POINT = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;

export const linear: Operator<"linear"> = {
  name: "linear",
  shape(operation, [input], node) {
    const [c, k] = operation.kernel.shape as [number, number];
    if (input?.length !== 1 || input[0] !== c)
      throw new BadInput(`Node "${node}" multiplies ${c} features, but its input has shape [${input?.join(", ")}]; check the input size.`);
    return [k];
  },
  lower(operation, context) {
    const [c, k] = operation.kernel.shape as [number, number];
    const input: Shape = [1, 1, c];
    context.builder.step({
      op: "conv2d",
      x: context.buffer(context.node.inputs[0] as string),
      w: context.parameter("kernel", operation.kernel.data),
      bias: operation.bias ? context.parameter("bias", operation.bias.data) : null,
      residual: null,
      out: context.out,
      geometry: { ...windowGeometry(POINT, input, k, 1, false, context.node.name), n: context.batch },
      clamp: null,
    });
  },
};
