/** PNG and JPEG files, in a folder or a zip, with a folder for each class or without. */
import { decode as decodePng } from "fast-png";
import { decode as decodeJpeg } from "jpeg-js";
import { BadInput } from "../base/errors";
import type { InputFile, ReadProgress } from "./files";
import type { ImageSet, Picture } from "./images";
import { fitSize, type Preprocessing } from "./preprocess";

const PICTURE = /\.(png|jpe?g)$/i;

export function isPicture(path: string): boolean {
  return PICTURE.test(path) && !/(^|\/)(\.|__MACOSX)/.test(path);
}

/** Decodes with the same code everywhere: browsers' own decoders differ in their last bits. */
function decode({ path, bytes }: InputFile): Picture {
  try {
    if (/\.png$/i.test(path)) {
      const png = decodePng(bytes);
      const { width, height, channels, depth, palette } = png;
      const pixels = new Uint8Array(width * height * (palette || channels > 2 ? 3 : 1));
      const to = pixels.length / (width * height);
      for (let i = 0; i < width * height; i++)
        for (let c = 0; c < to; c++) {
          const value = palette ? (palette[png.data[i] as number]?.[c] as number) : (png.data[i * channels + c] as number);
          pixels[i * to + c] = depth === 16 && !palette ? value >> 8 : value;
        }
      return { width, height, channels: to, pixels };
    }
    const { width, height, data } = decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false, maxMemoryUsageInMB: 1024 });
    return { width, height, channels: 3, pixels: data };
  } catch (error) {
    throw new BadInput(`${path} cannot be decoded (${error instanceof Error ? error.message : error}); replace or remove it.`);
  }
}

function folderOf(path: string): string {
  return path.split("/").at(-2) ?? "";
}

/** @param preprocessing resizing and cropping, so that pictures of many sizes become one */
export async function readPictures(
  files: readonly InputFile[],
  preprocessing: Preprocessing,
  source: string,
  onProgress: ReadProgress,
): Promise<ImageSet> {
  const pictures = files.filter(({ path }) => isPicture(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  if (pictures.length === 0) throw new BadInput(`${source} holds no PNG or JPEG image; expected images, or a folder of images for each class.`);
  const folders = [...new Set(pictures.map(({ path }) => folderOf(path)))].sort();
  const numbered = folders.every((name) => /^\d+$/.test(name));
  const labelled = folders.length > 1 || numbered;
  let first: Picture | null = null as Picture | null;
  let pixels = new Uint8Array(0);
  for (const [i, file] of pictures.entries()) {
    let picture = fitSize(decode(file), preprocessing, file.path);
    if (first?.channels === 3 && picture.channels === 1) picture = toColour(picture);
    if (!first) {
      first = picture;
      pixels = new Uint8Array(pictures.length * picture.pixels.length);
    }
    if (picture.height !== first.height || picture.width !== first.width || picture.channels !== first.channels)
      throw new BadInput(
        `${file.path} is ${sizeText(picture)} where ${pictures[0]?.path} is ${sizeText(first)}; set a resize and crop that make all images one size.`,
      );
    pixels.set(picture.pixels, i * picture.pixels.length);
    if (i % 8 === 0) await onProgress(i / pictures.length);
  }
  const { height, width, channels } = first as Picture;
  const label = ({ path }: InputFile) => (numbered ? Number(folderOf(path)) : folders.indexOf(folderOf(path)));
  const labels = labelled ? Int32Array.from(pictures, label) : null;
  return { count: pictures.length, height, width, channels, pixels, labels, classNames: labelled && !numbered ? folders : null };
}

function sizeText({ height, width, channels }: Picture): string {
  return `${height}x${width} with ${channels} channel${channels === 1 ? "" : "s"}`;
}

function toColour({ height, width, pixels }: Picture): Picture {
  const colour = new Uint8Array(pixels.length * 3);
  pixels.forEach((value, i) => {
    colour.fill(value, i * 3, i * 3 + 3);
  });
  return { height, width, channels: 3, pixels: colour };
}
