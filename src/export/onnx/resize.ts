/** Interpolation of height and width, in ONNX's own terms. */
import type { Interpolation, Shape } from "../../graph/types";
import type { Writer } from "./writer";

/** Whether a runtime finds the output's size from the scales, in single precision. */
function sizeFollows({ size, scales }: Interpolation, input: Shape): boolean {
  return size.every((extent, axis) => Math.floor(Math.fround((input[axis] as number) * Math.fround(scales[axis] as number))) === extent);
}

export const resize: Writer<"resize"> = {
  opset(operation, { input }) {
    if (operation.coordinates === "half_pixel_symmetric") return 19;
    return sizeFollows(operation, input) ? 13 : 18;
  },
  write(operation, at) {
    const { size, scales, mode, coordinates, rounding, cubic, excludeOutside } = operation;
    const attributes = {
      ...{ mode, coordinate_transformation_mode: coordinates },
      ...(mode === "nearest" ? { nearest_mode: rounding } : {}),
      ...(mode === "cubic" ? { cubic_coeff_a: { float: cubic } } : {}),
      ...(excludeOutside ? { exclude_outside: 1 } : {}),
    };
    const x = at.read("first");
    // With all sizes the batch would have to be known; sizes of some axes came with opset 18.
    const tensor = sizeFollows(operation, at.shape())
      ? at.emit("Resize", [x, "", at.floats("scales", [4], Float32Array.of(1, 1, ...scales))], attributes)
      : at.emit("Resize", [x, "", "", at.integers("sizes", size)], { ...attributes, axes: [2, 3] });
    return { tensor, channels: "first" };
  },
};
