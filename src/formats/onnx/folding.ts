/**
 * Evaluates nodes whose inputs are known while reading: exporters write static shapes as arithmetic (Shape,
 * Gather, Slice, Cast, ConstantOfShape, Concat, Reshape, Transpose ...), and what it computes is padding,
 * slices and target shapes that the converters need as numbers.
 *
 * The batch counts as 1 in a Shape's result: no network here does arithmetic on it except to rebuild it in
 * a Reshape, which the Reshape converter recognises.
 */
import { type Attributes, type Constant, readTensor } from "./tensors";

export interface FoldContext {
  readonly attributes: Attributes;
  readonly fileName: string;
  readonly opset: number;
  /** A BadInput that names the node. */
  fail(reason: string): Error;
}

type Fold = (inputs: readonly (Constant | null)[], context: FoldContext) => Constant;

export function constant(dims: readonly number[], values: ArrayLike<number>): Constant {
  return { kind: "constant", dims, data: values instanceof Float32Array ? values : Float64Array.from(values) };
}

const count = (dims: readonly number[]) => dims.reduce((product, extent) => product * extent, 1);

function need(input: Constant | null | undefined, context: FoldContext): Constant {
  if (!input) throw context.fail("misses an input");
  return input;
}

function like(input: Constant, length: number): Float32Array | Float64Array {
  return input.data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

export function normalizeAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Element by element with numpy's broadcasting. */
function binary(apply: (a: number, b: number) => number): Fold {
  return ([left, right], context) => {
    const [a, b] = [need(left, context), need(right, context)];
    const rank = Math.max(a.dims.length, b.dims.length);
    const widen = (dims: readonly number[]) => [...Array<number>(rank - dims.length).fill(1), ...dims];
    const [da, db] = [widen(a.dims), widen(b.dims)];
    const dims = da.map((extent, axis) => Math.max(extent, db[axis] as number));
    const out = a.data instanceof Float32Array || b.data instanceof Float32Array ? new Float32Array(count(dims)) : new Float64Array(count(dims));
    for (let i = 0; i < out.length; i++) {
      let rest = i;
      let ia = 0;
      let ib = 0;
      let sa = 1;
      let sb = 1;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const extent = dims[axis] as number;
        const at = rest % extent;
        rest = (rest - at) / extent;
        const [ea, eb] = [da[axis] as number, db[axis] as number];
        if ((ea !== extent && ea !== 1) || (eb !== extent && eb !== 1)) throw context.fail(`combines shapes [${a.dims}] and [${b.dims}]`);
        if (ea > 1) ia += at * sa;
        if (eb > 1) ib += at * sb;
        sa *= ea;
        sb *= eb;
      }
      out[i] = apply(a.data[ia] as number, b.data[ib] as number);
    }
    return constant(dims, out);
  };
}

/** Of all inputs, one after the other. */
const overall =
  (apply: (a: number, b: number) => number): Fold =>
  ([first, ...others], context) =>
    others.reduce<Constant>((total, input) => binary(apply)([total, input], context), need(first, context));

const unary =
  (apply: (x: number) => number): Fold =>
  ([input], context) => {
    const x = need(input, context);
    const out = like(x, x.data.length);
    for (let i = 0; i < out.length; i++) out[i] = apply(x.data[i] as number);
    return constant(x.dims, out);
  };

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
): { start: number[]; size: number[]; step: number[] } {
  const start = dims.map(() => 0);
  const size = [...dims];
  const step = dims.map(() => 1);
  starts.forEach((from, i) => {
    const axis = normalizeAxis(axes?.[i] ?? i, dims.length);
    const extent = dims[axis] as number;
    const by = steps?.[i] ?? 1;
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

const sliceFold: Fold = (inputs, context) => {
  const x = need(inputs[0], context);
  const { starts, ends, axes, steps } = sliceArguments(inputs, context);
  const { start, size, step } = sliceRanges(x.dims, starts, ends, axes, steps);
  const out = like(x, count(size));
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let from = 0;
    let stride = 1;
    for (let axis = x.dims.length - 1; axis >= 0; axis--) {
      const extent = size[axis] as number;
      const at = rest % extent;
      rest = (rest - at) / extent;
      from += ((start[axis] as number) + at * (step[axis] as number)) * stride;
      stride *= x.dims[axis] as number;
    }
    out[i] = x.data[from] as number;
  }
  return constant(size, out);
};

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

/** One number for each place of `x` from a scale or zero point: one for all, one for each entry of an axis, or one for each block of them. */
function alongAxis(x: Constant, values: Constant, context: FoldContext): (i: number) => number {
  if (values.data.length === 1) return () => values.data[0] as number;
  const axis = normalizeAxis(context.attributes.int("axis", 1), x.dims.length);
  const extent = x.dims[axis] as number;
  const inner = count(x.dims.slice(axis + 1));
  const block = values.dims.length > 1 ? context.attributes.int("block_size", 1) : 0;
  if (block > 0) {
    const blocks = Math.ceil(extent / block);
    return (i) =>
      values.data[(Math.floor(i / (inner * extent)) * blocks + Math.floor((Math.floor(i / inner) % extent) / block)) * inner + (i % inner)] as number;
  }
  if (values.data.length !== extent) throw context.fail(`has ${values.data.length} scales for an axis of ${extent}`);
  return (i) => values.data[Math.floor(i / inner) % extent] as number;
}

export const FOLDS: Readonly<Record<string, Fold>> = {
  /** What the integers of a quantized file stand for. */
  DequantizeLinear([codes, scale, zeroPoint], context) {
    const x = need(codes, context);
    const [scaleAt, zeroAt] = [alongAxis(x, need(scale, context), context), zeroPoint ? alongAxis(x, zeroPoint, context) : () => 0];
    return constant(
      x.dims,
      Float32Array.from(x.data, (code, i) => (code - zeroAt(i)) * scaleAt(i)),
    );
  },
  Constant(_inputs, context) {
    const { attributes } = context;
    const tensor = attributes.get("value")?.t;
    if (tensor) return readTensor(tensor, context.fileName);
    const float = attributes.get("value_float");
    if (float) return constant([], Float32Array.of(float.f));
    const int = attributes.get("value_int");
    if (int) return constant([], [Number(int.i)]);
    const ints = attributes.ints("value_ints");
    if (ints) return constant([ints.length], ints);
    const floats = attributes.get("value_floats")?.floats;
    if (floats) return constant([floats.length], Float32Array.from(floats));
    throw context.fail("has no numeric value");
  },
  ConstantOfShape([shape], context) {
    const dims = Array.from(need(shape, context).data);
    const tensor = context.attributes.get("value")?.t;
    const filler = tensor ? readTensor(tensor, context.fileName) : constant([1], Float32Array.of(0));
    return constant(dims, like(filler, count(dims)).fill(filler.data[0] as number));
  },
  Shape([input], context) {
    const { dims } = need(input, context);
    const first = context.attributes.int("start", 0);
    const last = context.attributes.int("end", dims.length);
    const part = dims.slice(first, last);
    return constant([part.length], part);
  },
  Gather([data, indices], context) {
    const [x, pick] = [need(data, context), need(indices, context)];
    const axis = normalizeAxis(context.attributes.int("axis", 0), x.dims.length);
    const extent = x.dims[axis] as number;
    const inner = count(x.dims.slice(axis + 1));
    const outer = count(x.dims.slice(0, axis));
    const out = like(x, outer * pick.data.length * inner);
    for (let o = 0; o < outer; o++)
      pick.data.forEach((index, p) => {
        const from = (o * extent + normalizeAxis(index, extent)) * inner;
        out.set(x.data.subarray(from, from + inner), (o * pick.data.length + p) * inner);
      });
    return constant([...x.dims.slice(0, axis), ...pick.dims, ...x.dims.slice(axis + 1)], out);
  },
  Slice: sliceFold,
  Cast([input], context) {
    const x = need(input, context);
    const to = context.attributes.int("to", 1);
    if (to === 1 || to === 10 || to === 11) return constant(x.dims, Float32Array.from(x.data));
    return constant(x.dims, Float64Array.from(x.data, to === 9 ? (value) => Number(value !== 0) : Math.trunc));
  },
  Reshape([input, shape], context) {
    const x = need(input, context);
    const target = shape ? Array.from(shape.data) : context.attributes.ints("shape");
    if (!target) throw context.fail("has no target shape");
    return constant(reshapeTarget(x.dims, target), x.data);
  },
  Transpose([input], context) {
    const x = need(input, context);
    const perm = context.attributes.ints("perm") ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
    const dims = perm.map((axis) => x.dims[axis] as number);
    const strides = x.dims.map((_, axis) => count(x.dims.slice(axis + 1)));
    const out = like(x, x.data.length);
    for (let i = 0; i < out.length; i++) {
      let rest = i;
      let from = 0;
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        const extent = dims[axis] as number;
        from += (rest % extent) * (strides[perm[axis] as number] as number);
        rest = Math.floor(rest / extent);
      }
      out[i] = x.data[from] as number;
    }
    return constant(dims, out);
  },
  Concat(inputs, context) {
    const parts = inputs.map((input) => need(input, context));
    const first = parts[0] as Constant;
    const axis = normalizeAxis(context.attributes.int("axis", 0), first.dims.length);
    const dims = first.dims.map((extent, i) => (i === axis ? parts.reduce((sum, part) => sum + (part.dims[i] as number), 0) : extent));
    const outer = count(first.dims.slice(0, axis));
    const out = like(first, count(dims));
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (const part of parts) {
        const inner = part.data.length / outer;
        out.set(part.data.subarray(o * inner, (o + 1) * inner), at);
        at += inner;
      }
    return constant(dims, out);
  },
  Unsqueeze(inputs, context) {
    const x = need(inputs[0], context);
    const axes = axesOf(inputs, context) ?? [];
    const rank = x.dims.length + axes.length;
    const added = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
    const rest = [...x.dims];
    return constant(
      Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() as number))),
      x.data,
    );
  },
  Squeeze(inputs, context) {
    const x = need(inputs[0], context);
    const axes = axesOf(inputs, context)?.map((axis) => normalizeAxis(axis, x.dims.length));
    return constant(
      x.dims.filter((extent, axis) => (axes ? !axes.includes(axis) : extent !== 1)),
      x.data,
    );
  },
  Range([start, limit, delta], context) {
    const [a, b, d] = [start, limit, delta].map((input) => need(input, context).data[0] as number) as [number, number, number];
    const length = Math.max(0, Math.ceil((b - a) / d));
    return constant(
      [length],
      Array.from({ length }, (_, i) => a + i * d),
    );
  },
  Identity: ([input], context) => need(input, context),
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: (inputs, context) => {
    const whole = inputs.every((input) => input?.data instanceof Float64Array);
    return binary(whole ? (a, b) => Math.trunc(a / b) : (a, b) => a / b)(inputs, context);
  },
  Pow: binary((a, b) => a ** b),
  Mod: binary((a, b) => (b === 0 ? 0 : ((a % b) + b) % b)),
  Min: overall(Math.min),
  Max: overall(Math.max),
  Equal: binary((a, b) => Number(a === b)),
  Less: binary((a, b) => Number(a < b)),
  Greater: binary((a, b) => Number(a > b)),
  And: binary((a, b) => Number(a !== 0 && b !== 0)),
  Or: binary((a, b) => Number(a !== 0 || b !== 0)),
  Not: unary((x) => Number(x === 0)),
  Where: ([condition, left, right], context) => {
    const [chosen, a, b] = [need(condition, context), need(left, context), need(right, context)];
    const kept = binary((c, x) => (c !== 0 ? x : 0))([chosen, a], context);
    return binary((x, y) => x + y)([kept, binary((c, y) => (c !== 0 ? 0 : y))([chosen, b], context)], context);
  },
  Expand: ([input, shape], context) => {
    const target = Array.from(need(shape, context).data);
    return binary((x) => x)([need(input, context), constant(target, new Float64Array(count(target)))], context);
  },
  ReduceProd: ([input], context) => {
    const x = need(input, context);
    const product = Array.from(x.data).reduce((total, value) => total * value, 1);
    return constant(context.attributes.int("keepdims", 1) ? x.dims.map(() => 1) : [], [product]);
  },
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  Abs: unary(Math.abs),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Neg: unary((x) => -x),
  Sqrt: unary(Math.sqrt),
};
