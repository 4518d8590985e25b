/** Concatenation along an axis, the channels by default. */
import { BadInput } from "../base/errors";
import type { Shape } from "../graph/types";
import { boxSteps } from "./boxes";
import type { Operator } from "./operator";

export const concat: Operator<"concat"> = {
  name: "concat",
  shape({ axis }, inputs, node) {
    const first = inputs[0] as Shape;
    const along = axis ?? first.length - 1;
    const others = (shape: Shape) => shape.filter((_, i) => i !== along).join();
    for (const input of inputs)
      if (input.length !== first.length || others(input) !== others(first))
        throw new BadInput(
          `Node "${node}" joins values of shapes [${first.join(", ")}] and [${input.join(", ")}]; they may differ only in the axis along which they are joined.`,
        );
    return first.map((extent, i) => (i === along ? inputs.reduce((sum, input) => sum + (input[along] as number), 0) : extent));
  },
  lower({ axis }, context) {
    const shape = context.shape(context.node.output);
    const along = axis ?? shape.length - 1;
    let at = 0;
    for (const input of context.node.inputs) {
      const part = context.shape(input);
      const into = { shape, start: shape.map((_, i) => (i === along ? at : 0)) };
      for (const step of boxSteps(context.batch, context.buffer(input), context.out, part, { shape: part }, into)) context.builder.step(step);
      at += part[along] as number;
    }
  },
};
