/** Functions of each number, and what is multiplied and added with broadcasting. */
import type { UnaryName } from "../../base/unary";
import type { Shape, Tensor } from "../../graph/types";
import { quantizedActivation } from "./quantize";
import type { OperationOf, Site, Writer } from "./writer";

export const affine: Writer<"affine"> = ({ scale, shift }, at) => {
  const by = ({ data }: Tensor, what: string) => at.floats(what, [data.length], data);
  return at.step("AddV2", [at.own("Mul", [at.read(), by(scale, "scale")]), by(shift, "shift")]);
};

export const clamp: Writer<"clamp"> = ({ low, high }, at) => {
  const x = at.read();
  if (low === 0 && high === Number.POSITIVE_INFINITY) return at.own("Relu", [x]);
  if (low === 0 && high === 6) return at.own("Relu6", [x]);
  if (!Number.isFinite(low) && !Number.isFinite(high)) return at.own("Identity", [x]);
  if (!Number.isFinite(high)) return at.own("Maximum", [x, at.scalar("low", low)]);
  if (!Number.isFinite(low)) return at.own("Minimum", [x, at.scalar("high", high)]);
  return at.own("ClipByValue", [x, at.scalar("low", low), at.scalar("high", high)]);
};

/** Functions that are one operator. */
const OPERATORS: Partial<Record<UnaryName, string>> = {
  ...{ sigmoid: "Sigmoid", tanh: "Tanh", softplus: "Softplus", erf: "Erf", exp: "Exp", log: "Log", abs: "Abs", round: "Round" },
};

/** Powers that are operators of their own. */
const POWERS: Readonly<Record<number, string>> = { 2: "Square", 0.5: "Sqrt", [-0.5]: "Rsqrt", [-1]: "Reciprocal" };

export const unary: Writer<"unary"> = (operation, at) => {
  const x = at.read();
  const op = OPERATORS[operation.fn];
  return op ? at.own(op, [x]) : composed(operation, x, at);
};

function composed({ fn, alpha = 0, beta = 0 }: OperationOf<"unary">, x: string, at: Site): string {
  const times = (a: string, factor: number, what: string) => at.step("Mul", [a, at.scalar(what, factor)]);
  const plus = (a: string, term: number, what: string) => at.step("AddV2", [a, at.scalar(what, term)]);
  const zeroToOne = (a: string, how: "own" | "step") => at[how]("ClipByValue", [a, at.scalar("low", 0), at.scalar("high", 1)]);
  switch (fn) {
    case "hardSigmoid":
      return zeroToOne(plus(times(x, alpha, "alpha"), beta, "beta"), "own");
    case "hardSwish":
      return at.own("Mul", [x, zeroToOne(plus(times(x, 1 / 6, "sixth"), 0.5, "half"), "step")]);
    case "silu":
      return at.own("Mul", [x, at.step("Sigmoid", [x])]);
    case "mish":
      return at.own("Mul", [x, at.step("Tanh", [at.step("Softplus", [x])])]);
    case "gelu": {
      const share = plus(at.step("Erf", [times(x, Math.SQRT1_2, "factor")]), 1, "one");
      return at.own("Mul", [times(x, 0.5, "half"), share]);
    }
    case "geluTanh": {
      const cube = at.step("Mul", [at.step("Square", [x]), x]);
      const inner = at.step("AddV2", [x, times(cube, 0.044715, "cubic")]);
      const share = plus(at.step("Tanh", [times(inner, Math.sqrt(2 / Math.PI), "factor")]), 1, "one");
      return at.own("Mul", [times(x, 0.5, "half"), share]);
    }
    case "leakyRelu":
      return at.own("LeakyRelu", [x], { alpha: { f: alpha } });
    case "elu": {
      if (alpha === 1) return at.own("Elu", [x]);
      const below = at.step("Elu", [at.step("Minimum", [x, at.scalar("zero", 0)])]);
      return at.own("AddV2", [at.step("Relu", [x]), times(below, alpha, "alpha")]);
    }
    case "power": {
      const base = beta ? plus(x, beta, "beta") : x;
      const op = POWERS[alpha];
      return op ? at.own(op, [base]) : at.own("Pow", [base, at.scalar("alpha", alpha)]);
    }
    default:
      throw at.fail(`computes ${fn}`);
  }
}

/** What a quantized file that was read had of its own. */
export const fakeQuantize: Writer<"fakeQuantize"> = (quantizer, at) =>
  quantizedActivation(
    {
      node: (op, inputs) => (op === "Mul" ? at.own(op, inputs) : at.step(op, inputs)),
      scalar: (what, value) => at.scalar(what, value),
    },
    at.read(),
    quantizer,
  );

export const prelu: Writer<"prelu"> = ({ slope }, at) => at.own("Prelu", [at.read(), at.floats("slope", [slope.data.length], slope.data)]);

export const add: Writer<"add"> = ({ operand }, at) => binary("AddV2", operand, at);
export const mul: Writer<"mul"> = ({ operand }, at) => binary("Mul", operand, at);

function binary(op: "AddV2" | "Mul", operand: Tensor | undefined, at: Site): string {
  const rank = at.output.length;
  const first = widened(at, 0, rank);
  return at.own(op, [first, operand ? at.floats("operand", operand.shape, operand.data) : widened(at, 1, rank)]);
}

/** An input with axes of extent 1 between the batch and its own, so that it has `rank`. */
export function widened(at: Site, index: number, rank: number): string {
  const shape = at.shape(index);
  return shape.length === rank ? at.read(index) : at.reshape(at.read(index), wide(shape, rank));
}

export function wide(shape: Shape, rank: number): Shape {
  return [...Array<number>(Math.max(0, rank - shape.length)).fill(1), ...shape];
}
