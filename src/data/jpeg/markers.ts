/**
 * What a JPEG file says of itself before it is decoded. A file is a row of marked segments; a segment has a
 * length, and the compressed data after a scan's header has none, but there a byte 0xFF is always followed by 0
 * or by a restart marker. So the file can be walked from marker to marker without decoding it: far enough to
 * count the colour components, and to see whether it reaches its end marker or was cut off.
 */

const START = 0xd8;
const END = 0xd9;
/** Marks of a frame header that are something else: Huffman tables, an extension, arithmetic coding. */
const NO_FRAME = [0xc4, 0xc8, 0xcc];

export interface JpegOutline {
  /** Of the frame header: 1 grey, 3 colour, 4 CMYK; 0 where there is no header. */
  readonly components: number;
  /** Of the frame header, in pixels. */
  readonly height: number;
  readonly width: number;
  /** Whether the end marker was reached. */
  readonly ended: boolean;
}

export function outlineJpeg(bytes: Uint8Array): JpegOutline {
  let [components, height, width] = [0, 0, 0];
  let at = 0;
  const outline = (ended: boolean): JpegOutline => ({ components, height, width, ended });
  const pair = (from: number) => ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return outline(false);
    const marker = bytes[at + 1] as number;
    if (marker === END) return outline(true);
    if (marker === 0xff) at += 1;
    else if (marker <= 1 || (marker >= 0xd0 && marker <= START)) at += 2;
    else {
      // A frame header: length, precision, lines, columns, components.
      if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.includes(marker))
        [height, width, components] = [pair(at + 5), pair(at + 7), bytes[at + 9] ?? 0];
      at += 2 + pair(at + 2);
    }
  }
}
