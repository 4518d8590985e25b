/**
 * How a tensor stores its numbers: 32-bit floats, or IEEE 754 half floats, two in a word, for caches at half
 * the memory. Halves are rounded to nearest, ties to even, in the kernels (assembly/half.ts) and here alike.
 * Values beyond 65,504 become infinite; below 6e-8 they become zero.
 */
export const STORAGES = ["f32", "f16"] as const;
export type Storage = (typeof STORAGES)[number];

/** Words that an image of `elements` numbers takes. */
export function storedWords(elements: number, storage: Storage): number {
  return storage === "f32" ? elements : Math.ceil(elements / 2);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits of the half nearest to a single. */
export function toHalf(value: number): number {
  float[0] = value;
  const word = bits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size < 0x38800000) {
    // Below the smallest normal half: adding 0.5 leaves the rounded half in the low bits of the sum.
    bits[0] = size;
    float[0] = (float[0] as number) + 0.5;
    return sign | ((bits[0] as number) - 0x3f000000);
  }
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** The single that a half stands for. */
export function fromHalf(half: number): number {
  const size = half & 0x7fff;
  bits[0] = size << 13;
  const value = size >= 0x7c00 ? (size > 0x7c00 ? Number.NaN : Number.POSITIVE_INFINITY) : (float[0] as number) * 2 ** 112;
  return half & 0x8000 ? -value : value;
}

/** Numbers of whole images as stored words. */
export function encode(data: Float32Array, elements: number, storage: Storage): Uint32Array {
  if (storage === "f32") return new Uint32Array(data.buffer, data.byteOffset, data.length);
  const words = storedWords(elements, storage);
  const images = data.length / elements;
  const out = new Uint32Array(images * words);
  const halves = new Uint16Array(out.buffer);
  for (let image = 0; image < images; image++)
    for (let i = 0; i < elements; i++) halves[image * words * 2 + i] = toHalf(data[image * elements + i] as number);
  return out;
}

/** The numbers of whole images of stored words. */
export function decode(words: Uint32Array, elements: number, storage: Storage): Float32Array {
  if (storage === "f32") return new Float32Array(words.buffer, words.byteOffset, words.length);
  const each = storedWords(elements, storage);
  const images = words.length / each;
  const halves = new Uint16Array(words.buffer, words.byteOffset, words.length * 2);
  const out = new Float32Array(images * elements);
  for (let image = 0; image < images; image++)
    for (let i = 0; i < elements; i++) out[image * elements + i] = fromHalf(halves[image * each * 2 + i] as number);
  return out;
}
