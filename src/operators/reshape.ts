/** Flatten, pad and slice: copies of boxes. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import { boxOf, threeAxes } from "./boxes";
import type { Operator } from "./operator";

export const flatten: Operator<"flatten"> = {
  name: "flatten",
  shape: (_operation, [input]) => [sizeOf(input as Shape)],
  lower({ order }, context) {
    const x = context.node.inputs[0] as string;
    const shape = context.shape(x);
    const [h, w, c] = threeAxes(shape);
    const size = h * w * c;
    const to = order === "chw" ? { offset: 0, strides: [size, w, 1, h * w] as const } : boxOf(shape);
    context.builder.step({
      op: "copy",
      x: context.buffer(x),
      out: context.out,
      extents: [context.batch, h, w, c],
      from: boxOf(shape),
      to,
      accumulate: false,
    });
  },
};

export const pad: Operator<"pad"> = {
  name: "pad",
  shape({ before, after }, [input], node) {
    const shape = (input as Shape).map((extent, axis) => extent + (before[axis] ?? 0) + (after[axis] ?? 0));
    if (shape.some((extent) => extent < 1)) throw new BadInput(`Node "${node}" crops its input to nothing.`);
    return shape;
  },
  lower({ before, after, value }, context) {
    const x = context.node.inputs[0] as string;
    const from = context.shape(x);
    const to = context.shape(context.node.output);
    // Negative padding crops: the copied box starts inside the input.
    const start = before.map((n) => Math.max(0, -n));
    const extents = from.map((extent, axis) => extent - (start[axis] as number) - Math.max(0, -(after[axis] as number)));
    const [h, w, c] = threeAxes(extents);
    context.builder.step({ op: "fill", out: context.out, size: context.batch * sizeOf(to), value });
    context.builder.step({
      op: "copy",
      x: context.buffer(x),
      out: context.out,
      extents: [context.batch, h, w, c],
      from: boxOf(from, start),
      to: boxOf(
        to,
        before.map((n) => Math.max(0, n)),
      ),
      accumulate: false,
    });
  },
};

export const slice: Operator<"slice"> = {
  name: "slice",
  shape({ size }, _inputs, node) {
    if (size.some((extent) => extent < 1)) throw new BadInput(`Node "${node}" slices its input to nothing.`);
    return size;
  },
  lower({ start, size, step }, context) {
    const x = context.node.inputs[0] as string;
    const [h, w, c] = threeAxes(size);
    const from = boxOf(context.shape(x), start, step);
    context.builder.step({
      op: "copy",
      x: context.buffer(x),
      out: context.out,
      extents: [context.batch, h, w, c],
      from,
      to: boxOf(size),
      accumulate: false,
    });
  },
};
