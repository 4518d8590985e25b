/**
 * Reshape, Transpose and their like. A Transpose renames axes and moves nothing (conversion.ts). A Reshape that splits or
 * joins axes moves nothing either where the joined axes lie one after the other in storage; so a channel shuffle becomes a
 * single transpose, and a permute before a head's reshape none at all.
 */
import type { Operation } from "../../../graph/types";
import { axesOf, reshapeTarget } from "../arguments";
import { axisOf } from "../constants";
import {
  type Activation,
  activation,
  type Conversion,
  type Converter,
  constantInput,
  constants,
  inOrder,
  made,
  storedShape,
  usualOrder,
} from "../conversion";

const product = (extents: readonly number[]) => extents.reduce((total, extent) => total * extent, 1);

/** Axes of both shapes that hold the same numbers, as small groups as possible, counted from 1 (axis 0 is the batch). */
function groupsOf(from: readonly number[], to: readonly number[]): { from: number[]; to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  let [i, j] = [1, 1];
  while (i < from.length && j < to.length) {
    const group = { from: [i], to: [j] };
    let [a, b] = [from[i++] as number, to[j++] as number];
    while (a !== b) {
      if (a < b) {
        group.from.push(i);
        a *= from[i++] as number;
      } else {
        group.to.push(j);
        b *= to[j++] as number;
      }
    }
    groups.push(group);
  }
  const last = groups.at(-1) ?? { from: [], to: [] };
  if (groups.length === 0) groups.push(last);
  for (; i < from.length; i++) last.from.push(i);
  for (; j < to.length; j++) last.to.push(j);
  return groups;
}

/** The value under other dims of as many numbers. */
export function viewed(at: Conversion, x: Activation, dims: readonly number[], part?: string): Activation {
  if (dims.join() === x.dims.join()) return x;
  if (dims[0] !== 1 || product(dims) !== product(x.dims) || dims.some((extent) => !(extent >= 1)))
    throw at.fail(`reshapes [${x.dims.join(", ")}] to [${dims.join(", ")}], which ${dims[0] === 1 ? "does not fit" : "moves values into the batch"}`);
  if (dims.length === 1) throw at.fail("joins all of a value with its batch, which is not supported");
  if (dims.length === 2 && x.dims.length === 4 && x.order.join() === usualOrder(4).join())
    return made(at, { op: "flatten", order: "chw" }, [x], undefined, part);
  const groups = groupsOf(x.dims, dims);
  const place = (axis: number) => x.order.indexOf(axis);
  const isLong = (axis: number) => (x.dims[axis] as number) > 1;
  // A group lies where its first long axis does.
  const placeOf = (group: { from: readonly number[] }) => Math.min(...(group.from.some(isLong) ? group.from.filter(isLong) : group.from).map(place));
  const inPlace = [...groups].sort((a, b) => placeOf(a) - placeOf(b));
  const source = inOrder(
    at,
    x,
    inPlace.flatMap((group) => group.from),
  );
  const order = inPlace.flatMap((group) => group.to);
  const target: Activation = { ...source, dims, order: usualWhereEqual(dims, order) };
  if (storedShape(target).join() === storedShape(source).join()) return target;
  return { ...made(at, { op: "reshape", shape: storedShape(target) }, [source], target.order, part), dims };
}

/** The usual order of so many axes where only axes of extent 1 stand otherwise. */
function usualWhereEqual(dims: readonly number[], order: readonly number[]): readonly number[] {
  const long = (axes: readonly number[]) => axes.filter((axis) => (dims[axis] as number) > 1).join();
  const usual = usualOrder(dims.length);
  return long(usual) === long(order) ? usual : order;
}

/** The value with its axes renamed: axis i is what was axis perm[i]. */
export function permuted(at: Conversion, x: Activation, perm: readonly number[]): Activation {
  if (perm[0] !== 0) throw at.fail(`moves the batch to another axis (perm ${perm.join(", ")}), which is not supported`);
  return { ...x, dims: perm.map((axis) => x.dims[axis] as number), order: x.order.map((axis) => perm.indexOf(axis)) };
}

const transpose: Converter = (at) => {
  const x = activation(at, 0);
  return permuted(at, x, at.attributes.ints("perm") ?? x.dims.map((_, axis) => x.dims.length - 1 - axis));
};

const reshape: Converter = (at) => {
  const x = activation(at, 0);
  const target = at.inputs[1] ? Array.from(constantInput(at, 1, "shape").data) : at.attributes.ints("shape");
  if (!target) throw at.fail("has no target shape");
  // A file of a fixed batch names it; here a batch counts as 1.
  if (at.batch !== null && target[0] === at.batch && at.attributes.int("allowzero", 0) === 0) target[0] = 1;
  return viewed(at, x, reshapeTarget(x.dims, target));
};

const flatten: Converter = (at) => {
  const x = activation(at, 0);
  const axis = axisOf(at.attributes.int("axis", 1), x.dims.length, at);
  if (axis === 0) throw at.fail("flattens the batch too, which is not supported");
  if (axis > 1 && product(x.dims.slice(1, axis)) > 1) throw at.fail("joins its batch with other axes, which is not supported");
  return viewed(at, x, [1, product(x.dims.slice(1))]);
};

const squeeze: Converter = (at) => {
  const x = activation(at, 0);
  const axes = axesOf(constants(at), at)?.map((axis) => axisOf(axis, x.dims.length, at));
  if (axes?.includes(0)) throw at.fail("removes the batch, which is not supported");
  const wrong = axes?.find((axis) => x.dims[axis] !== 1);
  if (wrong !== undefined) throw at.fail(`removes axis ${wrong} of a value of shape [${x.dims.join(", ")}], which is not 1`);
  return viewed(
    at,
    x,
    x.dims.filter((extent, axis) => axis === 0 || (axes ? !axes.includes(axis) : extent !== 1)),
  );
};

const unsqueeze: Converter = (at) => {
  const x = activation(at, 0);
  const axes = axesOf(constants(at), at) ?? [];
  const rank = x.dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank, at)));
  if (added.has(0)) throw at.fail("puts an axis before the batch, which is not supported");
  const rest = [...x.dims];
  return viewed(
    at,
    x,
    Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() as number))),
  );
};

const expand: Converter = (at) => {
  const x = activation(at, 0);
  const target = Array.from(constantInput(at, 1, "shape").data);
  if (target.length > x.dims.length) throw at.fail(`expands [${x.dims.join(", ")}] to more axes, which is not supported`);
  const wide = [...x.dims.slice(0, x.dims.length - target.length).fill(1), ...target];
  if (at.batch !== null && wide[0] === at.batch) wide[0] = 1;
  const dims = x.dims.map((extent, axis) => Math.max(extent, wide[axis] as number));
  if (dims[0] !== 1) throw at.fail("repeats the batch, which is not supported");
  if (dims.join() === x.dims.join()) return x;
  return made(at, { op: "broadcast", shape: x.order.map((axis) => dims[axis] as number) }, [x], x.order);
};

const tile: Converter = (at) => {
  const x = activation(at, 0);
  const repeats = Array.from(constantInput(at, 1, "repeats").data);
  if (repeats[0] !== 1) throw at.fail("repeats the batch, which is not supported");
  let value = x;
  repeats.forEach((times, axis) => {
    if (times === 1) return;
    const extent = x.dims[axis] as number;
    at.budget.spend(extent * times, at.fail);
    const indices = Array.from({ length: extent * times }, (_, i) => i % extent);
    value = made(at, { op: "gather", axis: value.order.indexOf(axis), indices }, [value], value.order, `axis${axis}`);
  });
  return value;
};

const depthToSpace: Converter = (at) => {
  const x = activation(at, 0);
  const block = at.attributes.int("blocksize", 1);
  const [, c, h, w] = x.dims as [number, number, number, number];
  const depth = c / block ** 2;
  const first = at.attributes.string("mode", "DCR") === "DCR";
  const split = viewed(at, x, first ? [1, block, block, depth, h, w] : [1, depth, block, block, h, w], "split");
  return viewed(at, permuted(at, split, first ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [1, depth, h * block, w * block]);
};

const spaceToDepth: Converter = (at) => {
  const x = activation(at, 0);
  const block = at.attributes.int("blocksize", 1);
  const [, c, h, w] = x.dims as [number, number, number, number];
  const split = viewed(at, x, [1, c, h / block, block, w / block, block], "split");
  return viewed(at, permuted(at, split, [0, 3, 5, 1, 2, 4]), [1, c * block ** 2, h / block, w / block]);
};

/** Element types of ONNX that hold real numbers: float, float16, double and bfloat16. */
const REAL_TYPES = [1, 10, 11, 16];

const cast: Converter = (at) => {
  const to = at.attributes.int("to", 1);
  if (!REAL_TYPES.includes(to)) throw at.fail(`turns values into element type ${to}, which is not supported`);
  return activation(at, 0);
};

const same: Converter = (at) => activation(at, 0);

export function concatOf(at: Conversion, parts: readonly Activation[], axis: number, part?: string): Activation {
  const [first] = parts;
  if (!first) throw at.fail("joins no values");
  const { order } = first;
  const stored = order.indexOf(axis);
  const operation: Operation = stored === order.length - 1 ? { op: "concat" } : { op: "concat", axis: stored };
  return made(
    at,
    operation,
    parts.map((one) => inOrder(at, one, order)),
    order,
    part,
  );
}

const concat: Converter = (at) => {
  const parts = at.inputs.map((_, index) => activation(at, index));
  const rank = parts[0]?.dims.length ?? 0;
  const axis = axisOf(at.attributes.int("axis", 1), rank, at);
  if (axis === 0) throw at.fail("joins values along the batch, which is not supported");
  if (parts.some(({ dims }) => dims.length !== rank)) throw at.fail("joins values of different numbers of axes");
  return parts.length === 1 ? (parts[0] as Activation) : concatOf(at, parts, axis);
};

export const SHAPES: Readonly<Record<string, Converter>> = {
  Transpose: transpose,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Identity: same,
  Dropout: same,
  Cast: cast,
};
