/** What stands in a quantized network for the full-precision network's own: kernels, biases, rounded activations. */
import type { ValueId } from "../graph/types";

/** Parameters that replace a layer's own, by node name. */
export type Kernels = ReadonlyMap<string, Float32Array>;

/** The uniform quantizer of one value: one scale and zero point for the tensor. */
export interface ActivationQParams {
  readonly bits: number;
  readonly scale: number;
  readonly zero: number;
}

export type Quantizers = ReadonlyMap<ValueId, ActivationQParams>;

/** Replacements of a network's parameters, and quantizers of values that it makes. */
export interface Overrides {
  readonly kernels: Kernels;
  readonly biases?: Kernels;
  readonly quantizers?: Quantizers;
}
