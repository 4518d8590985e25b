/**
 * The integers behind a quantized kernel. A QuantizedNetwork holds kernels as real numbers; with the bits, scales and zero
 * points that each ended with, every weight's level follows: w = (code - zero) * scale, 0 <= code < 2^bits.
 * Scales are searched over the range of a channel, which need not contain 0: where all weights of a channel have one
 * sign its zero point may lie below 0 or above the highest code, and a format must say what it makes of that.
 */
import { layersOf } from "../graph/queries";
import type { Layer } from "../graph/types";
import type { QuantizedNetwork } from "../quantize/methods/method";
import { levelsOf } from "../quantize/quantizer";

/** A kernel as integers. */
export interface LayerCodes {
  readonly bits: number;
  /** 0..2^bits - 1, in the kernel's own order (HWIO, or [in, out]): a word's output channel is its index modulo the channels. */
  readonly codes: Int32Array;
  /** One for each output channel, or a single one for the kernel. */
  readonly scale: Float32Array;
  /** As many as scales. Any integer, inside 0..2^bits - 1 where the grid contains 0. */
  readonly zero: Int32Array;
}

/** The integers of one layer; null where its weights are not quantized. @throws Error where they do not give the kernel that ran */
export function codesOf({ name, operation }: Layer, network: Pick<QuantizedNetwork, "kernels" | "weights">): LayerCodes | null {
  const kernel = network.kernels.get(name);
  const qparams = network.weights.get(name);
  if (!kernel && !qparams) return null;
  if (!kernel || !qparams || kernel.length !== operation.kernel.data.length)
    throw new Error(
      `Layer ${name} has ${kernel ? "a quantized kernel without its quantization parameters" : "quantization parameters without a kernel"}`,
    );
  const { bits, scale } = qparams;
  const zero = Int32Array.from(qparams.zero);
  if (qparams.zero.some((value, i) => value !== zero[i])) throw new Error(`Layer ${name} has a zero point that is no integer`);
  const channels = scale.length;
  const top = levelsOf(bits) - 1;
  const codes = Int32Array.from(kernel, (w, i) => Math.round(w / (scale[i % channels] as number)) + (zero[i % channels] as number));
  const found: LayerCodes = { bits, codes, scale, zero };
  const again = dequantize(found);
  for (let i = 0; i < codes.length; i++) {
    const [w, code] = [kernel[i] as number, codes[i] as number];
    if (code < 0 || code > top || Math.abs((again[i] as number) - w) > Math.abs(w) * ROUNDING)
      throw new Error(`Weight ${i} of ${name}, ${w}, is no level of its quantizer: code ${code} of ${bits} bit gives ${again[i]}`);
  }
  return found;
}

/** A unit in the last place of a float32, relative: by so much the same product may differ where it is rounded otherwise. */
const ROUNDING = 2 ** -23;

/** The weights that codes stand for, in float32. */
export function dequantize({ codes, scale, zero }: Pick<LayerCodes, "codes" | "scale" | "zero">): Float32Array {
  return Float32Array.from(codes, (code, i) => (code - (zero[i % zero.length] as number)) * (scale[i % scale.length] as number));
}

/** The layers of a quantized network in order, each with its integers; null where its weights are at full precision. */
export function layerCodes(network: QuantizedNetwork): { readonly layer: Layer; readonly codes: LayerCodes | null }[] {
  return layersOf(network.graph).map((layer) => ({ layer, codes: codesOf(layer, network) }));
}
