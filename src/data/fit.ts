/**
 * Pictures and sets of pixels brought to the channels and the size that a network takes: grey for one channel and colour
 * for three as Pillow converts them, then resized and cropped.
 */
import type { ByteImages, Picture } from "./images";
import { fitSize, type Preprocessing } from "./preprocess";

/**
 * Grey of a colour picture by ITU-R BT.601 in Pillow's fixed point, or colour of three equal channels; pictures of other
 * numbers of channels, and for other networks, stay as they are.
 */
export function withChannels(picture: Picture, channels: number): Picture {
  if (picture.channels === channels) return picture;
  if (picture.channels === 1 && channels === 3) return { ...picture, channels, pixels: toColour(picture.pixels) };
  if (picture.channels === 3 && channels === 1) return { ...picture, channels, pixels: toGrey(picture.pixels) };
  return picture;
}

export function toColour(grey: Uint8Array): Uint8Array<ArrayBuffer> {
  const colour = new Uint8Array(grey.length * 3);
  for (let i = 0; i < colour.length; i++) colour[i] = grey[Math.floor(i / 3)] as number;
  return colour;
}

function toGrey(colour: Uint8Array): Uint8Array {
  const grey = new Uint8Array(colour.length / 3);
  for (let i = 0, from = 0; i < grey.length; i++, from += 3)
    grey[i] = (19595 * (colour[from] as number) + 38470 * (colour[from + 1] as number) + 7471 * (colour[from + 2] as number) + 0x8000) >> 16;
  return grey;
}

/**
 * A set whose source gives images of one size: those that have the network's size are taken as they are, others are
 * resized and cropped.
 * @param input height, width and channels that the network takes, or null where that is not known
 */
export function fitSet(set: ByteImages, preprocessing: Preprocessing, input: readonly number[] | null, source: string): ByteImages {
  const [height, width, channels = set.channels] = input ?? [];
  const size = set.height * set.width * set.channels;
  if (set.count === 0 || (set.channels === channels && set.height === height && set.width === width)) return set;
  const one = (i: number): Picture => {
    const { height, width, channels } = set;
    return { height, width, channels, pixels: set.pixels.subarray(i * size, (i + 1) * size) };
  };
  const fitted = (i: number): Picture => {
    const picture = withChannels(one(i), channels);
    return set.height === height && set.width === width ? picture : fitSize(picture, preprocessing, `Image ${i} of ${source}`);
  };
  const first = fitted(0);
  const pixels = new Uint8Array(set.count * first.pixels.length);
  for (let i = 0; i < set.count; i++) pixels.set(fitted(i).pixels, i * first.pixels.length);
  return { ...set, height: first.height, width: first.width, channels: first.channels, pixels };
}
