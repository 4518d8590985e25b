/** What a graph model cuts out of a value. */
import { add } from "../build";
import { reshaped } from "./shapes";
import { type Activation, activation, type Conversion, type Converter, constant, made, ownAxis, wholes } from "./values";

/** A box of a value; ranges in the file's axes. */
function sliced(at: Conversion, x: Activation, start: readonly number[], size: readonly number[], step: readonly number[], suffix = ""): Activation {
  if (size.some((extent) => !(extent >= 1))) throw at.fail(`slices [${x.dims.join(", ")}] to nothing`);
  if (start.some((from, axis) => from < 0 || from + ((size[axis] as number) - 1) * (step[axis] as number) >= (x.dims[axis] as number)))
    throw at.fail(`slices beyond its input of shape [${x.dims.join(", ")}]`);
  const own = (values: readonly number[]) => (x.batched ? values.slice(1) : values);
  if (size.join() === x.dims.join()) return x;
  return made(at, add(at, { op: "slice", start: own(start), size: own(size), step: own(step) }, [x.id], suffix), x.batched);
}

const slice: Converter = (at) => {
  const x = activation(at, 0);
  const [begin, size] = [wholes(at, 1, "begin"), wholes(at, 2, "size")];
  const sizes = x.dims.map((extent, axis) => (size[axis] === -1 ? extent - (begin[axis] ?? 0) : (size[axis] ?? 0)));
  return sliced(
    at,
    x,
    begin,
    sizes,
    x.dims.map(() => 1),
  );
};

/** TensorFlow's StridedSlice: the masks' bits are axes of the ranges. */
const stridedSlice: Converter = (at) => {
  const x = activation(at, 0);
  const { attributes } = at.node;
  const [begins, ends, strides] = [wholes(at, 1, "begin"), wholes(at, 2, "end"), wholes(at, 3, "strides")];
  const has = (mask: string, bit: number) => (attributes.int(mask, 0) & (1 << bit)) !== 0;
  const ranks = begins.map((_, i) => i);
  const added = ranks.filter((i) => has("new_axis_mask", i)).length;
  const start = x.dims.map(() => 0);
  const size = [...x.dims];
  const step = x.dims.map(() => 1);
  const result: (number | "axis")[] = [];
  let axis = 0;
  for (const i of ranks) {
    if (has("ellipsis_mask", i)) {
      const skipped = x.dims.length - (begins.length - 1 - added);
      for (let k = 0; k < skipped; k++, axis++) result.push("axis");
      continue;
    }
    if (has("new_axis_mask", i)) {
      result.push(1);
      continue;
    }
    const extent = x.dims[axis];
    if (extent === undefined) throw at.fail(`slices more axes than its input of shape [${x.dims.join(", ")}] has`);
    const by = strides[i] as number;
    if (by < 1) throw at.fail("slices backwards, which is not supported");
    const shrinks = has("shrink_axis_mask", i);
    const clamped = (value: number) => Math.min(extent, Math.max(0, value < 0 ? value + extent : value));
    const from = has("begin_mask", i) && !shrinks ? 0 : clamped(begins[i] as number);
    const to = shrinks ? from + 1 : has("end_mask", i) ? extent : clamped(ends[i] as number);
    start[axis] = from;
    size[axis] = Math.ceil((to - from) / by);
    step[axis] = by;
    if (!shrinks) result.push("axis");
    else result.push(0);
    axis++;
  }
  const box = sliced(at, x, start, size, step);
  let at0 = 0;
  const dims: number[] = [];
  for (const entry of result) {
    if (entry === 1) dims.push(1);
    else {
      if (entry === "axis") dims.push(size[at0] as number);
      at0++;
    }
  }
  dims.push(...size.slice(at0));
  return dims.join() === box.dims.join() ? box : reshaped(at, box, dims, "shape");
};

function pieces(at: Conversion, x: Activation, named: number, sizes: readonly number[]): Activation[] {
  const axis = named < 0 ? named + x.dims.length : named;
  ownAxis(at, x, axis);
  if (sizes.reduce((sum, size) => sum + size, 0) !== x.dims[axis]) throw at.fail(`splits an axis of ${x.dims[axis]} into ${sizes.join(" + ")}`);
  let from = 0;
  return sizes.map((size, i) => {
    const start = x.dims.map((_, k) => (k === axis ? from : 0));
    from += size;
    return sliced(
      at,
      x,
      start,
      x.dims.map((extent, k) => (k === axis ? size : extent)),
      x.dims.map(() => 1),
      `${i}`,
    );
  });
}

const split: Converter = (at) => {
  const x = activation(at, 1);
  const [axis = 0] = wholes(at, 0, "axis");
  const count = at.node.attributes.int("num_split", 1);
  const extent = x.dims.at(axis < 0 ? axis : axis) ?? 0;
  if (count < 1 || count > extent) throw at.fail(`splits an axis of ${extent} into ${count}`);
  return pieces(at, x, axis, Array<number>(count).fill(extent / count));
};

const splitV: Converter = (at) => {
  const x = activation(at, 0);
  const [axis = 0] = wholes(at, 2, "axis");
  const given = wholes(at, 1, "sizes");
  const rest = (x.dims.at(axis) ?? 0) - given.filter((size) => size >= 0).reduce((sum, size) => sum + size, 0);
  return pieces(
    at,
    x,
    axis,
    given.map((size) => (size < 0 ? rest : size)),
  );
};

const unpack: Converter = (at) => {
  const x = activation(at, 0);
  const named = at.node.attributes.int("axis", 0);
  const axis = named < 0 ? named + x.dims.length : named;
  const dims = x.dims.filter((_, i) => i !== axis);
  // A batch of 1 unpacked is the one image.
  if (axis === 0 && x.batched) return [reshaped(at, x, dims)];
  const extent = x.dims[axis] ?? 0;
  if (extent > 1024) throw at.fail(`unpacks ${extent} values`);
  return pieces(at, x, axis, Array<number>(extent).fill(1)).map((piece, i) => reshaped(at, piece, dims, `value${i}`));
};

const gather: Converter = (at) => {
  const x = activation(at, 0);
  const { data, dims } = constant(at, 1, "indices");
  const [axis = 0] = at.inputs[2] ? wholes(at, 2, "axis") : [0];
  const own = ownAxis(at, x, axis);
  const extent = at.graph.shape(x.id)[own] as number;
  const indices = Array.from(data, (index) => (index < 0 ? index + extent : index));
  const picked = made(at, add(at, { op: "gather", axis: own, indices }, [x.id]), x.batched);
  const place = axis < 0 ? axis + x.dims.length : axis;
  return dims.length === 1 ? picked : reshaped(at, picked, [...x.dims.slice(0, place), ...dims, ...x.dims.slice(place + 1)], "shape");
};

export const SLICES: Readonly<Record<string, Converter>> = {
  Slice: slice,
  StridedSlice: stridedSlice,
  Split: split,
  SplitV: splitV,
  Unpack: unpack,
  GatherV2: gather,
  Gather: gather,
};
