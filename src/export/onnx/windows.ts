/** Pooling. */
import type { Shape, Window } from "../../graph/types";
import type { OperationOf, Site, Writer } from "./writer";

/** Runtimes differ in what `ceil_mode` counts; the output's size is known here, so the padding after the image makes it exact. */
function attributesOf({ kernel, strides, dilations, pads }: Window, input: Shape, output: Shape) {
  const after = (axis: 0 | 1) => {
    const [size, before, own] = [input[axis] as number, pads[2 * axis] as number, pads[2 * axis + 1] as number];
    const [extent, stride] = [(kernel[axis] - 1) * dilations[axis] + 1, strides[axis]];
    const count = output[axis] as number;
    const given = Math.floor((size + before + own - extent) / stride) + 1;
    return given === count ? own : (count - 1) * stride + extent - size - before;
  };
  return { kernel_shape: kernel, strides, pads: [pads[0], pads[2], after(0), after(1)] };
}

function attributes(operation: OperationOf<"maxPool"> | OperationOf<"averagePool">, at: Site) {
  const dilated = operation.dilations.some((n) => n !== 1) ? { dilations: operation.dilations } : {};
  return { ...attributesOf(operation, at.shape(), at.output), ...dilated };
}

export const maxPool: Writer<"maxPool"> = {
  write: (operation, at) => ({ tensor: at.emit("MaxPool", [at.read("first")], attributes(operation, at)), channels: "first" }),
};

export const averagePool: Writer<"averagePool"> = {
  opset: ({ dilations }) => (dilations.some((n) => n !== 1) ? 19 : 13),
  write: (operation, at) => ({
    tensor: at.emit("AveragePool", [at.read("first")], { ...attributes(operation, at), count_include_pad: operation.includePad ? 1 : 0 }),
    channels: "first",
  }),
};

export const globalAveragePool: Writer<"globalAveragePool"> = {
  write({ keepDims }, at) {
    const pooled = at.emit("GlobalAveragePool", [at.read("first")]);
    return keepDims ? { tensor: pooled, channels: "first" } : { tensor: at.emit("Flatten", [pooled], { axis: 1 }), channels: "last" };
  },
};
