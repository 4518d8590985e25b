/**
 * The dense layout of compressed-tensors' `pack-quantized` (vllm-project/compressed-tensors, pull request 732, June 2026):
 * codes of n bit follow one another without a gap from the lowest bit of a row's first 32-bit word on; one that does
 * not fit goes on in the next word. A row takes ceil(columns * n / 32) words. For 2, 4 and 8 bit it is what the library
 * has always written. What is stored is the signed code plus 2^(n - 1), so between 0 and 2^n - 1.
 *
 * Zero points are n-bit integers there. The lab's may lie outside, where the weights of a channel have one sign; code and zero
 * point may then be moved together, which changes no weight, and where that is not enough the layer takes more bits.
 */
import type { LayerCodes } from "../codes";

/** Rows of codes 0..2^bits - 1 as words, [rows, ceil(columns * bits / 32)]. */
export function packRows(codes: Int32Array, rows: number, bits: number): Int32Array {
  const columns = codes.length / rows;
  const each = Math.ceil((columns * bits) / 32);
  const words = new Int32Array(rows * each);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const code = codes[row * columns + column] as number;
      const [word, offset] = [row * each + ((column * bits) >> 5), (column * bits) & 31];
      words[word] = (words[word] as number) | (code << offset);
      if (offset + bits > 32) words[word + 1] = (words[word + 1] as number) | (code >>> (32 - offset));
    }
  return words;
}

/** The codes that packRows made words of, [rows, columns]. */
export function unpackRows(words: Int32Array, rows: number, columns: number, bits: number): Int32Array {
  const each = words.length / rows;
  const mask = 2 ** bits - 1;
  return Int32Array.from({ length: rows * columns }, (_, i) => {
    const at = (i % columns) * bits;
    const [word, offset] = [Math.floor(i / columns) * each + (at >> 5), at & 31];
    const low = (words[word] as number) >>> offset;
    const high = offset + bits > 32 ? (words[word + 1] as number) << (32 - offset) : 0;
    return (low | high) & mask;
  });
}

/** A layer's codes and zero points, both 0..2^bits - 1. */
export interface FittedCodes {
  /** As many as are needed: the quantizer's, or more where a zero point would not fit. */
  readonly bits: number;
  /** In the order of the given ones. */
  readonly codes: Int32Array;
  /** One for each output channel. */
  readonly zero: Int32Array;
  readonly scale: Float32Array;
}

/** Codes and zero points that fit into as few bits as possible; null where 8 are not enough. */
export function fitToBits({ bits, codes, scale, zero }: LayerCodes, channels: number): FittedCodes | null {
  const zeros = Int32Array.from({ length: channels }, (_, c) => zero[c % zero.length] as number);
  const [low, high] = [zeros.slice(), zeros.slice()];
  codes.forEach((code, i) => {
    const c = i % channels;
    low[c] = Math.min(low[c] as number, code);
    high[c] = Math.max(high[c] as number, code);
  });
  const widest = low.reduce((most, value, c) => Math.max(most, (high[c] as number) - value + 1), 1);
  const own = Math.max(bits, Math.ceil(Math.log2(widest)));
  if (own > 8) return null;
  const top = 2 ** own - 1;
  const moves = low.map((value, c) => (value < 0 ? -value : Math.min(0, top - (high[c] as number))));
  return {
    bits: own,
    codes: codes.map((code, i) => code + (moves[i % channels] as number)),
    zero: zeros.map((value, c) => value + (moves[c] as number)),
    scale: Float32Array.from({ length: channels }, (_, c) => scale[c % scale.length] as number),
  };
}
