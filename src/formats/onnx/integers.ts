/**
 * Values of integers in quantized files. The network carries the real numbers that a quantizer's integers stand for, and each
 * value remembers by which scale and zero point they do (Activation.codes). So an operator that only moves integers does the same
 * to the real numbers, one that reads them by the scale they were made with needs nothing, one that reads them by another
 * scale gets them rescaled, and any other is refused: what it computes of integers is not what it would of real numbers.
 */
import { TensorProto_DataType as DataType } from "onnx-buf";
import type { Activation, Codes, Conversion, Converter, Known } from "./conversion";
import { scaled } from "./converters/functions";
import { QUANTIZED } from "./converters/quantized";

/** Operators that move, choose or repeat numbers; the greatest of integers is that of what they stand for. */
const MOVING: ReadonlySet<string> = new Set(
  "Concat DepthToSpace Dropout Expand Flatten Gather GlobalMaxPool Identity MaxPool Reshape Slice SpaceToDepth Split Squeeze Tile Transpose Unsqueeze".split(
    " ",
  ),
);

const REAL_TYPES: ReadonlySet<number> = new Set([DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16]);

/** What the numbers of the network's input are: themselves, whatever their type. */
export function inputCodes(elementType: number): { codes?: Codes } {
  return REAL_TYPES.has(elementType) ? {} : { codes: { scale: 1, zero: 0 } };
}

const isCodes = (input: Known | null): input is Activation & { codes: Codes } => input?.kind === "activation" && input.codes !== undefined;

const same = (a: Codes, b: Codes | undefined) => a.scale === b?.scale && a.zero === b.zero;

/** The integers of the file as real numbers of the network. */
export function integers(at: Conversion, x: Activation & { codes: Codes }, part: string): Activation {
  const { codes, ...real } = x;
  return same(codes, { scale: 1, zero: 0 }) ? real : scaled(at, real, 1 / codes.scale, codes.zero, part);
}

/**
 * What a node makes of its inputs, some of which may be integers.
 * @throws BadInput where it computes with integers in a way that has no counterpart among real numbers
 */
export function converted(operator: string, convert: Converter, at: Conversion): readonly Activation[] {
  const list = (made: ReturnType<Converter>) => ("kind" in made ? [made] : made);
  const coded = at.inputs.filter(isCodes);
  const [first] = coded;
  if (!first || operator in QUANTIZED) return list(convert(at));
  // A Cast to real numbers takes the integers as they are; to other types it is refused.
  if (operator === "Cast") return list(convert({ ...at, inputs: [integers(at, first, "integers")] }));
  if (!MOVING.has(operator) && !(operator === "Resize" && at.attributes.string("mode", "nearest") === "nearest"))
    throw at.fail(
      "computes with quantized integers; only QLinear operators and those that move integers do, others need a DequantizeLinear before them",
    );
  const { codes } = first;
  if (at.inputs.some((input) => input?.kind === "activation" && !same(codes, input.codes)))
    throw at.fail("joins integers of different scales or zero points, which stand for different numbers");
  const inputs = at.inputs.map((input) => (isCodes(input) ? plain(input) : input));
  return list(convert({ ...at, inputs })).map((value) => ({ ...value, codes }));
}

function plain({ codes: _codes, ...real }: Activation): Activation {
  return real;
}
