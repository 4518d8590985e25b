/**
 * Functions that exporters write out as arithmetic, made one node again: SiLU (x sigmoid(x)), hard-swish, GELU, Mish and
 * layer normalization. A network then has the activation functions that its author wrote, and blocks are found as such.
 */
import { shapeOf } from "../graph/queries";
import type { Graph, Node, Tensor, ValueId } from "../graph/types";
import { type NodeOf, type Rewriting, rewrite } from "./rewriting";

export function recognizeFunctions(graph: Graph): Graph {
  return rewrite(graph, (node, at) => {
    const { operation } = node;
    if (operation.op === "affine")
      return (
        mergedAffine(node as NodeOf<"affine">, at) ??
        gelu(node, at) ??
        hardSigmoid(node as NodeOf<"affine">, at) ??
        scaledNorm(node as NodeOf<"affine">, at)
      );
    if (operation.op === "mul" && !operation.operand)
      return gated(node, at) ?? gelu(node, at) ?? layerNorm(graph, node, at) ?? withoutBroadcast(graph, node, at);
    return null;
  });
}

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));

/** The one number that a tensor holds everywhere, or null. */
function uniform({ data }: Tensor): number | null {
  const first = data[0] as number;
  return data.every((value) => value === first) ? first : null;
}

/** The factor and term of a node that scales and shifts all channels alike. */
function line(node: NodeOf<"affine"> | null): { scale: number; shift: number; x: ValueId } | null {
  const scale = node && uniform(node.operation.scale);
  const shift = node && uniform(node.operation.shift);
  return node && scale !== null && shift !== null ? { scale, shift, x: node.inputs[0] as ValueId } : null;
}

/** Two scales and shifts in a row are one, unless batch normalization left statistics with the first. */
function mergedAffine(node: NodeOf<"affine">, at: Rewriting): Node | null {
  const before = at.only(node.inputs[0], "affine");
  if (!before || before.operation.statistics || node.operation.statistics) return null;
  const [first, second] = [before.operation, node.operation];
  const scale = second.scale.data.map((value, i) => value * (first.scale.data[i] as number));
  const shift = second.shift.data.map((value, i) => value + (second.scale.data[i] as number) * (first.shift.data[i] as number));
  const { shape } = second.scale;
  return { ...node, inputs: before.inputs, operation: { op: "affine", scale: { shape, data: scale }, shift: { shape, data: shift } } };
}

/** A product repeats its factors where they are smaller: a file need not have done it. */
function withoutBroadcast(graph: Graph, node: Node, at: Rewriting): Node | null {
  for (const [i, value] of node.inputs.entries()) {
    const other = node.inputs[1 - i] as ValueId;
    const repeated = at.only(value, "broadcast");
    const fits = repeated && shapeOf(graph, other).join() === shapeOf(graph, node.output).join();
    if (fits) return { ...node, inputs: node.inputs.map((input) => (input === value ? (repeated.inputs[0] as ValueId) : input)) };
  }
  return null;
}

/** x times a gate that is a function of x alone. */
function gated(node: Node, at: Rewriting): Node | null {
  const [a, b] = node.inputs as [ValueId, ValueId];
  for (const [x, gate] of [
    [a, b],
    [b, a],
  ] as const) {
    const fn = at.only(gate, "unary");
    const one = (name: "silu" | "hardSwish" | "mish"): Node => ({ ...node, inputs: [x], operation: { op: "unary", fn: name } });
    if (fn?.operation.fn === "sigmoid" && fn.inputs[0] === x) return one("silu");
    const { fn: name, alpha = 0, beta = 0 } = fn?.operation ?? {};
    if (name === "hardSigmoid" && close(alpha, 1 / 6) && close(beta, 0.5) && fn?.inputs[0] === x) return one("hardSwish");
    const inner = name === "tanh" ? at.only(fn?.inputs[0], "unary") : null;
    if (inner?.operation.fn === "softplus" && inner.inputs[0] === x) return one("mish");
  }
  return null;
}

/** clamp(x + 3, 0, 6) / 6; and where it is divided last, x clamp(x + 3, 0, 6) / 6. */
function hardSigmoid(node: NodeOf<"affine">, at: Rewriting): Node | null {
  const last = line(node);
  if (!last || !close(last.scale, 1 / 6) || last.shift !== 0) return null;
  const clampOf = (value: ValueId | undefined): ValueId | null => {
    const clamp = at.only(value, "clamp");
    if (clamp?.operation.low !== 0 || clamp.operation.high !== 6) return null;
    const first = line(at.only(clamp.inputs[0], "affine"));
    return first && first.scale === 1 && first.shift === 3 ? first.x : null;
  };
  const x = clampOf(last.x);
  if (x !== null) return { ...node, inputs: [x], operation: { op: "unary", fn: "hardSigmoid", alpha: 1 / 6, beta: 0.5 } };
  const product = at.only(last.x, "mul");
  if (!product || product.operation.operand) return null;
  const [a, b] = product.inputs as [ValueId, ValueId];
  const whole = clampOf(b) === a ? a : clampOf(a) === b ? b : null;
  return whole === null ? null : { ...node, inputs: [whole], operation: { op: "unary", fn: "hardSwish" } };
}

/** What GELU's gate is a function of: x where the value is erf(x / sqrt(2)) or its approximation by tanh, and which. */
function geluGate(value: ValueId | undefined, at: Rewriting): { x: ValueId; fn: "gelu" | "geluTanh" } | null {
  const gate = at.only(value, "unary");
  const inner = line(at.only(gate?.inputs[0], "affine"));
  if (!gate || inner?.shift !== 0) return null;
  if (gate.operation.fn === "erf") return close(inner.scale, Math.SQRT1_2) ? { x: inner.x, fn: "gelu" } : null;
  if (gate.operation.fn !== "tanh" || !close(inner.scale, Math.sqrt(2 / Math.PI))) return null;
  const sum = at.only(inner.x, "add");
  for (const [x, other] of sum ? [sum.inputs, [...sum.inputs].reverse()] : []) {
    const cubic = line(at.only(other, "affine"));
    const product = at.only(cubic?.x, "mul");
    const square = product?.inputs.map((input) => at.maker(input, "mul")).find((node) => node?.inputs.every((input) => input === x));
    if (cubic && close(cubic.scale, 0.044715) && square && product?.inputs.includes(x as ValueId)) return { x: x as ValueId, fn: "geluTanh" };
  }
  return null;
}

/** x (erf(x / sqrt(2)) + 1) / 2 or its approximation, wherever the halving stands. */
function gelu(node: Node, at: Rewriting): Node | null {
  const after = node.operation.op === "affine" ? line(node as NodeOf<"affine">) : null;
  if (node.operation.op === "affine" && after?.shift !== 0) return null;
  const product = after ? at.only(after.x, "mul") : (node as NodeOf<"mul">);
  if (!product || product.operation.operand) return null;
  const [a, b] = product.inputs as [ValueId, ValueId];
  for (const [left, right] of [
    [a, b],
    [b, a],
  ] as const) {
    const gate = line(at.only(right, "affine"));
    const inner = gate ? geluGate(gate.x, at) : null;
    if (!gate || !inner || !close(gate.shift, gate.scale)) continue;
    const own = left === inner.x ? null : line(at.only(left, "affine"));
    if (left !== inner.x && (own?.x !== inner.x || own.shift !== 0)) continue;
    const factor = (after?.scale ?? 1) * gate.scale * (own?.scale ?? 1);
    if (close(factor, 0.5)) return { ...node, inputs: [inner.x], operation: { op: "unary", fn: inner.fn } };
  }
  return null;
}

/** (x - mean) / sqrt(variance + epsilon) over the last axes. */
function layerNorm(graph: Graph, node: Node, at: Rewriting): Node | null {
  const [centred, factor] = node.inputs as [ValueId, ValueId];
  const reciprocal = at.only(factor, "unary");
  const root = at.only(reciprocal?.inputs[0], "unary");
  const raised = line(at.only(root?.inputs[0], "affine"));
  const isPower = (one: NodeOf<"unary"> | null, alpha: number) => one?.operation.fn === "power" && one.operation.alpha === alpha;
  if (!isPower(reciprocal, -1) || !isPower(root, 0.5) || raised?.scale !== 1) return null;
  const variance = at.only(raised.x, "reduce");
  const squares = at.only(variance?.inputs[0], "mul");
  if (variance?.operation.kind !== "mean" || squares?.inputs[0] !== centred || squares.inputs[1] !== centred) return null;
  const difference = at.maker(centred, "add");
  const x = difference?.inputs[0] as ValueId;
  const negative = line(at.only(difference?.inputs[1], "affine"));
  const mean = at.only(negative?.x, "reduce");
  if (negative?.scale !== -1 || negative.shift !== 0 || mean?.operation.kind !== "mean" || mean.inputs[0] !== x) return null;
  const { axes } = variance.operation;
  const rank = shapeOf(graph, x).length;
  const trailing = axes.every((axis) => axis >= rank - axes.length);
  if (!trailing || mean.operation.axes.join() !== axes.join()) return null;
  return { ...node, inputs: [x], operation: { op: "layerNorm", axes: axes.length, epsilon: raised.shift, scale: null, shift: null } };
}

/** The scale and shift after a layer or group normalization belong to it. */
function scaledNorm(node: NodeOf<"affine">, at: Rewriting): Node | null {
  const norm = at.only(node.inputs[0], "groupNorm") ?? at.only(node.inputs[0], "layerNorm");
  if (!norm || (norm.operation.op === "layerNorm" && norm.operation.axes !== 1)) return null;
  const before = norm.operation;
  const { scale, shift } = node.operation;
  const { shape } = scale;
  const both = {
    scale: { shape, data: scale.data.map((factor, i) => factor * (before.scale?.data[i] ?? 1)) },
    shift: { shape, data: shift.data.map((term, i) => term + (scale.data[i] as number) * (before.shift?.data[i] ?? 0)) },
  };
  return { ...node, inputs: norm.inputs, operation: { ...before, ...both } };
}
