/** Concatenation along the channels. */
import { BadInput } from "../base/errors";
import type { Shape } from "../graph/types";
import { boxOf, threeAxes } from "./boxes";
import type { Operator } from "./operator";

export const concat: Operator<"concat"> = {
  name: "concat",
  shape(_operation, inputs, node) {
    const first = inputs[0] as Shape;
    const plane = first.slice(0, -1).join();
    for (const input of inputs)
      if (input.slice(0, -1).join() !== plane)
        throw new BadInput(`Node "${node}" joins values of shapes [${first.join(", ")}] and [${input.join(", ")}]; only their channels may differ.`);
    return [...first.slice(0, -1), inputs.reduce((sum, input) => sum + (input.at(-1) as number), 0)];
  },
  lower(_operation, site) {
    const shape = site.shape(site.node.output);
    let channel = 0;
    for (const input of site.node.inputs) {
      const part = site.shape(input);
      const [h, w, c] = threeAxes(part);
      const to = boxOf(shape, shape.length === 3 ? [0, 0, channel] : [channel]);
      site.builder.step({
        op: "copy",
        x: site.buffer(input),
        out: site.out,
        extents: [site.batch, h, w, c],
        from: boxOf(part),
        to,
        accumulate: false,
      });
      channel += c;
    }
  },
};
