/** What only moves numbers: concatenation, flattening, reshaping, transposing, repetition, padding, slices, gathers. */
import type { Shape } from "../../graph/types";
import { paddingTaps } from "../../operators/resize";
import { wide, widened } from "./pointwise";
import { INT32, text, whole } from "./topology";
import type { OperationOf, Site, Writer } from "./writer";

export const concat: Writer<"concat"> = ({ axis }, at) => {
  const inputs = at.node.inputs.map((_, index) => at.read(index));
  const own = 1 + (axis ?? at.output.length - 1);
  return at.own("ConcatV2", [...inputs, at.integers("axis", own)], { N: whole(inputs.length), Tidx: INT32 });
};

export const flatten: Writer<"flatten"> = ({ order }, at) => {
  const image = order === "chw" && at.shape().length === 3;
  return at.reshape(image ? at.transpose(at.read(), [2, 0, 1]) : at.read(), at.output, "own");
};

export const reshape: Writer<"reshape"> = ({ shape }, at) => at.reshape(at.read(), shape, "own");

export const transpose: Writer<"transpose"> = ({ perm }, at) => at.transpose(at.read(), perm, "own");

export const broadcast: Writer<"broadcast"> = (_operation, at) => {
  const from = wide(at.shape(), at.output.length);
  const counts = at.output.map((extent, axis) => extent / (from[axis] as number));
  return at.tile(widened(at, 0, at.output.length), counts, "own");
};

export const pad: Writer<"pad"> = (operation, at) => {
  const { before, after, value, mode = "constant" } = operation;
  const [grown, cropped] = [(n: number) => Math.max(0, n), (n: number) => Math.max(0, -n)];
  const crops = [...before, ...after].some((n) => n < 0);
  if (mode === "constant") {
    const x = crops ? cropsOf(at, before.map(cropped), after.map(cropped)) : at.read();
    return at.pad(x, before.map(grown), after.map(grown), value, "own");
  }
  if (mode === "reflect" && !crops) return at.own("MirrorPad", [at.read(), at.paddings(before, after)], { Tpaddings: INT32, mode: text("REFLECT") });
  return repeated(operation, at);
};

function cropsOf(at: Site, before: Shape, after: Shape): string {
  const size = at.shape().map((extent, axis) => extent - (before[axis] as number) - (after[axis] as number));
  return at.slice(at.read(), { start: before, size, step: size.map(() => 1) });
}

/** TensorFlow does not repeat the border: entries are gathered, axis by axis. */
function repeated({ before, after, mode }: OperationOf<"pad">, at: Site): string {
  const axes = before.map((_, axis) => axis).filter((axis) => before[axis] || after[axis]);
  if (axes.length === 0) return at.own("Identity", [at.read()]);
  return axes.reduce((x, axis, i) => {
    const taps = paddingTaps(at.shape()[axis] as number, before[axis] as number, after[axis] as number, mode === "reflect" ? "reflect" : "edge");
    return at.gather(x, axis, Array.from(taps.indices), i === axes.length - 1 ? "own" : "step");
  }, at.read());
}

/** Backwards, entries are gathered. */
export const slice: Writer<"slice"> = ({ start, size, step }, at) => {
  const back = step.map((_, axis) => axis).filter((axis) => (step[axis] as number) < 0);
  const entries = (axis: number) => Array.from({ length: size[axis] as number }, (_, i) => (start[axis] as number) + i * (step[axis] as number));
  const x = back.reduce((from, axis) => at.gather(from, axis, entries(axis)), at.read());
  const forward = (values: Shape, other: number) => values.map((value, axis) => (back.includes(axis) ? other : value));
  return at.slice(x, { start: forward(start, 0), size, step: forward(step, 1) }, "own");
};

export const gather: Writer<"gather"> = ({ axis, indices }, at) => at.gather(at.read(), axis, indices, "own");
