/** Interpolation of height and width, entries of one axis by their numbers, and padding by reflection or repetition. */
import { BadInput } from "../base/errors";
import { type Shape, sizeOf } from "../graph/types";
import { interpolationTaps, type Taps, tableOf, tapsOf, transposedTaps } from "./interpolation";
import type { LoweringContext, Operator } from "./operator";

/** Appends the step that resamples one axis of `x`, of shape `shape`; returns the shape that it makes. */
export function resampleAxis(context: LoweringContext, x: string, out: string, shape: Shape, axis: number, taps: Taps): Shape {
  const back = transposedTaps(taps);
  context.builder.step({
    op: "resample",
    x,
    out,
    table: context.parameter(`taps${axis}`, tableOf(taps)),
    transposed: context.parameter(`transposedTaps${axis}`, tableOf(back)),
    outer: context.batch * sizeOf(shape.slice(0, axis)),
    from: taps.from,
    to: taps.to,
    inner: sizeOf(shape.slice(axis + 1)),
    taps: taps.taps,
    transposedTaps: back.taps,
    accumulate: false,
  });
  return shape.map((extent, i) => (i === axis ? taps.to : extent));
}

export const resize: Operator<"resize"> = {
  name: "resize",
  shape({ size }, [input], node) {
    if (input?.length !== 3)
      throw new BadInput(`Node "${node}" resizes a value of shape [${input?.join(", ")}]; it needs [height, width, channels].`);
    if (size.some((extent) => extent < 1)) throw new BadInput(`Node "${node}" resizes its input to ${size.join("x")}.`);
    return [...size, input[2] as number];
  },
  lower(operation, context) {
    const x = context.node.inputs[0] as string;
    const shape = context.shape(x);
    const rows = interpolationTaps(operation, 0, shape[0] as number);
    const columns = interpolationTaps(operation, 1, shape[1] as number);
    const between = context.builder.temp(`${context.node.output}.rows`, context.batch * rows.to * sizeOf(shape.slice(1)));
    const tall = resampleAxis(context, context.buffer(x), between, shape, 0, rows);
    resampleAxis(context, between, context.out, tall, 1, columns);
  },
};

export const gather: Operator<"gather"> = {
  name: "gather",
  shape({ axis, indices }, [input], node) {
    const extent = input?.[axis];
    if (extent === undefined || indices.length === 0 || indices.some((index) => !Number.isInteger(index) || index < 0 || index >= extent))
      throw new BadInput(`Node "${node}" takes entries ${indices.slice(0, 4).join(", ")} of an axis of ${extent ?? "no"} entries.`);
    return (input as Shape).map((own, i) => (i === axis ? indices.length : own));
  },
  lower({ axis, indices }, context) {
    const x = context.node.inputs[0] as string;
    const shape = context.shape(x);
    const rows = indices.map((index) => [[index, 1]] as const);
    resampleAxis(context, context.buffer(x), context.out, shape, axis, tapsOf(rows, shape[axis] as number));
  },
};

/** Padding of one axis whose new entries repeat old ones: the border's ("edge") or mirrored at it ("reflect"). */
export function paddingTaps(from: number, before: number, after: number, mode: "reflect" | "edge"): Taps {
  const rows = Array.from({ length: before + from + after }, (_, i) => {
    const at = i - before;
    if (mode === "edge" || from === 1) return [[Math.min(from - 1, Math.max(0, at)), 1]] as const;
    const period = 2 * (from - 1);
    const folded = ((at % period) + period) % period;
    return [[folded < from ? folded : period - folded, 1]] as const;
  });
  return tapsOf(rows, from);
}
