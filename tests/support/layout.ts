/** PyTorch's orders and ours. */
import { numbersOf } from "./shared";

/** OIHW to HWIO. */
export function toHwio(data: Float32Array, [o, i, h, w]: [number, number, number, number]): Float32Array {
  const out = new Float32Array(data.length);
  for (let a = 0; a < o; a++)
    for (let b = 0; b < i; b++) for (let t = 0; t < h * w; t++) out[(t * i + b) * o + a] = data[(a * i + b) * h * w + t] as number;
  return out;
}

/** NCHW to NHWC. */
export function toNhwc(data: Float32Array, [n, c, h, w]: [number, number, number, number]): Float32Array {
  const out = new Float32Array(data.length);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < c; b++) for (let p = 0; p < h * w; p++) out[(a * h * w + p) * c + b] = data[(a * c + b) * h * w + p] as number;
  return out;
}

interface FixtureTensor {
  shape: number[];
  data?: number[];
  base64?: string;
}

type Four = [number, number, number, number];

export function kernelOf(tensor: FixtureTensor): Float32Array {
  return toHwio(numbersOf(tensor), tensor.shape as Four);
}

export function imagesOf(tensor: FixtureTensor): Float32Array {
  return toNhwc(numbersOf(tensor), tensor.shape as Four);
}
