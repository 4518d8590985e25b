/** What only moves numbers: concatenation, flattening, reshaping, transposing, repetition, padding, slices, gathers. */
import { axisOf, type Channels, ordered, sameBytes } from "./emitter";
import type { Made, Site, Writer } from "./writer";

export const concat: Writer<"concat"> = {
  write({ axis }, at) {
    const channels = at.order();
    const rank = at.output.length;
    const inputs = at.node.inputs.map((_, index) => at.read(channels, index));
    return { tensor: at.emit("Concat", inputs, { axis: axisOf(axis ?? rank - 1, rank, channels) }), channels };
  },
};

export const flatten: Writer<"flatten"> = {
  write({ order }, at) {
    const channels = order === "chw" ? "first" : "last";
    return { tensor: at.emit("Flatten", [readBytes(at, channels)], { axis: 1 }), channels: "last" };
  },
};

/** An input whose bytes are those of an order: any tensor of it where both orders have the same bytes. */
function readBytes(at: Site, channels: Channels): string {
  return at.read(sameBytes(at.shape()) ? at.order() : channels);
}

export const reshape: Writer<"reshape"> = {
  write: ({ shape }, at) => reshaped(at, readBytes(at, "last"), shape),
};

/** A value without its old axes; one that is the same either way is left as an image. */
function reshaped(at: Site, x: string, shape: readonly number[]): Made {
  const channels = shape.length === 3 && sameBytes(shape) ? "first" : "last";
  return { tensor: at.emit("Reshape", [x, at.integers("shape", [0, ...ordered(shape, channels)])]), channels };
}

export const transpose: Writer<"transpose"> = {
  write({ perm }, at) {
    const channels = at.order();
    const rank = perm.length;
    const moved = [0, ...perm.map((axis) => axisOf(axis, rank, channels))];
    const x = at.read(channels);
    // A tensor that has our new order already needs no node.
    return { tensor: moved.every((axis, i) => axis === i) ? x : at.emit("Transpose", [x], { perm: moved }), channels: "last" };
  },
};

export const broadcast: Writer<"broadcast"> = {
  write({ shape }, at) {
    const own = at.shape();
    const rank = at.output.length;
    const channels = own.length === rank ? at.order() : "last";
    const x = at.read(channels);
    const wide = own.length === rank ? x : at.prepare("Reshape", [x, at.integers("wide", [0, ...Array<number>(rank - own.length).fill(1), ...own])]);
    const to = [...Array<number>(rank - shape.length).fill(1), ...shape];
    return { tensor: at.emit("Expand", [wide, at.integers("shape", [1, ...ordered(to, channels)])]), channels };
  },
};

export const pad: Writer<"pad"> = {
  write({ before, after, value, mode = "constant" }, at) {
    const channels = at.order();
    const pads = [0, ...ordered(before, channels), 0, ...ordered(after, channels)];
    const inputs = [at.read(channels), at.integers("pads", pads)];
    if (mode === "constant") inputs.push(at.scalar("value", value));
    return { tensor: at.emit("Pad", inputs, { mode }), channels };
  },
};

export const slice: Writer<"slice"> = {
  write({ start, size, step }, at) {
    const channels = at.order();
    const shape = at.shape();
    const own = shape.map((_, axis) => axis).filter((axis) => size[axis] !== shape[axis] || step[axis] !== 1);
    if (own.length === 0) return { tensor: at.emit("Identity", [at.read(channels)]), channels };
    const ends = own.map((axis) => {
      const end = (start[axis] as number) + (size[axis] as number) * (step[axis] as number);
      // Counting down past the first entry: a negative end would be counted from the axis's end.
      return end < 0 ? -(2 ** 31) : end;
    });
    const [starts, axes, steps] = [
      own.map((axis) => start[axis] as number),
      own.map((axis) => axisOf(axis, shape.length, channels)),
      own.map((axis) => step[axis] as number),
    ];
    const inputs = [
      at.read(channels),
      at.integers("starts", starts),
      at.integers("ends", ends),
      at.integers("axes", axes),
      at.integers("steps", steps),
    ];
    return { tensor: at.emit("Slice", inputs), channels };
  },
};

export const gather: Writer<"gather"> = {
  write({ axis, indices }, at) {
    const channels = at.order();
    return {
      tensor: at.emit("Gather", [at.read(channels), at.integers("indices", indices)], { axis: axisOf(axis, at.shape().length, channels) }),
      channels,
    };
  },
};
