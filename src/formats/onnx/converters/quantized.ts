/**
 * Quantized files, as onnxruntime and PyTorch write them, read as the network that they stand for. A value of integers is
 * carried as the real numbers that it stands for (integers.ts), so that every other converter takes it as it is; where a file rounds
 * to a quantizer's levels, the network has a node that does. Kernels are folded to what their integers stand for.
 *
 * Two forms: QDQ, in which QuantizeLinear and DequantizeLinear stand around operators of real numbers, and QOperator
 * (QLinearConv and its like), in which one operator holds scales and zero points of all that it reads and makes.
 */
import { type Activation, activation, type Codes, type Conversion, type Converter, constantInput, made } from "../conversion";
import { codeRange, dequantizeLinear } from "../quantizers";
import type { Constant } from "../tensors";
import { ARITHMETIC } from "./arithmetic";
import { FUNCTIONS, scaled } from "./functions";
import { LAYERS } from "./layers";
import { POOLING } from "./pooling";
import { concatOf } from "./shapes";

function scalar(at: Conversion, index: number, what: string): number {
  const { data } = constantInput(at, index, what);
  if (data.some((value) => value !== data[0]))
    throw at.fail(`has another ${what} for each channel of a value that is computed, which is not supported`);
  return data[0] as number;
}

/** x rounded to the levels of the quantizer whose scale and zero point are inputs `index` and `index + 1`. */
function rounded(at: Conversion, x: Activation, index: number): Activation {
  if (x.codes) throw at.fail("quantizes what is integers already");
  const [low, high] = codeRange(at.inputs[index + 1] ? constantInput(at, index + 1, "zero point") : null, at);
  const codes = codesAt(at, index);
  const quantizer = { op: "fakeQuantize", scale: codes.scale, zero: codes.zero - low, levels: high - low + 1 } as const;
  return { ...made(at, quantizer, [x], x.order), codes };
}

/** The scale and zero point at inputs `index` and `index + 1`. */
function codesAt(at: Conversion, index: number): Codes {
  return { scale: scalar(at, index, "scale"), zero: at.inputs[index + 1] ? scalar(at, index + 1, "zero point") : 0 };
}

/** What the integers at input `index` stand for by the scale and zero point after it, which need not be those they were made with. */
function real(at: Conversion, index: number): Activation {
  const { codes, ...x } = activation(at, index);
  if (!codes)
    throw at.fail(`reads integers at input ${index}, but "${at.operands[index]}" is of real numbers; a QuantizeLinear before it is missing`);
  const { scale, zero } = codesAt(at, index + 1);
  if (scale === codes.scale && zero === codes.zero) return x;
  return scaled(at, x, scale / codes.scale, (codes.zero - zero) * scale, `rescaled${index}`);
}

/** The constant that integers at input `index` stand for, with scale and zero point after it. */
function dequantized(at: Conversion, index: number, axis: number): Constant {
  const given = [0, 1, 2].map((offset) => (at.inputs[index + offset] ? constantInput(at, index + offset, "scale or zero point") : null));
  return dequantizeLinear(given, { ...at, attributes: at.attributes.with("axis", axis) });
}

/** The node's real counterpart, under a name of its own: its result is rounded afterwards. */
function inReal(at: Conversion, convert: Converter | undefined, inputs: Conversion["inputs"], attributes = at.attributes): Activation {
  const result = (convert as Converter)({ ...at, inputs, attributes, name: `${at.name}/real` });
  return "kind" in result ? result : (result[0] as Activation);
}

/** Of x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias. */
const qLinearConv: Converter = (at) => {
  const w = dequantized(at, 3, 0);
  let bias: Constant | null = null;
  if (at.inputs[8]) {
    // The bias is an integer in units of x_scale * w_scale (operator specification).
    const codes = constantInput(at, 8, "bias");
    const [x, scale] = [scalar(at, 1, "scale"), constantInput(at, 4, "scale").data];
    bias = { ...codes, data: Float32Array.from(codes.data, (code, i) => code * x * (scale[scale.length === 1 ? 0 : i] as number)) };
  }
  return rounded(at, inReal(at, LAYERS.Conv, [real(at, 0), w, bias]), 6);
};

/** Of a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point. */
const qLinearMatMul: Converter = (at) => rounded(at, inReal(at, LAYERS.MatMul, [real(at, 0), dequantized(at, 3, 1)]), 6);

/** The same with a bias before the output's scale; without an output's scale the result is real. */
const qGemm: Converter = (at) => {
  const b = dequantized(at, 3, at.attributes.int("transB", 0) ? 0 : 1);
  const [a, scale] = [scalar(at, 1, "scale"), constantInput(at, 4, "scale").data];
  const codes = at.inputs[6] ? constantInput(at, 6, "bias") : null;
  const bias = codes && { ...codes, data: Float32Array.from(codes.data, (code, i) => code * a * (scale[scale.length === 1 ? 0 : i] as number)) };
  const product = inReal(at, LAYERS.Gemm, [real(at, 0), b, bias]);
  return at.inputs[7] ? rounded(at, product, 7) : product;
};

/** Of a, its scale and zero point, b, its scale and zero point, and the output's. */
function ofTwo(convert: Converter | undefined): Converter {
  return (at) => {
    const second = at.inputs[3]?.kind === "constant" ? dequantized(at, 3, 1) : real(at, 3);
    const first = at.inputs[0]?.kind === "constant" ? dequantized(at, 0, 1) : real(at, 0);
    return rounded(at, inReal(at, convert, [first, second]), 6);
  };
}

/** Of x, its scale and zero point, and the output's. */
function ofOne(convert: Converter | undefined): Converter {
  return (at) => {
    if (at.attributes.int("channels_last", 0)) throw at.fail("has its channels last, which is not supported");
    return rounded(at, inReal(at, convert, [real(at, 0)]), 3);
  };
}

/** The output's scale and zero point come first, then every value with its own. */
const qLinearConcat: Converter = (at) => {
  const parts = Array.from({ length: (at.inputs.length - 2) / 3 }, (_, i) => real(at, 2 + 3 * i));
  const axis = at.attributes.int("axis", 1);
  return rounded(at, concatOf({ ...at, name: `${at.name}/real` }, parts, axis), 0);
};

export const QUANTIZED: Readonly<Record<string, Converter>> = {
  QuantizeLinear: (at) => rounded(at, activation(at, 0), 1),
  DequantizeLinear: (at) => real(at, 0),
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  QGemm: qGemm,
  QLinearAdd: ofTwo(ARITHMETIC.Add),
  QLinearMul: ofTwo(ARITHMETIC.Mul),
  QLinearGlobalAveragePool: ofOne(POOLING.GlobalAveragePool),
  QLinearAveragePool: ofOne(POOLING.AveragePool),
  QLinearSigmoid: ofOne(FUNCTIONS.Sigmoid),
  QLinearLeakyRelu: ofOne(FUNCTIONS.LeakyRelu),
  QLinearConcat: qLinearConcat,
};
