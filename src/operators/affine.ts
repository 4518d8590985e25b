/** Scale and shift by channel (an unfolded batch normalization): a depthwise 1x1 convolution. */
import { BadInput } from "../base/errors";
import { sizeOf } from "../graph/types";
import type { Operator } from "./operator";

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
    const positions = sizeOf(shape) / c;
    const window = { kh: 1, kw: 1, sh: 1, sw: 1, dh: 1, dw: 1, pt: 0, pl: 0 };
    context.builder.step({
      op: "conv2d",
      x: context.buffer(context.node.inputs[0] as string),
      w: context.parameter("scale", operation.scale.data),
      bias: context.parameter("shift", operation.shift.data),
      residual: null,
      out: context.out,
      geometry: { n: context.batch, h: 1, w: positions, c, oh: 1, ow: positions, k: c, groups: c, ...window },
      clamp: null,
    });
  },
};
