/** Strided copies of a batch of values: what concatenation, slicing, padding, transposing and flattening are. */
import type { Box, Copy } from "../engine/steps";
import { type Shape, sizeOf } from "../graph/types";

/** One index of a copy: how many words it takes, and how far a step along it leads in either buffer, in words. */
export interface CopyAxis {
  readonly extent: number;
  readonly from: number;
  readonly to: number;
}

/** Words between neighbours on each axis of a shape. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Neighbouring indices that lie one after the other in both buffers are one; indices of one value are none. */
function merged(axes: readonly CopyAxis[]): CopyAxis[] {
  const result: CopyAxis[] = [];
  for (const axis of axes) {
    if (axis.extent === 1) continue;
    const before = result.at(-1);
    if (before && before.from === axis.from * axis.extent && before.to === axis.to * axis.extent)
      result[result.length - 1] = { ...axis, extent: axis.extent * before.extent };
    else result.push(axis);
  }
  return result;
}

/** The steps that copy along `axes`; the engine's copies have four indices, so those with more become several. */
export function copySteps(x: string, out: string, axes: readonly CopyAxis[], from = 0, to = 0): Copy[] {
  const own = merged(axes);
  if (own.length > 4) {
    const shortest = own.reduce((best, axis) => (axis.extent < best.extent ? axis : best));
    const rest = own.filter((axis) => axis !== shortest);
    return Array.from({ length: shortest.extent }, (_, i) => copySteps(x, out, rest, from + i * shortest.from, to + i * shortest.to)).flat();
  }
  const none = { extent: 1, from: 0, to: 0 };
  const filled = [...own.slice(0, -1), none, none, none].slice(0, 3).concat(own.at(-1) ?? none) as [CopyAxis, CopyAxis, CopyAxis, CopyAxis];
  const box = (key: "from" | "to", offset: number): Box => ({
    offset,
    strides: [filled[0][key], filled[1][key], filled[2][key], filled[3][key]],
  });
  const extents = [filled[0].extent, filled[1].extent, filled[2].extent, filled[3].extent] as const;
  return [{ op: "copy", x, out, extents, from: box("from", from), to: box("to", to), accumulate: false }];
}

/** Where a box lies in a value: its first word on each axis, and the step between its words. */
export interface Placement {
  readonly shape: Shape;
  readonly start?: Shape;
  readonly step?: Shape;
}

/** The steps that copy a box of `extents` for a whole batch from one value's place to another's. */
export function boxSteps(batch: number, x: string, out: string, extents: Shape, from: Placement, to: Placement): Copy[] {
  const [fromStrides, toStrides] = [stridesOf(from.shape), stridesOf(to.shape)];
  const offset = ({ start }: Placement, strides: readonly number[]) => strides.reduce((sum, stride, axis) => sum + stride * (start?.[axis] ?? 0), 0);
  const axes = extents.map((extent, axis) => ({
    extent,
    from: (fromStrides[axis] as number) * (from.step?.[axis] ?? 1),
    to: (toStrides[axis] as number) * (to.step?.[axis] ?? 1),
  }));
  const images = { extent: batch, from: sizeOf(from.shape), to: sizeOf(to.shape) };
  return copySteps(x, out, [images, ...axes], offset(from, fromStrides), offset(to, toStrides));
}
