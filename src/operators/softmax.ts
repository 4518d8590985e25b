/** Softmax over the channels of each position, or its logarithm. */
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const softmax: Operator<"softmax"> = {
  name: "softmax",
  shape: (_operation, [input]) => input as Shape,
  lower({ log }, context) {
    const x = context.node.inputs[0] as string;
    const shape = context.shape(x);
    const columns = shape.at(-1) as number;
    const rows = (context.batch * sizeOf(shape)) / columns;
    context.builder.step({ op: "softmax", x: context.buffer(x), out: context.out, rows, columns, log: log ?? false });
  },
};
