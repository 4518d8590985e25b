/** Functions of each number: activation functions and their like. */
import type { UnaryFunction } from "../../../base/unary";
import { type Activation, activation, type Conversion, type Converter, channelsLast, constantInput, constants, made } from "../conversion";
import { affine } from "./layers";

export function unary(at: Conversion, x: Activation, fn: UnaryFunction, part?: string): Activation {
  return made(at, { op: "unary", ...fn }, [x], x.order, part);
}

export function clamp(at: Conversion, x: Activation, low: number, high: number, part?: string): Activation {
  return made(at, { op: "clamp", low, high }, [x], x.order, part);
}

/** x times one number, plus another. */
export function scaled(at: Conversion, x: Activation, scale: number, shift = 0, part?: string): Activation {
  const channels = x.dims[x.order.at(-1) ?? 0] as number;
  at.budget.spend(2 * channels, at.fail);
  const repeated = (value: number) => ({ shape: [channels], data: new Float32Array(channels).fill(value) });
  return affine(at, x, repeated(scale), repeated(shift), undefined, part);
}

const simple =
  (fn: UnaryFunction["fn"]): Converter =>
  (at) =>
    unary(at, activation(at, 0), { fn });

const withAlpha =
  (fn: UnaryFunction["fn"], alpha: number): Converter =>
  (at) =>
    unary(at, activation(at, 0), { fn, alpha: at.attributes.float("alpha", alpha) });

/** ReLU and Clip with the limits that their inputs (since opset 11) or attributes give. */
const clip: Converter = (at) => {
  const limit = (index: number, attribute: string, fallback: number) =>
    at.inputs[index] ? (constantInput(at, index, attribute).data[0] as number) : at.attributes.float(attribute, fallback);
  return clamp(at, activation(at, 0), limit(1, "min", Number.NEGATIVE_INFINITY), limit(2, "max", Number.POSITIVE_INFINITY));
};

const prelu: Converter = (at) => {
  const slope = constantInput(at, 1, "slope").data;
  if (slope.length === 1) return unary(at, activation(at, 0), { fn: "leakyRelu", alpha: slope[0] as number });
  const x = channelsLast(at, activation(at, 0));
  const channels = x.dims[1] as number;
  if (slope.length !== channels) throw at.fail(`has ${slope.length} slopes for ${channels} channels; only one a channel or one for all is supported`);
  return made(at, { op: "prelu", slope: { shape: [channels], data: Float32Array.from(slope) } }, [x], x.order);
};

const selu: Converter = (at) => {
  const alpha = at.attributes.float("alpha", 1.6732632);
  const gamma = at.attributes.float("gamma", 1.0507009);
  return scaled(at, unary(at, activation(at, 0), { fn: "elu", alpha }, "elu"), gamma);
};

/** x^exponent; whole powers as products, which keep the sign. */
const pow: Converter = (at) => {
  const exponent = constantInput(at, 1, "exponent").data;
  if (exponent.some((value) => value !== exponent[0])) throw at.fail("raises numbers to different powers, which is not supported");
  const x = activation(at, 0);
  const power = exponent[0] as number;
  const product = (a: Activation, b: Activation, part?: string) => made(at, { op: "mul" }, [a, b], a.order, part);
  if (power === 1) return x;
  if (power === 2) return product(x, x);
  if (power === 3) return product(product(x, x, "square"), x);
  if (power === 4) {
    const square = product(x, x, "square");
    return product(square, square);
  }
  if (Number.isInteger(power) && ![-1, -2].includes(power)) throw at.fail(`raises numbers to the power ${power}, which is not supported`);
  return unary(at, x, { fn: "power", alpha: power });
};

export const FUNCTIONS: Readonly<Record<string, Converter>> = {
  Relu: (at) => clamp(at, activation(at, 0), 0, Number.POSITIVE_INFINITY),
  Clip: clip,
  Sigmoid: simple("sigmoid"),
  HardSigmoid: (at) =>
    unary(at, activation(at, 0), { fn: "hardSigmoid", alpha: at.attributes.float("alpha", 0.2), beta: at.attributes.float("beta", 0.5) }),
  HardSwish: simple("hardSwish"),
  Swish: (at) => {
    const alpha = at.attributes.float("alpha", 1);
    if (alpha !== 1) throw at.fail(`has alpha ${alpha}; only x sigmoid(x) is supported`);
    return unary(at, activation(at, 0), { fn: "silu" });
  },
  Gelu: (at) => unary(at, activation(at, 0), { fn: at.attributes.string("approximate", "none") === "tanh" ? "geluTanh" : "gelu" }),
  Tanh: simple("tanh"),
  LeakyRelu: withAlpha("leakyRelu", 0.01),
  Elu: withAlpha("elu", 1),
  Selu: selu,
  Softplus: simple("softplus"),
  Mish: simple("mish"),
  Erf: simple("erf"),
  Exp: simple("exp"),
  Log: simple("log"),
  Abs: simple("abs"),
  Round: simple("round"),
  Sqrt: (at) => unary(at, activation(at, 0), { fn: "power", alpha: 0.5 }),
  Reciprocal: (at) => unary(at, activation(at, 0), { fn: "power", alpha: -1 }),
  Neg: (at) => scaled(at, activation(at, 0), -1),
  Softsign: (at) => {
    const x = activation(at, 0);
    const size = scaled(at, unary(at, x, { fn: "abs" }, "abs"), 1, 1, "shift");
    return made(at, { op: "mul" }, [x, unary(at, size, { fn: "power", alpha: -1 }, "reciprocal")], x.order);
  },
  PRelu: prelu,
  Pow: (at) => {
    if (constants(at)[0]) throw at.fail("raises a constant to a power that is computed, which is not supported");
    return pow(at);
  },
};
