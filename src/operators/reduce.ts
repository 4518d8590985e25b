/** Means, sums and maxima over axes, and repetition along them. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import { copySteps, stridesOf } from "./boxes";
import { broadcastShape, productAxes } from "./broadcasting";
import type { LoweringContext, OperationOf, Operator } from "./operator";

export const reduce: Operator<"reduce"> = {
  name: "reduce",
  shape({ axes, keepDims }, [input], node) {
    const shape = input as Shape;
    if (axes.some((axis) => axis < 0 || axis >= shape.length))
      throw new BadInput(`Node "${node}" reduces axes [${axes.join(", ")}] of a value of shape [${shape.join(", ")}].`);
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    return keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
  },
  lower(operation, context) {
    if (operation.kind === "max") lowerMaximum(operation, context);
    else lowerSum(operation, context);
  },
};

function lowerSum({ kind, axes }: OperationOf<"reduce">, context: LoweringContext): void {
  const x = context.node.inputs[0] as string;
  const shape = context.shape(x);
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const outStrides = stridesOf(kept);
  const words = stridesOf(shape);
  const count = sizeOf(shape) / sizeOf(kept);
  context.builder.step({
    op: "contract",
    a: context.buffer(x),
    b: null,
    out: context.out,
    axes: [
      { extent: context.batch, a: sizeOf(shape), b: 0, out: sizeOf(kept) },
      ...shape.map((extent, axis) => ({ extent, a: words[axis] as number, b: 0, out: axes.includes(axis) ? 0 : (outStrides[axis] as number) })),
    ],
    factor: kind === "mean" ? 1 / count : 1,
    accumulate: false,
  });
}

/** A maximum is pooling once the kept axes come first: rows of one channel, each a window of all its numbers. */
function lowerMaximum({ axes }: OperationOf<"reduce">, context: LoweringContext): void {
  const x = context.node.inputs[0] as string;
  const shape = context.shape(x);
  const words = stridesOf(shape);
  const order = [...shape.keys()].sort((p, q) => Number(axes.includes(p)) - Number(axes.includes(q)) || p - q);
  const targets = stridesOf(order.map((axis) => shape[axis] as number));
  const moved = order.map((axis, i) => ({ extent: shape[axis] as number, from: words[axis] as number, to: targets[i] as number }));
  const turned = context.builder.temp(`${context.node.output}.turned`, context.batch * sizeOf(shape));
  const images = { extent: context.batch, from: sizeOf(shape), to: sizeOf(shape) };
  for (const step of copySteps(context.buffer(x), turned, [images, ...moved])) context.builder.step(step);
  const count = axes.reduce((product, axis) => product * (shape[axis] as number), 1);
  const rows = (context.batch * sizeOf(shape)) / count;
  const window = { sh: 1, sw: 1, dh: 1, dw: 1, pt: 0, pl: 0, groups: 1 };
  const geometry = { n: rows, h: 1, w: count, c: 1, oh: 1, ow: 1, k: 1, kh: 1, kw: count, ...window };
  context.builder.step({ op: "maxPool", x: turned, out: context.out, geometry });
}

export const broadcast: Operator<"broadcast"> = {
  name: "broadcast",
  shape: ({ shape }, [input], node) => broadcastShape(input as Shape, shape, node),
  lower(_operation, context) {
    const x = context.node.inputs[0] as string;
    const axes = productAxes(context.batch, context.shape(context.node.output), context.shape(x), null);
    context.builder.step({ op: "contract", a: context.buffer(x), b: null, out: context.out, axes, factor: 1, accumulate: false });
  },
};
