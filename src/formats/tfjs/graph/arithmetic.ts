/** Arithmetic of a graph model, number by number: of two values, of a value and a constant, and functions of one value. */
import type { UnaryFunction } from "../../../base/unary";
import type { Tensor, ValueId } from "../../../graph/types";
import { activate } from "../activations";
import { type At, add, byChannel, maximum, prelu, scalar, scaleAndShift } from "../build";
import { leakyRelu, slopeOf } from "./convolutions";
import { type Activation, activation, type Conversion, type Converter, constant, made, operandFor, ownAxis } from "./values";

/** The value and the constant of two inputs; null where both are computed. */
function withConstant(at: Conversion): { x: Activation; operand: Tensor; constantFirst: boolean } | null {
  const [a, b] = at.inputs;
  if (a?.kind === "activation" && b?.kind === "constant") return { x: a, operand: operandFor(at, a, b), constantFirst: false };
  if (a?.kind === "constant" && b?.kind === "activation") return { x: b, operand: operandFor(at, b, a), constantFirst: true };
  return null;
}

/** What values broadcast to: batched where the file's shape has one axis more than ours. */
function like(at: Conversion, id: ValueId, ...inputs: readonly Activation[]): Activation {
  return made(at, id, at.graph.shape(id).length < Math.max(...inputs.map(({ dims }) => dims.length)));
}

const negative = (at: At, x: ValueId, suffix: string) => scaleAndShift(at, x, scalar(-1), null, suffix);
const mapped = ({ shape, data }: Tensor, apply: (value: number) => number): Tensor => ({ shape, data: data.map(apply) });

/** The function of each number alone. */
function unary(operation: UnaryFunction): Converter {
  return (at) => {
    const x = activation(at, 0);
    return made(at, add(at, { op: "unary", ...operation }, [x.id]), x.batched);
  };
}

function named(name: string): Converter {
  return (at) => {
    const x = activation(at, 0);
    return made(at, activate(at, x.id, name), x.batched);
  };
}

function softmax(name: "softmax" | "logsoftmax"): Converter {
  return (at) => {
    const x = activation(at, 0);
    if (x.batched && x.dims.length < 2) throw at.fail("normalizes along the batch, so that images would depend on one another");
    return named(name)(at);
  };
}

const sum: Converter = (at) => {
  const mixed = withConstant(at);
  if (mixed) return like(at, scaleAndShift(at, mixed.x.id, null, mixed.operand), mixed.x);
  const [a, b] = [activation(at, 0), activation(at, 1)];
  return like(at, add(at, { op: "add" }, [a.id, b.id]), a, b);
};

const difference: Converter = (at) => {
  const mixed = withConstant(at);
  if (mixed) {
    const { x, operand, constantFirst } = mixed;
    return like(
      at,
      constantFirst
        ? scaleAndShift(at, x.id, scalar(-1), operand)
        : scaleAndShift(
            at,
            x.id,
            null,
            mapped(operand, (v) => -v),
          ),
      x,
    );
  }
  const [a, b] = [activation(at, 0), activation(at, 1)];
  return like(at, add(at, { op: "add" }, [a.id, negative(at, b.id, "negative")]), a, b);
};

const product: Converter = (at) => {
  const mixed = withConstant(at);
  if (mixed) return like(at, scaleAndShift(at, mixed.x.id, mixed.operand, null), mixed.x);
  const [a, b] = [activation(at, 0), activation(at, 1)];
  return like(at, add(at, { op: "mul" }, [a.id, b.id]), a, b);
};

const quotient: Converter = (at) => {
  const mixed = withConstant(at);
  if (mixed && !mixed.constantFirst)
    return like(
      at,
      scaleAndShift(
        at,
        mixed.x.id,
        mapped(mixed.operand, (value) => 1 / value),
        null,
      ),
      mixed.x,
    );
  const inverse = (x: ValueId) => add(at, { op: "unary", fn: "power", alpha: -1 }, [x], "inverse");
  if (mixed) return like(at, scaleAndShift(at, inverse(mixed.x.id), mixed.operand, null), mixed.x);
  const [a, b] = [activation(at, 0), activation(at, 1)];
  return like(at, add(at, { op: "mul" }, [a.id, inverse(b.id)]), a, b);
};

/** The larger (`sign` 1) or the smaller (-1) of two. */
function extreme(sign: 1 | -1): Converter {
  return (at) => {
    const mixed = withConstant(at);
    if (mixed) {
      const { x, operand } = mixed;
      const [bound] = operand.data;
      if (bound !== undefined && operand.data.every((value) => value === bound) && byChannel(at.graph.shape(x.id), operand)) {
        const [low, high] = sign === 1 ? [bound, Number.POSITIVE_INFINITY] : [Number.NEGATIVE_INFINITY, bound];
        return made(at, add(at, { op: "clamp", low, high }, [x.id]), x.batched);
      }
      // max(x, c) = max(x - c, 0) + c, and the other way round for the smaller.
      const moved = scaleAndShift(
        at,
        x.id,
        null,
        mapped(operand, (value) => -value),
        "moved",
      );
      const [low, high] = sign === 1 ? [0, Number.POSITIVE_INFINITY] : [Number.NEGATIVE_INFINITY, 0];
      return like(at, scaleAndShift(at, add(at, { op: "clamp", low, high }, [moved], "above"), null, operand), x);
    }
    const [a, b] = [activation(at, 0), activation(at, 1)];
    if (sign === 1) return like(at, maximum(at, a.id, b.id), a, b);
    return like(at, negative(at, maximum(at, negative(at, a.id, "first"), negative(at, b.id, "second"), "larger"), ""), a, b);
  };
}

const square: Converter = (at) => {
  const x = activation(at, 0);
  return made(at, add(at, { op: "mul" }, [x.id, x.id]), x.batched);
};

const squaredDifference: Converter = (at) => {
  const between = difference(at) as Activation;
  return made(at, add(at, { op: "mul" }, [between.id, between.id], "square"), between.batched);
};

const power: Converter = (at) => {
  const exponents = constant(at, 1, "exponent").data;
  const [alpha] = exponents;
  if (alpha === undefined || exponents.some((value) => value !== alpha))
    throw at.fail("raises to different powers by position, which is not supported");
  return alpha === 2 ? square(at) : unary({ fn: "power", alpha })(at);
};

const clip: Converter = (at) => {
  const x = activation(at, 0);
  const [low, high] = [constant(at, 1, "lower bound").data[0] as number, constant(at, 2, "upper bound").data[0] as number];
  return made(at, add(at, { op: "clamp", low, high }, [x.id]), x.batched);
};

const sumOfAll: Converter = (at) => {
  const parts = at.inputs.map((_, i) => activation(at, i));
  const id = parts.slice(1).reduce((total, part, i) => add(at, { op: "add" }, [total, part.id], `${i}`), (parts[0] as Activation).id);
  return like(at, id, ...parts);
};

const biasAdd: Converter = (at) => {
  const x = activation(at, 0);
  ownAxis(at, x, -1);
  return made(at, scaleAndShift(at, x.id, null, operandFor(at, x, constant(at, 1, "bias"))), x.batched);
};

export const ARITHMETIC: Readonly<Record<string, Converter>> = {
  Add: sum,
  AddV2: sum,
  AddN: sumOfAll,
  BiasAdd: biasAdd,
  Sub: difference,
  Mul: product,
  RealDiv: quotient,
  Div: quotient,
  Maximum: extreme(1),
  Minimum: extreme(-1),
  Square: square,
  SquaredDifference: squaredDifference,
  Pow: power,
  ClipByValue: clip,
  Sqrt: unary({ fn: "power", alpha: 0.5 }),
  Rsqrt: unary({ fn: "power", alpha: -0.5 }),
  Reciprocal: unary({ fn: "power", alpha: -1 }),
  Inv: unary({ fn: "power", alpha: -1 }),
  Neg: (at) => {
    const x = activation(at, 0);
    return made(at, negative(at, x.id, ""), x.batched);
  },
  Abs: unary({ fn: "abs" }),
  Round: unary({ fn: "round" }),
  Exp: unary({ fn: "exp" }),
  Log: unary({ fn: "log" }),
  Erf: unary({ fn: "erf" }),
  Tanh: named("tanh"),
  Relu: named("relu"),
  Relu6: named("relu6"),
  Elu: named("elu"),
  Selu: named("selu"),
  Sigmoid: named("sigmoid"),
  Softplus: named("softplus"),
  Softsign: named("softsign"),
  Softmax: softmax("softmax"),
  LogSoftmax: softmax("logsoftmax"),
  LeakyRelu: (at) => {
    const x = activation(at, 0);
    return made(at, leakyRelu(at, x.id, at.node.attributes.float("alpha", 0.2)), x.batched);
  },
  Prelu: (at) => {
    const x = activation(at, 0);
    return made(at, prelu(at, x.id, slopeOf(at, 1)), x.batched);
  },
};
