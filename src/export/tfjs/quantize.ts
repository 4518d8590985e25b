/**
 * Quantization as nodes, for TF.js has no operators for it that compute it: it runs FakeQuant as identity, and its own stored integers have
 * one scale a tensor.
 *  - Weights are codes, a byte each, then Cast, Sub of the zero points and Mul by the scales, by output channel.
 *  - Activations are RealDiv by the scale, Round (half to even, as in the lab), ClipByValue to the levels and Mul by the scale. Zero points
 *    lie in the bounds: clamp(round(x / s) + z, 0, top) - z is round(x / s) between -z and top - z.
 */
import type { Layer } from "../../graph/types";
import type { ParameterNames } from "../artifact";
import type { LayerCodes } from "../codes";
import type { Emitter } from "./emitter";
import { FLOAT, INT32 } from "./topology";
import type { KernelOrder, LayerParameters } from "./writer";

export interface ParametersOptions {
  readonly names: ParameterNames;
  /** Null leaves the kernel in float32. */
  readonly codes: LayerCodes | null;
  readonly bias: Float32Array | null;
}

/** A layer's parameters as tensors of the file. */
export function parametersOf(emitter: Emitter, { operation }: Layer, { names, codes, bias }: ParametersOptions): LayerParameters {
  return {
    kernel: (order) =>
      codes ? dequantized(emitter, names.kernel, codes, order) : emitter.floats(names.kernel, order.dims, inOrder(operation.kernel.data, order)),
    bias: () => bias && emitter.floats(names.bias, [bias.length], bias),
  };
}

function inOrder<T extends Float32Array | Int32Array>(data: T, { from }: KernelOrder): T {
  return from ? (data.map((_, i) => data[from[i] as number] as number) as T) : data;
}

function dequantized(emitter: Emitter, kernel: string, { codes, scale, zero }: LayerCodes, order: KernelOrder): string {
  const shape = scale.length === 1 ? [] : order.channels;
  const integers = emitter.codes(`${kernel}/codes`, order.dims, Uint8Array.from(inOrder(codes, order)));
  const real = emitter.emit(`${kernel}/Cast`, "Cast", [integers], { SrcT: INT32, DstT: FLOAT, Truncate: { b: false } });
  const steps = emitter.emit(`${kernel}/Sub`, "Sub", [real, emitter.floats(`${kernel}/zero_point`, shape, Float32Array.from(zero))], { T: FLOAT });
  return emitter.emit(kernel, "Mul", [steps, emitter.floats(`${kernel}/scale`, shape, scale)], { T: FLOAT });
}

/** A uniform quantizer as fakeQuantize has it. */
export interface UniformQuantizer {
  readonly levels: number;
  readonly scale: number;
  readonly zero: number;
}

/** Where a quantizer's nodes and constants go. */
export interface QuantizerSite {
  node(op: "RealDiv" | "Round" | "ClipByValue" | "Mul", inputs: readonly string[]): string;
  scalar(what: string, value: number): string;
}

/** The tensor after its quantizer. */
export function quantizedActivation(at: QuantizerSite, x: string, { levels, scale, zero }: UniformQuantizer): string {
  const step = at.scalar("scale", scale);
  const rounded = at.node("Round", [at.node("RealDiv", [x, step])]);
  const clipped = at.node("ClipByValue", [rounded, at.scalar("low", -zero), at.scalar("high", levels - 1 - zero)]);
  return at.node("Mul", [clipped, step]);
}
