/** Strided boxes over a batch of values: what concatenation, slicing, padding and flattening copy. */
import type { Box } from "../engine/steps";
import { type Shape, sizeOf } from "../graph/types";

/** A shape with three axes: [features] becomes [1, 1, features]. */
export function threeAxes(shape: Shape, filler = 1): [number, number, number] {
  return shape.length === 3 ? (shape as [number, number, number]) : [filler, filler, shape[0] as number];
}

/** The box of a whole batch of values, starting `start` words in on each axis and `step` apart. */
export function boxOf(shape: Shape, start: Shape = [0, 0, 0], step: Shape = [1, 1, 1]): Box {
  const [, w, c] = threeAxes(shape);
  const strides = [w * c, c, 1] as const;
  const at = threeAxes(start, 0);
  const by = threeAxes(step);
  return {
    offset: strides[0] * at[0] + strides[1] * at[1] + at[2],
    strides: [sizeOf(shape), strides[0] * by[0], strides[1] * by[1], by[2]],
  };
}
