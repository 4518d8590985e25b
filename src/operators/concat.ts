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
  lower(_operation, context) {
    const shape = context.shape(context.node.output);
    let channel = 0;
    for (const input of context.node.inputs) {
      const part = context.shape(input);
      const [h, w, c] = threeAxes(part);
      const to = boxOf(shape, shape.length === 3 ? [0, 0, channel] : [channel]);
      context.builder.step({
        op: "copy",
        x: context.buffer(input),
        out: context.out,
        extents: [context.batch, h, w, c],
        from: boxOf(part),
        to,
        accumulate: false,
      });
      channel += c;
    }
  },
};
