/** Softmax over the channels of each position. */
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const softmax: Operator<"softmax"> = {
  name: "softmax",
  shape: (_operation, [input]) => input as Shape,
  lower(_operation, site) {
    const x = site.node.inputs[0] as string;
    const shape = site.shape(x);
    const columns = shape.at(-1) as number;
    const rows = (site.batch * sizeOf(shape)) / columns;
    site.builder.step({ op: "softmax", x: site.buffer(x), out: site.out, rows, columns });
  },
};
