/** Sums: of two values (a residual connection), with broadcasting, or of a value and a constant. */
import { type Shape, sizeOf } from "../graph/types";
import { broadcastShape, productAxes } from "./broadcasting";
import type { LoweringContext, Operator } from "./operator";

export const add: Operator<"add"> = {
  name: "add",
  shape: ({ operand }, [a, b], node) => broadcastShape(a as Shape, operand?.shape ?? (b as Shape), node),
  lower({ operand }, context) {
    const out = context.shape(context.node.output);
    const [first, second] = context.node.inputs as [string, string | undefined];
    const a = spread(context, context.buffer(first), context.shape(first), false);
    const b = operand
      ? spread(context, context.parameter("operand", operand.data), operand.shape, true)
      : spread(context, context.buffer(second as string), context.shape(second as string), false);
    context.builder.step({ op: "add", a, b, out: context.out, size: context.batch * sizeOf(out), clamp: null });
  },
};

/** The buffer of a value as wide as the node's output, repeated where it is not. */
function spread(context: LoweringContext, x: string, shape: Shape, constant: boolean): string {
  const out = context.shape(context.node.output);
  const wide = sizeOf(shape) === sizeOf(out);
  if (wide && !constant) return x;
  const size = context.batch * sizeOf(out);
  const buffer = context.builder.temp(`${context.node.output}.spread`, size);
  const axes = productAxes(context.batch, out, shape, null).map((axis, i) => (i === 0 && constant ? { ...axis, a: 0 } : axis));
  context.builder.step({ op: "contract", a: x, b: null, out: buffer, axes, factor: 1, accumulate: false });
  return buffer;
}
