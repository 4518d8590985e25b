/** ReLU, ReLU6 and Clip. */
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const clamp: Operator<"clamp"> = {
  name: "clamp",
  shape: (_operation, [input]) => input as Shape,
  lower({ low, high }, context) {
    const x = context.node.inputs[0] as string;
    context.builder.step({ op: "clamp", x: context.buffer(x), out: context.out, size: context.batch * sizeOf(context.shape(x)), low, high });
  },
};
