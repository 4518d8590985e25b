/** Functions of each number and their derivatives. */
import type { UnaryFunction, UnaryName } from "../../../base/unary";
import type { Unary, UnaryGrad } from "../../steps";
import { type Dispatch, elementwise, literal } from "../dispatch";

/** Shared by the functions below. tanh is written out: built-in ones overflow for large arguments on some adapters. */
const LIBRARY = `
fn sigmoid(v: f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(v, -87.0, 87.0))); }
fn tangent(v: f32) -> f32 { let t = exp(-2.0 * min(abs(v), 40.0)); return sign(v) * (1.0 - t) / (1.0 + t); }
fn softplus(v: f32) -> f32 { return max(v, 0.0) + log(1.0 + exp(-min(abs(v), 87.0))); }
fn errorFunction(v: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.3275911 * abs(v));
  let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return sign(v) * (1.0 - series * exp(-min(v * v, 87.0)));
}
fn geluInner(v: f32) -> f32 { return 0.7978845608 * (v + 0.044715 * v * v * v); }
`;

/** v^exponent: exact roots and reciprocals where the exponent names one, of positive numbers otherwise. */
function power(exponent: number): string {
  const exact: Record<string, string> = {
    "1": "v",
    "2": "v * v",
    "0.5": "sqrt(v)",
    "-0.5": "1.0 / sqrt(v)",
    "-1": "1.0 / v",
    "-2": "1.0 / (v * v)",
    "-1.5": "1.0 / (v * sqrt(v))",
  };
  return exact[exponent] ?? `exp(clamp(${literal(exponent)} * log(max(v, 1.17549435e-38)), -87.0, 88.0))`;
}

function valueCode({ fn, alpha = 0, beta = 0 }: UnaryFunction): string {
  const bodies: Record<UnaryName, string> = {
    sigmoid: "return sigmoid(v);",
    hardSigmoid: `return clamp(${literal(alpha)} * v + ${literal(beta)}, 0.0, 1.0);`,
    hardSwish: "return v * clamp(v / 6.0 + 0.5, 0.0, 1.0);",
    silu: "return v * sigmoid(v);",
    gelu: "return 0.5 * v * (1.0 + errorFunction(v * 0.7071067812));",
    geluTanh: "return 0.5 * v * (1.0 + tangent(geluInner(v)));",
    tanh: "return tangent(v);",
    leakyRelu: `return select(v, ${literal(alpha)} * v, v < 0.0);`,
    elu: `return select(v, ${literal(alpha)} * (exp(min(v, 0.0)) - 1.0), v < 0.0);`,
    softplus: "return softplus(v);",
    mish: "return v * tangent(softplus(v));",
    erf: "return errorFunction(v);",
    exp: "return exp(clamp(v, -87.3, 88.3));",
    log: "return log(max(v, 1.17549435e-38));",
    power: `let v = u + ${literal(beta)}; return ${power(alpha)};`,
    abs: "return abs(v);",
    round: "return round(v);",
  };
  return `fn value(${fn === "power" ? "u" : "v"}: f32) -> f32 { ${bodies[fn]} }`;
}

function slopeCode({ fn, alpha = 0, beta = 0 }: UnaryFunction): string {
  const bodies: Record<UnaryName, string> = {
    sigmoid: "let s = sigmoid(v); return s * (1.0 - s);",
    hardSigmoid: `let y = ${literal(alpha)} * v + ${literal(beta)}; return select(0.0, ${literal(alpha)}, y > 0.0 && y < 1.0);`,
    hardSwish: "if (v > 3.0) { return 1.0; } return select(0.0, (2.0 * v + 3.0) / 6.0, v > -3.0);",
    silu: "let s = sigmoid(v); return s * (1.0 + v * (1.0 - s));",
    gelu: "return 0.5 * (1.0 + errorFunction(v * 0.7071067812)) + v * 0.3989422804 * exp(-min(0.5 * v * v, 87.0));",
    geluTanh: "let t = tangent(geluInner(v)); return 0.5 * (1.0 + t) + 0.5 * v * (1.0 - t * t) * 0.7978845608 * (1.0 + 0.134145 * v * v);",
    tanh: "let t = tangent(v); return 1.0 - t * t;",
    leakyRelu: `return select(1.0, ${literal(alpha)}, v < 0.0);`,
    elu: `return select(1.0, ${literal(alpha)} * exp(min(v, 0.0)), v < 0.0);`,
    softplus: "return sigmoid(v);",
    mish: "let t = tangent(softplus(v)); return t + v * (1.0 - t * t) * sigmoid(v);",
    erf: "return 1.1283791671 * exp(-min(v * v, 87.0));",
    exp: "return exp(clamp(v, -87.3, 88.3));",
    log: "return 1.0 / v;",
    power: `let v = u + ${literal(beta)}; return ${literal(alpha)} * (${power(alpha - 1)});`,
    abs: "return select(1.0, -1.0, v < 0.0);",
    round: "return 1.0;",
  };
  return `fn slope(${fn === "power" ? "u" : "v"}: f32) -> f32 { ${bodies[fn]} }`;
}

export function unary(step: Unary): Dispatch {
  return elementwise(step.size, {
    label: step.fn,
    reads: { x: step.x },
    writes: { out: step.out },
    declarations: LIBRARY + valueCode(step),
    body: "  out[i] = value(x[i]);",
  });
}

export function unaryGrad(step: UnaryGrad): Dispatch {
  return elementwise(step.size, {
    label: `${step.fn}Grad`,
    reads: { x: step.x, dout: step.dout },
    writes: { dx: step.dx },
    declarations: LIBRARY + slopeCode(step),
    body: `  dx[i] = dout[i] * slope(x[i])${step.accumulate ? " + dx[i]" : ""};`,
  });
}
