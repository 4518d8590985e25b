/**
 * The losses of a fingerprint as bytes. Bit for bit a result is told by the hashes of the rounding and of the whole result; losses are
 * carried so that what differs can be named unit by unit, and so that another GPU's result can be seen to be near. For that they
 * may be coarse where a link has many: their logarithms in equal steps of 16 or 8 bits between the least and the greatest. The error that
 * this makes is told, so that a comparison knows what it cannot see.
 */
import { packBits, unpackBits } from "./bits";

export const LOSS_CODINGS = ["f64", "f32", "log16", "log8"] as const;
export type LossCoding = (typeof LOSS_CODINGS)[number];

export interface CodedLosses {
  readonly coding: LossCoding;
  readonly bytes: Uint8Array;
  /** Relative, at most. */
  readonly error: number;
}

/** All losses as they are, in singles where they are singles. */
export function exactLosses(losses: readonly number[]): CodedLosses {
  const single = losses.every((loss) => Object.is(Math.fround(loss), loss));
  const values = single ? Float32Array.from(losses) : Float64Array.from(losses);
  return { coding: single ? "f32" : "f64", bytes: new Uint8Array(values.buffer), error: 0 };
}

/** Losses to some bits each; null where one is negative or not finite, which has no logarithm to be near to. */
export function coarseLosses(losses: readonly number[], bits: 16 | 8): CodedLosses | null {
  const positive = losses.filter((loss) => loss > 0);
  if (!losses.every((loss) => loss >= 0 && Number.isFinite(loss)) || positive.length === 0) return null;
  const range = Float32Array.of(Math.log(Math.min(...positive)), Math.log(Math.max(...positive)));
  const [low, high] = range as unknown as [number, number];
  const step = (high - low) / (2 ** bits - 2);
  const codes = losses.map((loss) => (loss === 0 ? 0 : 1 + (step > 0 ? clamp(Math.round((Math.log(loss) - low) / step), 2 ** bits - 2) : 0)));
  const bytes = new Uint8Array(8 + (losses.length * bits) / 8);
  bytes.set(new Uint8Array(range.buffer));
  bytes.set(packBits(codes, bits), 8);
  // Half a step, and what the ends lost as singles.
  return { coding: `log${bits}`, bytes, error: Math.expm1(step / 2 + 1e-6) };
}

/** How many bytes `count` losses take. */
export function lossBytes(coding: LossCoding, count: number): number {
  return { f64: 8 * count, f32: 4 * count, log16: 8 + 2 * count, log8: 8 + count }[coding];
}

export function readLosses(coding: LossCoding, given: Uint8Array, count: number): { readonly losses: number[]; readonly error: number } {
  // A copy begins at a multiple of eight.
  const bytes = given.slice();
  if (coding === "f64") return { losses: [...new Float64Array(bytes.buffer)], error: 0 };
  if (coding === "f32") return { losses: [...new Float32Array(bytes.buffer)], error: 0 };
  const bits = coding === "log16" ? 16 : 8;
  const [low, high] = new Float32Array(bytes.buffer, 0, 2) as unknown as [number, number];
  const step = (high - low) / (2 ** bits - 2);
  const losses = unpackBits(bytes.subarray(8), count, bits).map((code) => (code === 0 ? 0 : Math.exp(low + (code - 1) * step)));
  return { losses, error: Math.expm1(step / 2 + 1e-6) };
}

const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
