/**
 * Evaluates nodes whose inputs are known while reading: exporters write static shapes as arithmetic (Shape,
 * Gather, Slice, Cast, ConstantOfShape, Concat, Reshape, Transpose ...), and what it computes is padding,
 * slices and target shapes that the converters need as numbers.
 *
 * The batch counts as 1 in a Shape's result: no network here does arithmetic on it except to rebuild it in
 * a Reshape, which the Reshape converter recognises.
 */
import { roundHalfToEven } from "../../base/unary";
import { axesOf, reshapeTarget, sliceArguments, sliceRanges } from "./arguments";
import { axisOf, constant, count, entryOf, type Fold, type FoldContext, like, need } from "./constants";
import { dequantizeLinear, quantizeLinear } from "./quantizers";
import { CODE_RANGES, type Constant, readTensor } from "./tensors";

/** Element by element with numpy's broadcasting. */
function binary(apply: (a: number, b: number) => number): Fold {
  return ([left, right], context) => {
    const [a, b] = [need(left, context), need(right, context)];
    const rank = Math.max(a.dims.length, b.dims.length);
    const widen = (dims: readonly number[]) => [...Array<number>(rank - dims.length).fill(1), ...dims];
    const [da, db] = [widen(a.dims), widen(b.dims)];
    const dims = da.map((extent, axis) => Math.max(extent, db[axis] as number));
    const out = like(b.data instanceof Float32Array ? b : a, count(dims), context);
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
    const out = like(x, x.data.length, context);
    for (let i = 0; i < out.length; i++) out[i] = apply(x.data[i] as number);
    return constant(x.dims, out);
  };

const sliceFold: Fold = (inputs, context) => {
  const x = need(inputs[0], context);
  const { starts, ends, axes, steps } = sliceArguments(inputs, context);
  const { start, size, step } = sliceRanges(x.dims, starts, ends, axes, steps, context);
  const out = like(x, count(size), context);
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

function filled(dims: readonly number[], filler: Constant, context: FoldContext): Constant {
  if (dims.some((extent) => !(extent >= 0))) throw context.fail(`makes a value of shape [${dims}]`);
  context.budget.repeat(count(dims), context.fail);
  const room = filler.data instanceof Float32Array ? new Float32Array(count(dims)) : new Float64Array(count(dims));
  return constant(dims, room.fill(filler.data[0] ?? 0));
}

/** The same numbers under another shape. */
function underShape(x: Constant, dims: readonly number[], context: FoldContext): Constant {
  if (count(dims) !== x.data.length || dims.some((extent) => !(extent >= 0)))
    throw context.fail(`gives [${x.dims}] the shape [${dims}], which does not fit`);
  return { ...x, dims };
}

export const FOLDS: Readonly<Record<string, Fold>> = {
  DequantizeLinear: dequantizeLinear,
  QuantizeLinear: quantizeLinear,
  Constant(_inputs, context) {
    const { attributes } = context;
    const tensor = attributes.get("value")?.t;
    if (tensor) {
      const held = readTensor(tensor, context.fileName);
      context.budget.hold(held.data.length);
      return held;
    }
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
    return filled(dims, filler, context);
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
    const axis = axisOf(context.attributes.int("axis", 0), x.dims.length, context);
    const extent = x.dims[axis] as number;
    const inner = count(x.dims.slice(axis + 1));
    const outer = count(x.dims.slice(0, axis));
    const out = like(x, outer * pick.data.length * inner, context);
    for (let o = 0; o < outer; o++)
      pick.data.forEach((index, p) => {
        const from = (o * extent + entryOf(index, extent, context)) * inner;
        out.set(x.data.subarray(from, from + inner), (o * pick.data.length + p) * inner);
      });
    return constant([...x.dims.slice(0, axis), ...pick.dims, ...x.dims.slice(axis + 1)], out);
  },
  Slice: sliceFold,
  Cast([input], context) {
    const x = need(input, context);
    const to = context.attributes.int("to", 1);
    if (to === 1 || to === 10 || to === 11) return constant(x.dims, Float32Array.from(x.data));
    const whole = constant(x.dims, Float64Array.from(x.data, to === 9 ? (value) => Number(value !== 0) : Math.trunc));
    const codes = CODE_RANGES[to as keyof typeof CODE_RANGES];
    return codes ? { ...whole, codes } : whole;
  },
  Reshape([input, shape], context) {
    const x = need(input, context);
    const target = shape ? Array.from(shape.data) : context.attributes.ints("shape");
    if (!target) throw context.fail("has no target shape");
    return underShape(x, reshapeTarget(x.dims, target), context);
  },
  Transpose([input], context) {
    const x = need(input, context);
    const perm = context.attributes.ints("perm") ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
    if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== x.dims.length)
      throw context.fail(`orders the axes of shape [${x.dims}] as ${perm}`);
    const dims = perm.map((axis) => x.dims[axis] as number);
    const strides = x.dims.map((_, axis) => count(x.dims.slice(axis + 1)));
    const out = like(x, x.data.length, context);
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
    const axis = axisOf(context.attributes.int("axis", 0), first.dims.length, context);
    if (parts.some((part) => part.dims.length !== first.dims.length || part.dims.some((extent, i) => i !== axis && extent !== first.dims[i])))
      throw context.fail(`joins shapes ${parts.map(({ dims }) => `[${dims}]`).join(", ")}`);
    const dims = first.dims.map((extent, i) => (i === axis ? parts.reduce((sum, part) => sum + (part.dims[i] as number), 0) : extent));
    const outer = count(first.dims.slice(0, axis));
    const out = like(first, count(dims), context);
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
    const added = new Set(axes.map((axis) => axisOf(axis, rank, context)));
    const rest = [...x.dims];
    return underShape(
      x,
      Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() ?? 0))),
      context,
    );
  },
  Squeeze(inputs, context) {
    const x = need(inputs[0], context);
    const axes = axesOf(inputs, context)?.map((axis) => axisOf(axis, x.dims.length, context));
    return underShape(
      x,
      x.dims.filter((extent, axis) => (axes ? !axes.includes(axis) : extent !== 1)),
      context,
    );
  },
  Range([start, limit, delta], context) {
    const [a, b, d] = [start, limit, delta].map((input) => need(input, context).data[0] as number) as [number, number, number];
    const length = Math.max(0, Math.ceil((b - a) / d));
    context.budget.spend(length, context.fail);
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
    return binary((x) => x)([need(input, context), filled(target, constant([], [0]), context)], context);
  },
  ReduceProd: ([input], context) => {
    const x = need(input, context);
    const product = Array.from(x.data).reduce((total, value) => total * value, 1);
    return constant(context.attributes.int("keepdims", 1) ? x.dims.map(() => 1) : [], [product]);
  },
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary(roundHalfToEven),
  Abs: unary(Math.abs),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Neg: unary((x) => -x),
  Sqrt: unary(Math.sqrt),
};
