/** Products: of two values with broadcasting (a squeeze-excite's gate), of a value and a constant, and of matrices. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import { stridesOf } from "./boxes";
import { broadcastShape, broadcastStrides, productAxes } from "./broadcasting";
import type { Operator } from "./operator";

export const mul: Operator<"mul"> = {
  name: "mul",
  shape: ({ operand }, [a, b], node) => broadcastShape(a as Shape, operand?.shape ?? (b as Shape), node),
  lower({ operand }, context) {
    const { node, batch, builder, out } = context;
    const [first, second] = node.inputs as [string, string | undefined];
    const a = context.buffer(first);
    const b = operand ? context.parameter("operand", operand.data) : context.buffer(second as string);
    const shape = operand?.shape ?? context.shape(second as string);
    const axes = productAxes(batch, context.shape(node.output), context.shape(first), shape, operand !== undefined);
    builder.step({ op: "contract", a, b, out, axes, factor: 1, accumulate: false });
  },
};

/** The product of the last two axes; those before broadcast. */
export const matMul: Operator<"matMul"> = {
  name: "matMul",
  shape(_operation, [a, b], node) {
    const [left, right] = [a as Shape, b as Shape];
    if (left.length < 2 || right.length < 2 || left.at(-1) !== right.at(-2))
      throw new BadInput(`Node "${node}" multiplies matrices of shapes [${left.join(", ")}] and [${right.join(", ")}], which do not fit.`);
    return [...broadcastShape(left.slice(0, -2), right.slice(0, -2), node), left.at(-2) as number, right.at(-1) as number];
  },
  lower(_operation, context) {
    const { node, batch, builder } = context;
    const [first, second] = node.inputs as [string, string];
    const [left, right, out] = [context.shape(first), context.shape(second), context.shape(node.output)];
    const outer = out.slice(0, -2);
    const shares = (shape: Shape) => broadcastStrides(shape.slice(0, -2), outer).map((stride) => stride * sizeOf(shape.slice(-2)));
    const [sa, sb, so] = [shares(left), shares(right), stridesOf(out)];
    const [rows, shared, columns] = [left.at(-2) as number, left.at(-1) as number, right.at(-1) as number];
    const axes = [
      { extent: batch, a: sizeOf(left), b: sizeOf(right), out: sizeOf(out) },
      ...outer.map((extent, axis) => ({ extent, a: sa[axis] as number, b: sb[axis] as number, out: so[axis] as number })),
      { extent: rows, a: shared, b: 0, out: columns },
      { extent: columns, a: 0, b: 1, out: 1 },
      { extent: shared, a: 1, b: columns, out: 0 },
    ];
    builder.step({ op: "contract", a: context.buffer(first), b: context.buffer(second), out: context.out, axes, factor: 1, accumulate: false });
  },
};
