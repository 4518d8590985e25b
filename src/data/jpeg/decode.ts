/**
 * JPEG by mozjpeg in WebAssembly: the same code, and so the same pixels, in every browser and in Node, and
 * the pixels of libjpeg-turbo, which Pillow and torchvision decode with. This module is imported only when a
 * JPEG comes; it runs in a worker as well as in Node.
 *
 * A grey file becomes three equal channels. Orientation tags are not followed, as in Pillow and torchvision.
 *
 * The decoder is written for the command line: what it cannot do it prints and then exits, after which its
 * memory is of no use and a new instance is made. What a file lacks it fills with grey and merely warns; the
 * first warning is read here, so that a truncated picture is refused. It tolerates what libjpeg tolerates
 * otherwise, such as stray bytes between segments, because data sets in use hold such files.
 */
import factory from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { BadInput } from "../../base/errors";
import type { InputFile } from "../files";
import type { Picture } from "../images";
import { checkDimensions } from "../limits";
import { openCodec } from "../wasm-codec";
import { outlineJpeg } from "./markers";
import { MOZJPEG } from "./mozjpeg.generated";

interface Decoder {
  /** Red, green, blue and opacity. */
  decode(file: Uint8Array, turn: boolean): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null;
}

let decoder: Decoder | null = null;
/** What the decoder printed about the present file. */
let printed: string[] = [];

const open = () => openCodec<Decoder>(factory, MOZJPEG, (line) => printed.push(line));

/** @throws BadInput for a file that is truncated, CMYK or otherwise cannot be decoded */
export async function decodeJpeg({ path, bytes }: InputFile): Promise<Picture> {
  const truncated = () => new BadInput(`${path} is truncated: its data end before the picture is complete; replace or remove it.`);
  const { components, ended, height: lines, width: columns } = outlineJpeg(bytes);
  if (components === 4) throw new BadInput(`${path} is a CMYK JPEG, expected grey or RGB; convert it to RGB or remove it.`);
  if (!ended) throw truncated();
  if (components > 0) checkDimensions(path, lines, columns);
  const opened = decoder ?? (await open());
  // From here to the pixels nothing waits, so that what is printed belongs to this file.
  decoder = opened;
  printed = [];
  let image: ReturnType<Decoder["decode"]>;
  try {
    image = opened.decode(bytes, false);
  } catch (error) {
    decoder = null;
    throw new BadInput(`${path} cannot be decoded (${printed.at(-1) ?? (error as Error).message}); replace or remove it.`);
  }
  if (printed.some((line) => /premature end/i.test(line))) throw truncated();
  if (!image) throw new BadInput(`${path} cannot be decoded (${printed.at(-1) ?? "damaged data"}); replace or remove it.`);
  const { width, height, data } = image;
  const pixels = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from] as number;
    pixels[to + 1] = data[from + 1] as number;
    pixels[to + 2] = data[from + 2] as number;
  }
  return { width, height, channels: 3, pixels };
}
