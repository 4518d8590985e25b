/** From pixels to what the network takes: size first, then normalization. */
import { BadInput } from "../base/errors";
import type { ImageSet, Picture } from "./images";
import { centreCrop, resize } from "./resize";

export interface Preprocessing {
  /** Shorter side after resizing, [height, width] exactly, or null to leave the size. */
  readonly resize: number | readonly [number, number] | null;
  /** [height, width] of a centre crop after resizing, or null. */
  readonly crop: readonly [number, number] | null;
  /** By channel, in units of 0..1: the network sees (pixel / 255 - mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly channelOrder: "rgb" | "bgr";
}

/** The size that a picture is resized to. */
export function resizedTo([height, width]: readonly [number, number], target: Preprocessing["resize"]): readonly [number, number] {
  if (target === null) return [height, width];
  if (typeof target !== "number") return target;
  const shorter = Math.min(height, width);
  return [Math.floor((height * target) / shorter), Math.floor((width * target) / shorter)];
}

/** Resizes and crops one picture; `name` is for the error. */
export function fitSize(picture: Picture, { resize: target, crop }: Preprocessing, name: string): Picture {
  const result = resize(picture, ...resizedTo([picture.height, picture.width], target));
  if (!crop) return result;
  if (result.height < crop[0] || result.width < crop[1])
    throw new BadInput(`${name} is ${result.height}x${result.width} before the crop of ${crop.join("x")}; resize it to at least that.`);
  return centreCrop(result, crop[0], crop[1]);
}

/**
 * The network's input for images [first, first + count): [count, height * width * channels]. Images that came as floats
 * are that already.
 */
export function normalize(set: ImageSet, { mean, std, channelOrder }: Preprocessing, first: number, count: number): Float32Array {
  const { channels } = set;
  const size = set.height * set.width * channels;
  if (set.pixels instanceof Float32Array) return set.pixels.slice(first * size, (first + count) * size);
  const at = (values: readonly number[], c: number) => values[values.length === 1 ? 0 : c] as number;
  // A byte has 256 values: the arithmetic is done once for each, in the order of float32 PyTorch.
  const tables = Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: 256 }, (_, byte) =>
      Math.fround(Math.fround(Math.fround(byte / 255) - Math.fround(at(mean, c))) / Math.fround(at(std, c))),
    ),
  );
  const out = new Float32Array(count * size);
  const source = set.pixels.subarray(first * size, (first + count) * size);
  for (let i = 0; i < out.length; i += channels)
    for (let c = 0; c < channels; c++) {
      const from = channelOrder === "bgr" && channels === 3 ? 2 - c : c;
      out[i + c] = (tables[c] as Float32Array)[source[i + from] as number] as number;
    }
  return out;
}
