/** What Reshape, Slice and nodes with axes are told, which older opsets say by attributes and newer ones by inputs. */
import { axisOf, count, type FoldContext } from "./constants";
import type { Constant } from "./tensors";

/** Resolves 0 (copy) and -1 (the rest) in a Reshape's target. */
export function reshapeTarget(dims: readonly number[], target: readonly number[]): number[] {
  const resolved = target.map((extent, axis) => (extent === 0 ? (dims[axis] ?? 0) : extent));
  const known = resolved.filter((extent) => extent !== -1).reduce((product, extent) => product * extent, 1);
  return resolved.map((extent) => (extent === -1 ? count(dims) / known : extent));
}

/** Starts, sizes and steps of a Slice on every axis of `dims`, clamped as the standard says. */
export function sliceRanges(
  dims: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] | null,
  steps: readonly number[] | null,
  context: FoldContext,
): { start: number[]; size: number[]; step: number[] } {
  const start = dims.map(() => 0);
  const size = [...dims];
  const step = dims.map(() => 1);
  starts.forEach((from, i) => {
    const axis = axisOf(axes?.[i] ?? i, dims.length, context);
    const extent = dims[axis] as number;
    const by = steps?.[i] ?? 1;
    if (by === 0 || ends[i] === undefined) throw context.fail(`takes every ${by}th entry from ${from} to ${ends[i]}`);
    const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value < 0 ? value + extent : value));
    const first = by > 0 ? clamp(from, 0, extent) : clamp(from, 0, extent - 1);
    // A negative step's end may be "before the beginning", far below -extent.
    const rawEnd = ends[i] as number;
    const last = by > 0 ? clamp(rawEnd, 0, extent) : rawEnd < -extent ? -1 : clamp(rawEnd, -1, extent - 1);
    start[axis] = first;
    size[axis] = Math.max(0, Math.ceil((last - first) / by));
    step[axis] = by;
  });
  return { start, size, step };
}

/** Slice took its ranges as attributes before opset 10 and as inputs since. */
export function sliceArguments(
  inputs: readonly (Constant | null)[],
  { attributes, fail }: FoldContext,
): { starts: number[]; ends: number[]; axes: number[] | null; steps: number[] | null } {
  const list = (index: number, name: string) => (inputs[index] ? Array.from(inputs[index].data) : attributes.ints(name));
  const [starts, ends] = [list(1, "starts"), list(2, "ends")];
  if (!starts || !ends) throw fail("has ranges that are not constant");
  return { starts, ends, axes: list(3, "axes"), steps: list(4, "steps") };
}

/** Axes that moved from an attribute to an input in opset 13 or 18. */
export function axesOf(inputs: readonly (Constant | null)[], { attributes }: FoldContext): number[] | null {
  return inputs[1] ? Array.from(inputs[1].data) : attributes.ints("axes");
}
