/** Functions of each number: sigmoid, hard-swish, GELU and their like, PReLU, and quantizers. */
import { BadInput } from "../base/errors";
import type { Geometry } from "../engine/steps";
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const unary: Operator<"unary"> = {
  name: "unary",
  shape: (_operation, [input]) => input as Shape,
  lower(operation, context) {
    const x = context.node.inputs[0] as string;
    const size = context.batch * sizeOf(context.shape(x));
    const { op: _op, ...fn } = operation;
    context.builder.step({ op: "unary", ...fn, x: context.buffer(x), out: context.out, size });
  },
};

/** The quantizer of a file that was quantized before. */
export const fakeQuantize: Operator<"fakeQuantize"> = {
  name: "fakeQuantize",
  shape({ scale, levels }, [input], node) {
    if (!(scale > 0) || !(levels >= 2)) throw new BadInput(`Node "${node}" quantizes with scale ${scale} to ${levels} levels.`);
    return input as Shape;
  },
  lower({ scale, zero, levels }, context) {
    const x = context.node.inputs[0] as string;
    const size = context.batch * sizeOf(context.shape(x));
    const quantizers = context.parameter("quantizer", Float32Array.of(scale, zero));
    const own = { quantizers, index: 0, count: 1, levels, drop: null, gradientScale: 1 };
    context.builder.step({ op: "fakeQuantize", ...own, x: context.buffer(x), out: context.out, size });
  },
};

/** PReLU (He et al., ICCV 2015) as the sum of its halves: max(x, 0) + slope min(x, 0). */
export const prelu: Operator<"prelu"> = {
  name: "prelu",
  shape({ slope }, [input], node) {
    const channels = (input as Shape).at(-1);
    if (slope.data.length !== channels) throw new BadInput(`Node "${node}" has ${slope.data.length} slopes, but its input has ${channels} channels.`);
    return input as Shape;
  },
  lower({ slope }, context) {
    const { node, builder, batch, out } = context;
    const shape = context.shape(node.inputs[0] as string);
    const c = shape.at(-1) as number;
    const x = context.buffer(node.inputs[0] as string);
    const size = batch * sizeOf(shape);
    const [above, below] = [builder.temp(`${node.output}.above`, size), builder.temp(`${node.output}.below`, size)];
    builder.step({ op: "clamp", x, out: above, size, low: 0, high: Number.POSITIVE_INFINITY });
    builder.step({ op: "clamp", x, out: below, size, low: Number.NEGATIVE_INFINITY, high: 0 });
    builder.step({
      op: "conv2d",
      x: below,
      w: context.parameter("slope", slope.data),
      bias: null,
      residual: above,
      out,
      geometry: perChannel(batch, sizeOf(shape) / c, c),
      clamp: null,
    });
  },
};

/** A depthwise 1x1 convolution over `positions` positions an image: a factor for each channel. */
export function perChannel(n: number, positions: number, c: number): Geometry {
  const own = { n, w: positions, c, ow: positions, k: c, groups: c };
  return { ...own, h: 1, oh: 1, kh: 1, kw: 1, sh: 1, sw: 1, dh: 1, dw: 1, pt: 0, pl: 0 };
}
