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
  lower(operation, site) {
    const shape = site.shape(site.node.inputs[0] as string);
    const c = shape.at(-1) as number;
    const positions = sizeOf(shape) / c;
    const window = { kh: 1, kw: 1, sh: 1, sw: 1, dh: 1, dw: 1, pt: 0, pl: 0 };
    site.builder.step({
      op: "conv2d",
      x: site.buffer(site.node.inputs[0] as string),
      w: site.parameter("scale", operation.scale.data),
      bias: site.parameter("shift", operation.shift.data),
      residual: null,
      out: site.out,
      geometry: { n: site.batch, h: 1, w: positions, c, oh: 1, ow: positions, k: c, groups: c, ...window },
      clamp: null,
    });
  },
};
