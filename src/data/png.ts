/**
 * PNG of every depth and kind to bytes of one channel (grey) or three (RGB, and palettes).
 *
 * Depths below 8 are packed, several pixels a byte, and every row starts at a byte of its own; grey values
 * are stretched so that the greatest is 255. Of 16 bits the upper 8 are kept, as Pillow and libpng do.
 * Transparency is dropped, whether it is a channel, a palette's or a single colour's: the stored colour stands
 * as it is, as Pillow's convert("RGB") and torchvision's loader have it, and no background is made up.
 */
import { type DecodedPng, decode, hasPngSignature } from "fast-png";
import { BadInput } from "../base/errors";
import type { InputFile } from "./files";
import type { Picture } from "./images";
import { checkDimensions } from "./limits";

/**
 * @param path for errors
 * @throws Error for a damaged file, and for a rare kind that is not read
 */
export function decodePng(file: InputFile): Picture {
  const png = decoded(file);
  const { width, height, channels } = png;
  const values = png.depth < 8 ? unpack(png) : png.data;
  // A picture in full colour may carry a palette too, as advice for poor screens.
  if (png.palette && channels === 1) return fromPalette(values, png.palette, width, height);
  const kept = channels > 2 ? 3 : 1;
  const [factor, shift] = png.depth < 8 ? [255 / (2 ** png.depth - 1), 0] : [1, png.depth - 8];
  const pixels = new Uint8Array(width * height * kept);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < kept; c++) pixels[i * kept + c] = ((values[i * channels + c] as number) * factor) >> shift;
  return { width, height, channels: kept, pixels };
}

/**
 * The numbers of a picture of one channel as they are stored: grey values that are not stretched, places in a palette.
 * @throws BadInput for a file that is no such PNG
 */
export function decodePngIndices(file: InputFile): Picture {
  const { path, bytes } = file;
  if (!hasPngSignature(bytes)) throw new BadInput(`${path} is no PNG by its content; label pictures are PNGs with a class number in each pixel.`);
  let png: DecodedPng;
  try {
    png = decoded(file);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(`${path} cannot be decoded (${error instanceof Error ? error.message : error}); replace or remove it.`);
  }
  const { width, height, channels, depth } = png;
  if (channels !== 1 || depth > 8)
    throw new BadInput(
      `${path} has ${channels} channel${channels === 1 ? "" : "s"} of ${depth} bits; label pictures hold a class number in each pixel, in one channel of up to 8 bits or as a palette: convert its colours to class numbers.`,
    );
  const pixels = depth < 8 ? unpack(png) : Uint8Array.from(png.data);
  return { width, height, channels: 1, pixels };
}

function decoded({ path, bytes }: InputFile): DecodedPng {
  // The header has a fixed place: width and height from byte 16, depth at byte 24, interlacing at byte 28.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 33) throw new Error("its data end within the header");
  checkDimensions(path, view.getUint32(20), view.getUint32(16));
  if ((bytes[24] as number) < 8 && bytes[28] === 1) throw new Error("it is interlaced with fewer than 8 bits; save it without interlacing");
  return decode(bytes, { checkCrc: true });
}

/** Only grey and palettes have depths below 8: one value a pixel, the first in the upper bits. */
function unpack({ data, width, height, depth }: DecodedPng): Uint8Array {
  const line = Math.ceil((width * depth) / 8);
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      values[y * width + x] = ((data[y * line + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  return values;
}

function fromPalette(indices: ArrayLike<number>, palette: readonly (readonly number[])[], width: number, height: number): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const colour = palette[indices[i] as number];
    if (!colour) throw new Error(`a pixel has colour ${indices[i]} of a palette of ${palette.length}`);
    for (let c = 0; c < 3; c++) pixels[i * 3 + c] = colour[c] as number;
  }
  return { width, height, channels: 3, pixels };
}
