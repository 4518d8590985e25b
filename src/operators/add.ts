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
  lower(_operation, site) {
    const [a, b] = site.node.inputs as [string, string];
    const size = site.batch * sizeOf(site.shape(a));
    site.builder.step({ op: "add", a: site.buffer(a), b: site.buffer(b), out: site.out, size, clamp: null });
  },
};
