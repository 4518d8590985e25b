/** The sum of two values of one shape: a residual connection. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const add: Operator<"add"> = {
  name: "add",
  shape(_operation, [a, b], node) {
    if (a?.join() !== b?.join())
      throw new BadInput(`Node "${node}" adds values of shapes [${a?.join(", ")}] and [${b?.join(", ")}]; broadcasting is not supported.`);
    return a as Shape;
  },
  lower(_operation, context) {
    const [a, b] = context.node.inputs as [string, string];
    const size = context.batch * sizeOf(context.shape(a));
    context.builder.step({ op: "add", a: context.buffer(a), b: context.buffer(b), out: context.out, size, clamp: null });
  },
};
