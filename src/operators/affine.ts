/** Scale and shift by channel (an unfolded batch normalization): a depthwise 1x1 convolution. */
import { BadInput } from "../base/errors";
import { sizeOf } from "../graph/types";
import type { Operator } from "./operator";
import { perChannel } from "./unary";

export const affine: Operator<"affine"> = {
  name: "affine",
  shape(operation, [input], node) {
    const channels = input?.at(-1);
    if (!input || channels !== operation.scale.data.length)
      throw new BadInput(`Node "${node}" scales ${operation.scale.data.length} channels, but its input has ${channels}.`);
    return input;
  },
  lower(operation, context) {
    const shape = context.shape(context.node.inputs[0] as string);
    const c = shape.at(-1) as number;
    context.builder.step({
      op: "conv2d",
      x: context.buffer(context.node.inputs[0] as string),
      w: context.parameter("scale", operation.scale.data),
      bias: context.parameter("shift", operation.shift.data),
      residual: null,
      out: context.out,
      geometry: perChannel(context.batch, sizeOf(shape) / c, c),
      clamp: null,
    });
  },
};
