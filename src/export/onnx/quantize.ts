/**
 * Quantization as a file has it: integers with the DequantizeLinear that makes weights of them, and for activations
 * QuantizeLinear and DequantizeLinear (operator specification, version 13 on). QuantizeLinear saturates at the range of its
 * UINT8, so a Clip to what narrower widths represent goes before it.
 *
 * A network's activation is clamp(round(x / scale) + zero, 0, 2^bits - 1), half to even, as QuantizeLinear's. A zero point that
 * UINT8 has no number for (of a range without 0) is written as the arithmetic that it is, and so is a weight's.
 *
 * Where activations are quantized, a node of its own adds a layer's bias. onnxruntime rounds one that a convolution adds to a
 * multiple of the product of both scales, to compute in integers: on the demo's network with 4-bit activations that moves logits by
 * 6 % of the largest. Kernels in float it rounds to 8 bit, too, where a quantizer follows; it merges an Add into such
 * a layer, but not a Sub.
 */
import { TensorProto_DataType as DataType, type TensorProto } from "onnx-buf";
import type { Layer } from "../../graph/types";
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

export interface ParametersOptions {
  readonly names: ParameterNames;
  /** Null leaves the kernel in float32. */
  readonly quantized: QuantizedLayer | null;
  readonly bias: Float32Array | null;
  /** Whether activations are quantized too, so that a runtime may compute in integers. */
  readonly integers: boolean;
}

/** A layer's parameters as tensors of the file. */
export function parametersOf(emitter: Emitter, { name, operation }: Layer, { names, quantized, bias, integers }: ParametersOptions): LayerParameters {
  return {
    biasBy: !integers ? "input" : quantized?.contained.fits ? "Add" : "Sub",
    kernel(order) {
      if (quantized) return dequantized(emitter, name, names.kernel, quantized, order);
      const { data } = operation.kernel;
      return emitter.floats(
        names.kernel,
        order.dims,
        Float32Array.from(order.from, (at) => data[at] as number),
      );
    },
    bias(shape) {
      if (!bias) throw new Error(`${name} has no bias`);
      return emitter.floats(names.bias, shape, this.biasBy === "Sub" ? bias.map((value) => -value) : bias);
    },
  };
}

function dequantized(
  emitter: Emitter,
  name: string,
  kernel: string,
  { codes, contained }: QuantizedLayer,
  { dims, axis, from }: KernelOrder,
): string {
  const { type, bits, fits, zero } = contained;
  const one = codes.scale.length === 1;
  const add = (tensor: TensorProto) => emitter.initializer(tensor);
  const own = (suffix: string) => `${kernel}_${suffix}`;
  const values = Int32Array.from(from, (at) => contained.values[at] as number);
  const integers = add(tensorProto(emitter.unique(own("quantized")), dims, type, packed(values, bits)));
  if (fits) {
    const shape = one ? [] : [codes.scale.length];
    const scale = emitter.floats(own("scale"), shape, codes.scale);
    const point = add(tensorProto(emitter.unique(own("zero_point")), shape, type, packed(zero, bits)));
    return emitter.emit(`${name}/DequantizeLinear`, "DequantizeLinear", [integers, scale, point], one ? {} : { axis });
  }
  const shape = one ? [] : dims.map((extent, i) => (i === axis ? extent : 1));
  const real = emitter.emit(`${name}/Cast`, "Cast", [integers], { to: DataType.FLOAT });
  const steps = emitter.emit(`${name}/Sub`, "Sub", [real, emitter.floats(own("zero_point"), shape, Float32Array.from(zero))]);
  return emitter.emit(`${name}/Mul`, "Mul", [steps, emitter.floats(own("scale"), shape, codes.scale)]);
}

/** A uniform quantizer as fakeQuantize has it. */
export interface UniformQuantizer {
  readonly levels: number;
  readonly scale: number;
  readonly zero: number;
}

/** The tensor after its quantizer. @param name what the new tensors are called after */
export function quantizedActivation(emitter: Emitter, x: string, { levels, scale, zero }: UniformQuantizer, name: string = x): string {
  const top = levels - 1;
  const own = (suffix: string) => `${name}_${suffix}`;
  const step = emitter.scalar(own("scale"), scale);
  if (!Number.isInteger(zero) || zero < 0 || zero > 255 || levels > 256) {
    const rounded = emitter.emit(own("Round"), "Round", [emitter.emit(own("Div"), "Div", [x, step])]);
    const bounds = [emitter.scalar(own("low"), -zero), emitter.scalar(own("high"), top - zero)];
    return emitter.emit(own("Mul"), "Mul", [emitter.emit(own("Clip"), "Clip", [rounded, ...bounds]), step]);
  }
  const point = emitter.initializer(tensorProto(emitter.unique(own("zero_point")), [], DataType.UINT8, Uint8Array.of(zero)));
  const limit = (level: number) => Math.fround((level - zero) * Math.fround(scale));
  const clipped =
    levels === 256 ? x : emitter.emit(own("Clip"), "Clip", [x, emitter.scalar(own("low"), limit(0)), emitter.scalar(own("high"), limit(top))]);
  const integers = emitter.emit(own("QuantizeLinear"), "QuantizeLinear", [clipped, step, point]);
  return emitter.emit(own("DequantizeLinear"), "DequantizeLinear", [integers, step, point]);
}
