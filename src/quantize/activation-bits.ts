/** Bit widths of activations: the common one, those of the network's ends, and those that were assigned one by one. */
import type { QuantizationPoint } from "../passes/quantization-points";
import { FLOAT_BITS, isFloat, type LayerOverrides } from "./layer-widths";
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
  point: Pick<QuantizationPoint, "name" | "role">,
  { bits, lastInputBits, assignment }: Pick<ActivationOptions, "bits" | "lastInputBits" | "assignment">,
): number {
  return assignment?.[point.name] ?? fixedBits(point, lastInputBits) ?? bits;
}

/** What is needed of a quantization point to know its bit width. */
export interface PointName extends Pick<QuantizationPoint, "name" | "role"> {
  /** The names of the layers that read it. */
  readonly readers: readonly string[];
}

/** Whether a value stays in float: where activations are quantized, because none but layers in float read it. */
export function staysFloat({ readers }: Pick<PointName, "readers">, overrides: LayerOverrides | undefined): boolean {
  return readers.every((reader) => isFloat(reader, overrides));
}

/** Bits of what a layer reads, the widest of several values; whole bytes of an image, 32 where activations are not quantized. */
export function readBits(
  reads: readonly PointName[],
  activations: Pick<ActivationOptions, "bits" | "lastInputBits" | "assignment"> | null,
  overrides: LayerOverrides | undefined,
): number {
  if (!activations) return FLOAT_BITS;
  if (reads.length === 0) return FIRST_LAST_BITS;
  return Math.max(...reads.map((point) => (staysFloat(point, overrides) ? FLOAT_BITS : bitsAt(point, activations))));
}
