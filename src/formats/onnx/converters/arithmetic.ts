/** Sums, products and extremes of values, or of values and constants, with NumPy's broadcasting. */
import {
  type Activation,
  activation,
  axisLast,
  type Conversion,
  type Converter,
  constantInput,
  constantInStorage,
  inOrder,
  made,
} from "../conversion";
import type { Constant } from "../tensors";
import { clamp, scaled, unary } from "./functions";
import { affine } from "./layers";

/** Two values stored in the same order: the one that has more numbers keeps its own. */
function aligned(at: Conversion, a: Activation, b: Activation): [Activation, Activation] {
  if (a.dims.length !== b.dims.length)
    throw at.fail(`combines values of shapes [${a.dims.join(", ")}] and [${b.dims.join(", ")}]; values of as many axes are needed`);
  const count = ({ dims }: Activation) => dims.reduce((product, extent) => product * extent, 1);
  return count(a) >= count(b) ? [a, inOrder(at, b, a.order)] : [inOrder(at, a, b.order), b];
}

function combined(at: Conversion, op: "add" | "mul", first: Activation, second: Activation, part?: string): Activation {
  const [a, b] = aligned(at, first, second);
  return made(at, { op }, [a, b], a.order, part);
}

/** The axis along which a constant varies, if it is one alone; else null. */
function onlyAxis(operand: Constant, rank: number): number | null {
  const axes = operand.dims.flatMap((extent, axis) => (extent > 1 ? [axis + rank - operand.dims.length] : []));
  return axes.length === 1 ? (axes[0] as number) : null;
}

/** The operand's numbers by channel if it has one for each of the value's last stored axis, or one for all; else null. */
function perChannel(at: Conversion, operand: { shape: readonly number[]; data: Float32Array }, x: Activation): Float32Array | null {
  const channels = x.dims[x.order.at(-1) ?? 0] as number;
  at.budget.spend(2 * channels, at.fail);
  if (operand.data.length === 1) return new Float32Array(channels).fill(operand.data[0] as number);
  const single = operand.shape.slice(0, -1).every((extent) => extent === 1);
  return single && operand.shape.at(-1) === channels ? operand.data : null;
}

/** A value and a constant: by channel where that is enough. */
function withConstant(at: Conversion, input: Activation, given: Constant, op: "add" | "mul", part?: string): Activation {
  const operand = legacyBroadcast(at, input, given);
  const axis = onlyAxis(operand, input.dims.length);
  const x = axis !== null && input.dims[axis] === operand.data.length ? axisLast(at, input, axis) : input;
  const own = constantInStorage(operand, x);
  if (!own) throw at.fail(`combines a value of shape [${x.dims.join(", ")}] with a constant of shape [${operand.dims.join(", ")}]`);
  const values = perChannel(at, own, x);
  if (!values) return made(at, { op, operand: own }, [x], x.order, part);
  const constant = (value: number) => new Float32Array(values.length).fill(value);
  const [scale, shift] = op === "add" ? [constant(1), values] : [values, constant(0)];
  const shape = [values.length];
  return affine(at, x, { shape, data: scale }, { shape, data: shift }, undefined, part);
}

/** Before opset 7 an attribute said at which axis the constant's shape begins. */
function legacyBroadcast(at: Conversion, x: Activation, operand: Constant): Constant {
  if (at.opset >= 7 || !at.attributes.get("axis")) return operand;
  const after = x.dims.length - at.attributes.int("axis", 0) - operand.dims.length;
  return after > 0 ? { ...operand, dims: [...operand.dims, ...Array<number>(after).fill(1)] } : operand;
}

function negated(operand: Constant): Constant {
  return { ...operand, data: operand.data.map((value) => -value) };
}

const isConstant = (at: Conversion, index: number) => at.inputs[index]?.kind === "constant";

const add: Converter = (at) => {
  if (isConstant(at, 1)) return withConstant(at, activation(at, 0), constantInput(at, 1, "operand"), "add");
  if (isConstant(at, 0)) return withConstant(at, activation(at, 1), constantInput(at, 0, "operand"), "add");
  return combined(at, "add", activation(at, 0), activation(at, 1));
};

const sub: Converter = (at) => {
  if (isConstant(at, 1)) return withConstant(at, activation(at, 0), negated(constantInput(at, 1, "operand")), "add");
  const negative = scaled(at, activation(at, 1), -1, 0, "negative");
  if (isConstant(at, 0)) return withConstant(at, negative, constantInput(at, 0, "operand"), "add");
  return combined(at, "add", activation(at, 0), negative);
};

const mul: Converter = (at) => {
  if (isConstant(at, 1)) return withConstant(at, activation(at, 0), constantInput(at, 1, "operand"), "mul");
  if (isConstant(at, 0)) return withConstant(at, activation(at, 1), constantInput(at, 0, "operand"), "mul");
  return combined(at, "mul", activation(at, 0), activation(at, 1));
};

const div: Converter = (at) => {
  if (isConstant(at, 1)) {
    const operand = constantInput(at, 1, "operand");
    return withConstant(at, activation(at, 0), { ...operand, data: operand.data.map((value) => 1 / value) }, "mul");
  }
  const reciprocal = unary(at, activation(at, 1), { fn: "power", alpha: -1 }, "reciprocal");
  if (isConstant(at, 0)) return withConstant(at, reciprocal, constantInput(at, 0, "operand"), "mul");
  return combined(at, "mul", activation(at, 0), reciprocal);
};

/** max(a, b) = a + max(b - a, 0), and min(a, b) = a + min(b - a, 0). */
function extreme(at: Conversion, low: number, high: number): Activation {
  const [known] = at.inputs.filter((input): input is Constant => input?.kind === "constant");
  const values = at.inputs.filter((input): input is Activation => input?.kind === "activation");
  if (known && values.length === 1 && known.data.length === 1 && at.inputs.length === 2) {
    const limit = known.data[0] as number;
    return low === 0 ? clamp(at, values[0] as Activation, limit, high) : clamp(at, values[0] as Activation, low, limit);
  }
  if (values.length !== at.inputs.length) throw at.fail("compares values with constants of several numbers, which is not supported");
  return values.reduce((a, b, i) => {
    const last = i === values.length - 1;
    const difference = combined(at, "add", b, scaled(at, a, -1, 0, `negative${i}`), `difference${i}`);
    return combined(at, "add", a, clamp(at, difference, low, high, `clamp${i}`), last ? undefined : `part${i}`);
  });
}

function sumOf(at: Conversion, part?: string): Activation {
  const values = at.inputs.filter((input): input is Activation => input?.kind === "activation");
  const known = at.inputs.filter((input): input is Constant => input?.kind === "constant");
  const steps = values.length - 1 + known.length;
  let step = 0;
  const named = () => (++step === steps ? part : `part${step}`);
  const total = values.reduce((a, b) => combined(at, "add", a, b, named()));
  return known.reduce((a, operand) => withConstant(at, a, operand, "add", named()), total);
}

export const ARITHMETIC: Readonly<Record<string, Converter>> = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Sum: (at) => sumOf(at),
  Mean: (at) => scaled(at, sumOf(at, "sum"), 1 / at.inputs.length),
  Max: (at) => extreme(at, 0, Number.POSITIVE_INFINITY),
  Min: (at) => extreme(at, Number.NEGATIVE_INFINITY, 0),
};
