/** ReLU, ReLU6 and Clip. */
import { type Shape, sizeOf } from "../graph/types";
import type { Operator } from "./operator";

export const clamp: Operator<"clamp"> = {
  name: "clamp",
  shape: (_operation, [input]) => input as Shape,
  lower({ low, high }, site) {
    const x = site.node.inputs[0] as string;
    site.builder.step({ op: "clamp", x: site.buffer(x), out: site.out, size: site.batch * sizeOf(site.shape(x)), low, high });
  },
};
