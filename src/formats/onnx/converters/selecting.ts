/** Parts of values and values with a border: Slice, Split, Gather, Pad and Resize. */
import type { Interpolation } from "../../../graph/types";
import { sliceArguments, sliceRanges } from "../arguments";
import { axisOf, entryOf } from "../constants";
import { type Activation, activation, type Conversion, type Converter, constantInput, constants, inOrder, inStorage, made } from "../conversion";
import { viewed } from "./shapes";

/** A box of a value; axes of the file. */
function boxed(at: Conversion, x: Activation, start: readonly number[], size: readonly number[], step: readonly number[], part?: string): Activation {
  const whole = size.every((extent, axis) => extent === x.dims[axis] && step[axis] === 1);
  if (whole) return x;
  const own = { start: inStorage(start, x), size: inStorage(size, x), step: inStorage(step, x) };
  return made(at, { op: "slice", ...own }, [x], x.order, part);
}

const slice: Converter = (at) => {
  const x = activation(at, 0);
  const { starts, ends, axes, steps } = sliceArguments(constants(at), at);
  const { start, size, step } = sliceRanges(x.dims, starts, ends, axes, steps, at);
  if (size[0] !== 1) throw at.fail("slices the batch, which is not supported");
  const backwards = step.findIndex((by) => by < 0);
  if (backwards < 0) return boxed(at, x, start, size, step);
  if (step.filter((by) => by < 0).length > 1) throw at.fail("slices several axes backwards, which is not supported");
  const forward = step.map((by, axis) => (axis === backwards ? 1 : by));
  const box = boxed(
    at,
    x,
    start.map((from, axis) => (axis === backwards ? 0 : from)),
    size.map((extent, axis) => (axis === backwards ? (x.dims[axis] as number) : extent)),
    forward,
    "box",
  );
  at.budget.spend(size[backwards] as number, at.fail);
  const indices = Array.from({ length: size[backwards] as number }, (_, i) => (start[backwards] as number) + i * (step[backwards] as number));
  return made(at, { op: "gather", axis: box.order.indexOf(backwards), indices }, [box], box.order);
};

/** The sizes are an input since opset 13, an attribute before; without them the parts are equal. */
const split: Converter = (at) => {
  const x = activation(at, 0);
  const axis = axisOf(at.attributes.int("axis", 0), x.dims.length, at);
  if (axis === 0) throw at.fail("splits the batch, which is not supported");
  const extent = x.dims[axis] as number;
  const count = at.attributes.int("num_outputs", at.listed);
  if (!(count >= 1 && count <= extent)) throw at.fail(`splits an axis of ${extent} into ${count} parts`);
  const each = Math.ceil(extent / count);
  const equal = Array.from({ length: count }, (_, i) => Math.min(each, extent - i * each));
  const sizes = at.inputs[1] ? Array.from(constantInput(at, 1, "split").data) : (at.attributes.ints("split") ?? equal);
  if (sizes.reduce((sum, size) => sum + size, 0) !== extent || sizes.some((size) => size < 1))
    throw at.fail(`splits an axis of ${extent} into parts of ${sizes.join(", ")}`);
  let from = 0;
  return sizes.map((size, i) => {
    const start = x.dims.map((_, other) => (other === axis ? from : 0));
    from += size;
    return boxed(
      at,
      x,
      start,
      x.dims.map((own, other) => (other === axis ? size : own)),
      x.dims.map(() => 1),
      `part${i}`,
    );
  });
};

const gather: Converter = (at) => {
  const x = activation(at, 0);
  const axis = axisOf(at.attributes.int("axis", 0), x.dims.length, at);
  if (axis === 0) throw at.fail("chooses images of the batch, which is not supported");
  const { dims, data } = constantInput(at, 1, "indices");
  const extent = x.dims[axis] as number;
  const indices = Array.from(data, (index) => entryOf(index, extent, at));
  const run = indices.every((index, i) => index === (indices[0] as number) + i && index >= 0 && index < extent);
  const chosen = run
    ? boxed(
        at,
        x,
        x.dims.map((_, other) => (other === axis ? (indices[0] as number) : 0)),
        x.dims.map((own, other) => (other === axis ? indices.length : own)),
        x.dims.map(() => 1),
        dims.length === 0 ? "entry" : undefined,
      )
    : made(at, { op: "gather", axis: x.order.indexOf(axis), indices }, [x], x.order, dims.length === 1 ? undefined : "entries");
  return dims.length === 1 ? chosen : viewed(at, chosen, [...x.dims.slice(0, axis), ...dims, ...x.dims.slice(axis + 1)]);
};

const PAD_MODES = ["constant", "reflect", "edge"] as const;

const pad: Converter = (at) => {
  const x = activation(at, 0);
  const name = at.attributes.string("mode", "constant");
  const mode = PAD_MODES.find((known) => known === name);
  if (!mode) throw at.fail(`pads in mode "${name}"; only ${PAD_MODES.join(", ")} are supported`);
  const pads = at.inputs[1] ? Array.from(constantInput(at, 1, "pads").data) : at.attributes.ints("pads");
  if (!pads) throw at.fail("has no pads");
  const value = at.inputs[2] ? (constantInput(at, 2, "value").data[0] as number) : at.attributes.float("value", 0);
  const rank = x.dims.length;
  const axes = at.inputs[3] ? Array.from(constantInput(at, 3, "axes").data) : x.dims.map((_, axis) => axis);
  const before = Array<number>(rank).fill(0);
  const after = Array<number>(rank).fill(0);
  axes.forEach((axis, i) => {
    before[axisOf(axis, rank, at)] = pads[i] as number;
    after[axisOf(axis, rank, at)] = pads[i + axes.length] as number;
  });
  if (before[0] || after[0]) throw at.fail("pads the batch, which is not supported");
  if ([...before, ...after].every((n) => n === 0)) return x;
  const own = { before: inStorage(before, x), after: inStorage(after, x), value };
  return made(at, mode === "constant" ? { op: "pad", ...own } : { op: "pad", ...own, mode }, [x], x.order);
};

const COORDINATES: readonly Interpolation["coordinates"][] = [
  "half_pixel",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "half_pixel_symmetric",
  "tf_half_pixel_for_nn",
];
const ROUNDINGS: readonly Interpolation["rounding"][] = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

/** Scales of all axes of the file from the node's scales or sizes. */
function scalesOf(at: Conversion, x: Activation): { scales: number[]; sizes: number[] } {
  const rank = x.dims.length;
  const axes = at.attributes.ints("axes")?.map((axis) => axisOf(axis, rank, at)) ?? x.dims.map((_, axis) => axis);
  const given = (index: number) => {
    const input = at.inputs[index];
    return input ? Array.from(constantInput(at, index, "scales or sizes").data) : [];
  };
  const old = at.opset < 11;
  const scales = old ? (at.inputs[1] ? given(1) : Array.from(at.attributes.get("scales")?.floats ?? [])) : given(2);
  const sizes = old ? [] : given(3);
  const all = { scales: x.dims.map(() => 1), sizes: [...x.dims] };
  axes.forEach((axis, i) => {
    const extent = x.dims[axis] as number;
    const size = sizes[i] ?? Math.floor(extent * (scales[i] ?? 1));
    all.sizes[axis] = axis === 0 ? 1 : size;
    all.scales[axis] = axis === 0 ? 1 : (scales[i] ?? size / extent);
  });
  return all;
}

/** Resize, and Upsample before it (asymmetric coordinates, rounded down). */
const resize: Converter = (at) => {
  const { attributes } = at;
  const x = activation(at, 0);
  const old = at.opset < 11;
  const written = attributes.string("mode", "nearest");
  const mode = (["nearest", "linear", "cubic"] as const).find((known) => known === written || (known === "linear" && written === "bilinear"));
  if (!mode) throw at.fail(`interpolates in mode "${written}"; nearest, linear and cubic are supported`);
  const named = attributes.string("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  const coordinates = COORDINATES.find((known) => known === named);
  if (!coordinates) throw at.fail(`has coordinate_transformation_mode "${named}"; ${COORDINATES.join(", ")} are supported`);
  const rounding = ROUNDINGS.find((known) => known === attributes.string("nearest_mode", old ? "floor" : "round_prefer_floor"));
  if (!rounding) throw at.fail("has an unknown nearest_mode");
  if (attributes.string("keep_aspect_ratio_policy", "stretch") !== "stretch") throw at.fail("keeps the aspect ratio, which is not supported");
  const { scales, sizes } = scalesOf(at, x);
  const moved = sizes.flatMap((size, axis) => (size !== x.dims[axis] || scales[axis] !== 1 ? [axis] : []));
  if (moved.length === 0) return x;
  if (attributes.int("antialias", 0) && moved.some((axis) => (scales[axis] as number) < 1))
    throw at.fail("shrinks with antialiasing, which is not supported");
  if (x.dims.length !== 4 || moved.length > 2)
    throw at.fail(`resizes axes ${moved.join(", ")} of a value of shape [${x.dims.join(", ")}]; only height and width of images are supported`);
  // Height and width are axes 2 and 3, or 1 and 2 where a file keeps images NHWC.
  const pairs = [
    [2, 3, 1],
    [1, 2, 3],
  ] as const;
  const order = pairs.find(([h, w]) => moved.every((axis) => axis === h || axis === w));
  if (!order) throw at.fail(`resizes axes ${moved.join(", ")}; only height and width are supported`);
  const [h, w] = order;
  const source = inOrder(at, x, order);
  return made(
    at,
    {
      op: "resize",
      ...{ mode, coordinates, rounding },
      size: [sizes[h] as number, sizes[w] as number],
      scales: [scales[h] as number, scales[w] as number],
      cubic: attributes.float("cubic_coeff_a", -0.75),
      excludeOutside: attributes.int("exclude_outside", 0) === 1,
    },
    [source],
    order,
  );
};

export const SELECTING: Readonly<Record<string, Converter>> = {
  Slice: slice,
  Split: split,
  Gather: gather,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
};
