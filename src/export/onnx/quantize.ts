/**
 * Quantization as a file has it: integers with the DequantizeLinear that makes weights of them, and for activations
 * QuantizeLinear and DequantizeLinear (operator specification, version 13 on). QuantizeLinear saturates at the range of its
 * UINT8, so a Clip to what narrower widths represent goes before it.
 *
 * A network's activation is clamp(round(x / scale) + zero, 0, 2^bits - 1), half to even, as QuantizeLinear's. A zero point that
 * UINT8 has no number for (of a range without 0) is written as the arithmetic that it is.
 */
import { TensorProto_DataType as DataType, type TensorProto } from "onnx-buf";
import type { Layer } from "../../graph/types";
import type { ActivationQParams } from "../../network/quantized";
import { levelsOf } from "../../quantize/quantizer";
import type { ParameterNames } from "../artifact";
import type { LayerCodes } from "../codes";
import type { Contained } from "./containers";
import { packed } from "./containers";
import type { Emitter } from "./emitter";
import { tensorProto } from "./proto";
import type { KernelOrder, LayerParameters } from "./writer";

export interface QuantizedLayer {
  readonly codes: LayerCodes;
  readonly contained: Contained;
}

/** A layer's parameters; what the network does not quantize is float32. */
export function parametersOf(
  emitter: Emitter,
  { name, operation }: Layer,
  names: ParameterNames,
  quantized: QuantizedLayer | null,
  bias: Float32Array | null,
): LayerParameters {
  return {
    kernel(order) {
      if (quantized) return dequantized(emitter, name, names.kernel, quantized, order);
      const { data } = operation.kernel;
      return emitter.floats(
        names.kernel,
        order.dims,
        Float32Array.from(order.from, (at) => data[at] as number),
      );
    },
    bias: () => bias && emitter.floats(names.bias, [bias.length], bias),
  };
}

function dequantized(
  emitter: Emitter,
  name: string,
  kernel: string,
  { codes, contained }: QuantizedLayer,
  { dims, axis, from }: KernelOrder,
): string {
  const values = Int32Array.from(from, (at) => contained.values[at] as number);
  const one = codes.scale.length === 1;
  const shape = one ? [] : [codes.scale.length];
  const add = (tensor: TensorProto) => emitter.initializer(tensor);
  const inputs = [
    add(tensorProto(emitter.unique(`${kernel}_quantized`), dims, contained.type, packed(values, contained.bits))),
    emitter.floats(`${kernel}_scale`, shape, codes.scale),
  ];
  if (contained.zero)
    inputs.push(add(tensorProto(emitter.unique(`${kernel}_zero_point`), shape, contained.type, packed(contained.zero, contained.bits))));
  return emitter.emit(`${name}/${kernel}_DequantizeLinear`, "DequantizeLinear", inputs, one ? {} : { axis });
}

/** The tensor after its quantizer. */
export function quantizedActivation(emitter: Emitter, x: string, { bits, scale, zero }: ActivationQParams): string {
  const top = levelsOf(bits) - 1;
  const own = (suffix: string) => `${x}_${suffix}`;
  const step = emitter.scalar(own("scale"), scale);
  if (!Number.isInteger(zero) || zero < 0 || zero > 255 || bits > 8) {
    const rounded = emitter.emit(own("Round"), "Round", [emitter.emit(own("Div"), "Div", [x, step])]);
    const bounds = [emitter.scalar(own("low"), -zero), emitter.scalar(own("high"), top - zero)];
    return emitter.emit(own("Mul"), "Mul", [emitter.emit(own("Clip"), "Clip", [rounded, ...bounds]), step]);
  }
  const point = emitter.initializer(tensorProto(emitter.unique(own("zero_point")), [], DataType.UINT8, Uint8Array.of(zero)));
  const limits = (level: number) => Math.fround((level - zero) * Math.fround(scale));
  const clipped =
    bits === 8 ? x : emitter.emit(own("Clip"), "Clip", [x, emitter.scalar(own("low"), limits(0)), emitter.scalar(own("high"), limits(top))]);
  const integers = emitter.emit(own("QuantizeLinear"), "QuantizeLinear", [clipped, step, point]);
  return emitter.emit(own("DequantizeLinear"), "DequantizeLinear", [integers, step, point]);
}
