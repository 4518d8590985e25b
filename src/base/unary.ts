/**
 * Functions of one number, most of them activation functions, as networks use them. The numbers here define them; the
 * devices compute them in single precision. The derivative of rounding is taken as 1 (straight through; Bengio et al.,
 * arXiv:1308.3432), as that of quantizers is: it is 0 almost everywhere, and nothing before it could be trained. `alpha` and `beta` are ONNX's attributes of the same name.
 */

export const UNARY_FUNCTIONS = [
  "sigmoid",
  "hardSigmoid",
  "hardSwish",
  "silu",
  "gelu",
  "geluTanh",
  "tanh",
  "leakyRelu",
  "elu",
  "softplus",
  "mish",
  "erf",
  "exp",
  "log",
  "power",
  "abs",
  "round",
] as const;
export type UnaryName = (typeof UNARY_FUNCTIONS)[number];

export interface UnaryFunction {
  readonly fn: UnaryName;
  /** The slope of hardSigmoid, of leakyRelu below 0, the scale of elu below 0, the exponent of power. */
  readonly alpha?: number;
  /** The offset of hardSigmoid and, before raising, of power. */
  readonly beta?: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** To the nearest whole number, halves to the even one. */
export function roundHalfToEven(x: number): number {
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}

/** The error function (Abramowitz and Stegun, 7.1.26; within 1.5e-7). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

export function unaryValue({ fn, alpha = 0, beta = 0 }: UnaryFunction, x: number): number {
  switch (fn) {
    case "sigmoid":
      return sigmoid(x);
    case "hardSigmoid":
      return Math.min(1, Math.max(0, alpha * x + beta));
    case "hardSwish":
      return x * Math.min(1, Math.max(0, x / 6 + 0.5));
    case "silu":
      return x * sigmoid(x);
    case "gelu":
      return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
    case "geluTanh":
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case "tanh":
      return Math.tanh(x);
    case "leakyRelu":
      return x < 0 ? alpha * x : x;
    case "elu":
      return x < 0 ? alpha * Math.expm1(x) : x;
    case "softplus":
      return softplus(x);
    case "mish":
      return x * Math.tanh(softplus(x));
    case "erf":
      return erf(x);
    case "exp":
      return Math.exp(x);
    case "log":
      return Math.log(x);
    case "power":
      return (x + beta) ** alpha;
    case "abs":
      return Math.abs(x);
    case "round":
      return roundHalfToEven(x);
  }
}
