/** What a unit changes in a network when it is quantized, and how that went. */
import type { ActivationQParams } from "../network/quantized";
import type { QParams } from "./quantizer";

export type Phase = "weights" | "activations";

/** What a unit's training leaves, as people are told. */
export interface UnitOutcome {
  readonly settled: number;
  /** Reconstruction loss of every iteration; of the start and the end where nothing iterates. */
  readonly losses: Float32Array;
  /** Whether it was taken from an earlier run with the same outcome. */
  readonly reused?: boolean;
}

/** What a unit changes in the network, and how it went. */
export interface UnitChange extends UnitOutcome {
  readonly kernels?: ReadonlyMap<string, Float32Array>;
  /** The quantization parameters of these kernels. */
  readonly weights?: ReadonlyMap<string, QParams>;
  readonly biases?: ReadonlyMap<string, Float32Array>;
  readonly quantizers?: ReadonlyMap<string, ActivationQParams>;
}
