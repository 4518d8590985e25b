/**
 * Maps as pictures: one hue from pale to strong, or two where values have signs. The colours are the same in both themes and in
 * files, as those of a photograph are.
 */
export type Rgb = readonly [number, number, number];

const PALE: Rgb = [238, 242, 248];
const STRONG: Rgb = [18, 64, 143];
const MINUS: Rgb = [0, 120, 90];
const ZERO: Rgb = [250, 250, 250];

/** The colours of a ramp's ends, for legends. */
export const RAMP = { pale: "#eef2f8", strong: "#12408f", minus: "#00785a" } as const;

const mixed = (a: Rgb, b: Rgb, share: number): Rgb =>
  [0, 1, 2].map((i) => Math.round((a[i] as number) + ((b[i] as number) - (a[i] as number)) * share)) as unknown as Rgb;

export interface Range {
  readonly low: number;
  readonly high: number;
  /** Whether the two signs have hues of their own. */
  readonly signed: boolean;
}

/** The least and greatest of some maps. */
export function rangeOfMaps(maps: readonly Float32Array[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const map of maps)
    for (const value of map) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return { low, high, signed: false };
}

/** A range equally far to both signs. */
export function signedRange(maps: readonly Float32Array[]): Range {
  const { low, high } = rangeOfMaps(maps);
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { low: -most, high: most, signed: true };
}

export function colourOf(value: number, { low, high, signed }: Range): Rgb {
  if (signed) {
    const share = high > 0 ? Math.max(-1, Math.min(1, value / high)) : 0;
    return mixed(ZERO, share < 0 ? MINUS : STRONG, Math.abs(share));
  }
  return mixed(PALE, STRONG, high > low ? Math.max(0, Math.min(1, (value - low) / (high - low))) : 0);
}

/** Red, green, blue and alpha of each value. */
export function pixelsOf(values: Float32Array, range: Range): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (const [i, value] of values.entries()) pixels.set([...colourOf(value, range), 255], 4 * i);
  return pixels;
}

/** The picture of a map as an address that an image can show. */
export function pictureUrl(pixels: Uint8ClampedArray<ArrayBuffer>, columns: number, rows: number): string {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  return canvas.toDataURL();
}

/** Bytes of [rows, columns, channels] with an alpha; of other than three channels the first is shown in grey. */
export function pixelsOfPicture({ pixels, channels }: { readonly pixels: Uint8Array; readonly channels: number }): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray((4 * pixels.length) / channels);
  for (let i = 0; i < pixels.length / channels; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = pixels[i * channels + (channels === 3 ? c : 0)] as number;
    out[4 * i + 3] = 255;
  }
  return out;
}
