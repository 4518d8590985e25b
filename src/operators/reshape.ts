/** Flatten, reshape, transpose, pad, slice and dilate: what only moves numbers. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import { boxSteps, copySteps, stridesOf } from "./boxes";
import type { LoweringContext, OperationOf, Operator } from "./operator";
import { paddingTaps, resampleAxis } from "./resize";

export const flatten: Operator<"flatten"> = {
  name: "flatten",
  shape: (_operation, [input]) => [sizeOf(input as Shape)],
  lower({ order }, context) {
    const x = context.node.inputs[0] as string;
    const shape = context.shape(x);
    const [h, w, c] = shape.length === 3 ? (shape as [number, number, number]) : [1, 1, sizeOf(shape)];
    const size = h * w * c;
    const axes = [
      { extent: context.batch, from: size, to: size },
      { extent: h, from: w * c, to: order === "chw" ? w : w * c },
      { extent: w, from: c, to: order === "chw" ? 1 : c },
      { extent: c, from: 1, to: order === "chw" ? h * w : 1 },
    ];
    for (const step of copySteps(context.buffer(x), context.out, axes)) context.builder.step(step);
  },
};

export const reshape: Operator<"reshape"> = {
  name: "reshape",
  shape({ shape }, [input], node) {
    if (sizeOf(shape) !== sizeOf(input as Shape))
      throw new BadInput(`Node "${node}" reshapes [${input?.join(", ")}] to [${shape.join(", ")}], which holds another number of values.`);
    return shape;
  },
  lower: null,
};

export const transpose: Operator<"transpose"> = {
  name: "transpose",
  shape: ({ perm }, [input]) => perm.map((axis) => (input as Shape)[axis] as number),
  lower({ perm }, context) {
    const x = context.node.inputs[0] as string;
    const [from, to] = [context.shape(x), context.shape(context.node.output)];
    const [words, targets] = [stridesOf(from), stridesOf(to)];
    const axes = perm.map((axis, i) => ({ extent: to[i] as number, from: words[axis] as number, to: targets[i] as number }));
    const images = { extent: context.batch, from: sizeOf(from), to: sizeOf(to) };
    for (const step of copySteps(context.buffer(x), context.out, [images, ...axes])) context.builder.step(step);
  },
};

export const pad: Operator<"pad"> = {
  name: "pad",
  shape({ before, after, mode }, [input], node) {
    const shape = (input as Shape).map((extent, axis) => extent + (before[axis] ?? 0) + (after[axis] ?? 0));
    if (shape.some((extent) => extent < 1)) throw new BadInput(`Node "${node}" crops its input to nothing.`);
    if (mode === "reflect" && shape.some((_, axis) => Math.max(before[axis] ?? 0, after[axis] ?? 0) >= ((input as Shape)[axis] as number)))
      throw new BadInput(`Node "${node}" reflects more than its input of shape [${input?.join(", ")}] holds.`);
    return shape;
  },
  lower(operation, context) {
    if (operation.mode === "reflect" || operation.mode === "edge") return padByRepeating(operation, context);
    const { before, after, value } = operation;
    const x = context.node.inputs[0] as string;
    const from = context.shape(x);
    const to = context.shape(context.node.output);
    // Negative padding crops: the copied box starts inside the input.
    const start = before.map((n) => Math.max(0, -n));
    const extents = from.map((extent, axis) => extent - (start[axis] as number) - Math.max(0, -(after[axis] as number)));
    const into = { shape: to, start: before.map((n) => Math.max(0, n)) };
    context.builder.step({ op: "fill", out: context.out, size: context.batch * sizeOf(to), value });
    for (const step of boxSteps(context.batch, context.buffer(x), context.out, extents, { shape: from, start }, into)) context.builder.step(step);
  },
};

/** One axis after the other; the last one writes the node's output. */
function padByRepeating({ before, after, mode }: OperationOf<"pad">, context: LoweringContext): void {
  const x = context.node.inputs[0] as string;
  let shape = context.shape(x);
  let buffer = context.buffer(x);
  const axes = shape.map((_, axis) => axis).filter((axis) => before[axis] || after[axis]);
  axes.forEach((axis, i) => {
    const taps = paddingTaps(shape[axis] as number, before[axis] as number, after[axis] as number, mode === "edge" ? "edge" : "reflect");
    const size = (context.batch * sizeOf(shape) * taps.to) / taps.from;
    const out = i === axes.length - 1 ? context.out : context.builder.temp(`${context.node.output}.axis${axis}`, size);
    shape = resampleAxis(context, buffer, out, shape, axis, taps);
    buffer = out;
  });
}

export const slice: Operator<"slice"> = {
  name: "slice",
  shape({ size }, _inputs, node) {
    if (size.some((extent) => extent < 1)) throw new BadInput(`Node "${node}" slices its input to nothing.`);
    return size;
  },
  lower({ start, size, step }, context) {
    const x = context.node.inputs[0] as string;
    const from = { shape: context.shape(x), start, step };
    for (const one of boxSteps(context.batch, context.buffer(x), context.out, size, from, { shape: size })) context.builder.step(one);
  },
};

export const dilate: Operator<"dilate"> = {
  name: "dilate",
  shape({ strides }, [input], node) {
    if (input?.length !== 3)
      throw new BadInput(`Node "${node}" spreads a value of shape [${input?.join(", ")}]; it needs [height, width, channels].`);
    const [h, w, c] = input as [number, number, number];
    return [(h - 1) * strides[0] + 1, (w - 1) * strides[1] + 1, c];
  },
  lower({ strides }, context) {
    const x = context.node.inputs[0] as string;
    const [from, to] = [context.shape(x), context.shape(context.node.output)];
    context.builder.step({ op: "fill", out: context.out, size: context.batch * sizeOf(to), value: 0 });
    const into = { shape: to, step: [...strides, 1] };
    for (const step of boxSteps(context.batch, context.buffer(x), context.out, from, { shape: from }, into)) context.builder.step(step);
  },
};
