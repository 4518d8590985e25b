/** A set of images in memory, all of one size, as they were before normalization. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (RGB). */
  readonly channels: number;
  /** [count, height, width, channels], 0..255. */
  readonly pixels: Uint8Array;
  /** One class index an image, or null where the source has none. */
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
}

/** One decoded picture. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [height, width, channels], 0..255. */
  readonly pixels: Uint8Array;
}
