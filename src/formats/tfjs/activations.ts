/** Activation functions by the names of Keras and TensorFlow, as TensorFlow.js computes them. */
import type { Operation, ValueId } from "../../graph/types";
import { type At, add, scalar, scaleAndShift } from "./build";

/** What SELU multiplies by and how far it bends (Klambauer et al., 2017). */
const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 } as const;

const NODES: Readonly<Record<string, Operation>> = {
  relu: { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY },
  relu6: { op: "clamp", low: 0, high: 6 },
  sigmoid: { op: "unary", fn: "sigmoid" },
  // Keras's: clip(0.2 x + 0.5, 0, 1).
  hardsigmoid: { op: "unary", fn: "hardSigmoid", alpha: 0.2, beta: 0.5 },
  tanh: { op: "unary", fn: "tanh" },
  elu: { op: "unary", fn: "elu", alpha: 1 },
  swish: { op: "unary", fn: "silu" },
  softplus: { op: "unary", fn: "softplus" },
  mish: { op: "unary", fn: "mish" },
  gelu: { op: "unary", fn: "gelu" },
  gelunew: { op: "unary", fn: "geluTanh" },
  softmax: { op: "softmax" },
  logsoftmax: { op: "softmax", log: true },
};

/** x after the function `name`, spelled as `hard_sigmoid` or `hardSigmoid`. @throws BadInput for a name that is none */
export function activate(at: At, x: ValueId, name: string, suffix = ""): ValueId {
  const plain = name.replaceAll("_", "").toLowerCase();
  if (plain === "linear") return x;
  if (plain === "selu") {
    const bent = add(at, { op: "unary", fn: "elu", alpha: SELU.alpha }, [x], "elu");
    return scaleAndShift(at, bent, scalar(SELU.scale), null, suffix);
  }
  if (plain === "softsign") {
    const size = add(at, { op: "unary", fn: "abs" }, [x], "abs");
    return add(at, { op: "mul" }, [x, add(at, { op: "unary", fn: "power", alpha: -1, beta: 1 }, [size], "inverse")], suffix);
  }
  const operation = NODES[plain];
  if (!operation)
    throw at.fail(`has the activation function "${name}", which the lab does not know; it knows ${Object.keys(NODES).join(", ")}, selu, softsign`);
  return add(at, operation, [x], suffix);
}
