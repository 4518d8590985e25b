/**
 * The uniform quantizer: q(x) = (clamp(round(x / scale) + zero, 0, 2^bits - 1) - zero) * scale, one scale
 * and zero point an output channel. Kernels are HWIO, so a word's channel is its index modulo the channels.
 * Arithmetic is rounded to float32 as the published release's is, half to even.
 */

export interface QParams {
  readonly bits: number;
  /** One an output channel, or a single one for the tensor. */
  readonly scale: Float32Array;
  readonly zero: Float32Array;
}

export function levelsOf(bits: number): number {
  return 2 ** bits;
}

/** Half to even, as IEEE 754 and PyTorch round. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

export function clampLevel(level: number, levels: number): number {
  return level < 0 ? 0 : Math.min(level, levels - 1);
}

/** Each weight at its nearest quantization level. */
export function quantizeNearest(weights: Float32Array, qparams: QParams): Float32Array {
  const levels = levelsOf(qparams.bits);
  const channels = qparams.scale.length;
  return weights.map((w, i) => {
    const scale = qparams.scale[i % channels] as number;
    const zero = qparams.zero[i % channels] as number;
    const level = clampLevel(roundEven(Math.fround(w / scale)) + zero, levels);
    return Math.fround((level - zero) * scale);
  });
}
