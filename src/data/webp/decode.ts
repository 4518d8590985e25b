/**
 * WebP by libwebp in WebAssembly: the same pixels in every browser and in Node, as Pillow has them from the same library.
 * This module is imported only when a WebP comes. Opacity is dropped, as it is for PNG; an animation is refused, since
 * nothing says which of its pictures is meant.
 */
import factory from "@jsquash/webp/codec/dec/webp_dec.js";
import { BadInput } from "../../base/errors";
import type { InputFile } from "../files";
import type { Picture } from "../images";
import { checkDimensions } from "../limits";
import { openCodec } from "../wasm-codec";
import { outlineWebp } from "./chunks";
import { LIBWEBP } from "./libwebp.generated";

interface Decoder {
  /** Red, green, blue and opacity; null for damaged data. */
  decode(file: Uint8Array): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null;
}

let decoder: Decoder | null = null;

/** @throws BadInput for a file that is truncated, animated or otherwise cannot be decoded */
export async function decodeWebp({ path, bytes }: InputFile): Promise<Picture> {
  const outline = outlineWebp(bytes);
  const damaged = () => new BadInput(`${path} cannot be decoded (damaged or truncated WebP data); replace or remove it.`);
  if (!outline || outline.size > bytes.length) throw damaged();
  if (outline.animated) throw new BadInput(`${path} is an animated WebP, expected a single picture; save one of its pictures instead.`);
  checkDimensions(path, outline.height, outline.width);
  decoder ??= await openCodec<Decoder>(factory, LIBWEBP, () => {});
  let image: ReturnType<Decoder["decode"]>;
  try {
    image = decoder.decode(bytes);
  } catch {
    // An instance that gave up is of no more use.
    decoder = null;
    throw damaged();
  }
  if (!image) throw damaged();
  const { width, height, data } = image;
  const pixels = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from] as number;
    pixels[to + 1] = data[from + 1] as number;
    pixels[to + 2] = data[from + 2] as number;
  }
  return { width, height, channels: 3, pixels };
}
