/**
 * What a file may claim of itself before memory is taken for it. A few bytes can declare a picture or an array of
 * gigabytes; declared sizes are therefore held against the bytes that are there, and against what no data set exceeds.
 */
import { BadInput } from "../base/errors";

/** Pixels of one picture: decoding takes up to eleven bytes for each. */
const MOST_PIXELS = 40e6;

/** Bytes of one file in an archive. */
const MOST_ENTRY = 2 ** 30;

/** Files of an archive: more than ImageNet has. */
const MOST_ENTRIES = 2e6;

/** Archives may unpack to so many bytes in any case, and to so many times their own size. */
const [FREE, MOST_GROWTH] = [2 ** 25, 40];

/** @throws BadInput for a picture that declares no pixels, or more than the lab decodes */
export function checkDimensions(path: string, height: number, width: number): void {
  if (height === 0 || width === 0) throw new BadInput(`${path} declares ${height}x${width} pixels; it is damaged: replace or remove it.`);
  if (height * width > MOST_PIXELS)
    throw new BadInput(
      `${path} declares ${height}x${width} pixels; pictures of up to ${MOST_PIXELS / 1e6} million are read: scale it down or remove it.`,
    );
}

/** @throws BadInput for a file of an archive that is larger than an image, or an array of images, may be */
export function checkEntry(path: string, size: number): void {
  if (size > MOST_ENTRY)
    throw new BadInput(`${path} declares ${size} bytes; files in archives are read up to 1 GiB: unpack the archive and choose a part of it.`);
}

/** @throws BadInput for an archive of more files than any data set has @param count so far */
export function checkEntries(archive: string, count: number): void {
  if (count > MOST_ENTRIES)
    throw new BadInput(`${archive} holds more than ${MOST_ENTRIES / 1e6} million files, as no data set does; unpack it and choose a part of it.`);
}

/**
 * Image data hardly shrink when they are compressed, while a file that was made to fill the memory grows a thousandfold.
 * @param packed bytes as stored
 * @param size bytes that they unpack to
 * @throws BadInput where that is beyond measure
 */
export function checkGrowth(path: string, packed: number, size: number): void {
  if (size > FREE && size > MOST_GROWTH * packed)
    throw new BadInput(`${path} unpacks to more than ${MOST_GROWTH} times its size, as no image data do; it is not read.`);
}
