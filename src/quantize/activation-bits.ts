/** Bit widths of activations: the common one, those of the network's ends, and those that were assigned one by one. */
import type { QuantizationPoint } from "../passes/quantization-points";
import { FIRST_LAST_BITS, type ScaleMethod } from "./settings";

export interface ActivationOptions {
  readonly bits: number;
  readonly scale: ScaleMethod;
  /** Bits of the last layer's input; null gives it the common bit width, as the release has it in residual networks. */
  readonly lastInputBits: 8 | null;
  /** Bits of single values, by the name of a layer that reads them, where they are not the common ones. */
  readonly assignment?: Readonly<Record<string, number>> | null;
}

/** Bits of a value unless they were assigned; null where it takes the common width. */
export function fixedBits({ role }: Pick<QuantizationPoint, "role">, lastInputBits: ActivationOptions["lastInputBits"]): number | null {
  if (role === "first") return FIRST_LAST_BITS;
  return role === "last" ? lastInputBits : null;
}

export function bitsAt(
  point: PointName,
  { bits, lastInputBits, assignment }: Pick<ActivationOptions, "bits" | "lastInputBits" | "assignment">,
): number {
  return assignment?.[point.name] ?? fixedBits(point, lastInputBits) ?? bits;
}

/** What is needed of a quantization point to know its bit width. */
export type PointName = Pick<QuantizationPoint, "name" | "role">;

/** Bits of what a layer reads, the widest of several values; whole bytes of an image, 32 where activations are not quantized. */
export function readBits(reads: readonly PointName[], activations: Pick<ActivationOptions, "bits" | "lastInputBits" | "assignment"> | null): number {
  if (!activations) return 32;
  return reads.length === 0 ? FIRST_LAST_BITS : Math.max(...reads.map((point) => bitsAt(point, activations)));
}
