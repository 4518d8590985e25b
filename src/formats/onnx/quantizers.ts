/** Quantizers of constants: the real numbers that a file's integers stand for, and the integers of real numbers. */
import { roundHalfToEven } from "../../base/unary";
import { axisOf, constant, count, type Fold, type FoldContext, need } from "./constants";
import { CODE_RANGES, type CodeRange, type Constant } from "./tensors";

/** One number for each place of `x` from a scale or zero point: one for all, one for each entry of an axis, or one for each block of them. */
function alongAxis(x: Constant, values: Constant, context: FoldContext): (i: number) => number {
  if (values.data.length === 1) return () => values.data[0] as number;
  const axis = axisOf(context.attributes.int("axis", 1), x.dims.length, context);
  const extent = x.dims[axis] as number;
  const inner = count(x.dims.slice(axis + 1));
  const block = values.dims.length > 1 ? context.attributes.int("block_size", 1) : 0;
  if (block > 0) {
    const blocks = Math.ceil(extent / block);
    return (i) =>
      values.data[(Math.floor(i / (inner * extent)) * blocks + Math.floor((Math.floor(i / inner) % extent) / block)) * inner + (i % inner)] as number;
  }
  if (values.data.length !== extent) throw context.fail(`has ${values.data.length} scales for an axis of ${extent}`);
  return (i) => values.data[Math.floor(i / inner) % extent] as number;
}

/** The integers that a quantizer makes: those of its zero point's type, or of the type that `output_dtype` names. */
export function codeRange(zeroPoint: Constant | null | undefined, context: FoldContext): CodeRange {
  const named = context.attributes.int("output_dtype", 0);
  if (!zeroPoint && named === 0) return [0, 255];
  const range = zeroPoint?.codes ?? CODE_RANGES[named as keyof typeof CODE_RANGES];
  if (!range) throw context.fail("makes numbers of a type that is no integer of 2 to 16 bits, which is not supported");
  return range;
}

/** What the integers of a quantized file stand for. */
export const dequantizeLinear: Fold = ([codes, scale, zeroPoint], context) => {
  const x = need(codes, context);
  const [scaleAt, zeroAt] = [alongAxis(x, need(scale, context), context), zeroPoint ? alongAxis(x, zeroPoint, context) : () => 0];
  return constant(
    x.dims,
    Float32Array.from(x.data, (code, i) => (code - zeroAt(i)) * scaleAt(i)),
  );
};

/** Weights that PyTorch writes as real numbers with their quantizer after them. */
export const quantizeLinear: Fold = ([real, scale, zeroPoint], context) => {
  const x = need(real, context);
  const [scaleAt, zeroAt] = [alongAxis(x, need(scale, context), context), zeroPoint ? alongAxis(x, zeroPoint, context) : () => 0];
  const codes = codeRange(zeroPoint, context);
  const [low, high] = codes;
  const data = Float64Array.from(x.data, (value, i) => Math.min(high, Math.max(low, roundHalfToEven(Math.fround(value / scaleAt(i))) + zeroAt(i))));
  return { ...constant(x.dims, data), codes };
};
