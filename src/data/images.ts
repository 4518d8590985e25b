/** A set of images in memory, all of one size. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (RGB); any number where the pixels are floats. */
  readonly channels: number;
  /**
   * [count, height, width, channels]. Bytes 0..255 are images before normalization; floats are what the network takes,
   * already preprocessed.
   */
  readonly pixels: Uint8Array | Float32Array;
  /** One class index an image, or one a position where `labelSize` is given; null where the source has none. */
  readonly labels: Int32Array | null;
  /** Height and width of each image's labels where its positions have their own, as for segmentation. */
  readonly labelSize?: readonly [height: number, width: number];
  readonly classNames: readonly string[] | null;
}

/** A set of images before normalization. */
export interface ByteImages extends ImageSet {
  readonly pixels: Uint8Array;
}

/** One decoded picture. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [height, width, channels], 0..255. */
  readonly pixels: Uint8Array;
}

/** Whether images were preprocessed before they came: nothing is resized, cropped or normalized then. */
export function isPreprocessed({ pixels }: Pick<ImageSet, "pixels">): boolean {
  return pixels instanceof Float32Array;
}

/** The first `count` images, or all if there are fewer. */
export function firstImages(set: ImageSet, count: number): ImageSet {
  if (count >= set.count) return set;
  const size = set.height * set.width * set.channels;
  return { ...set, count, pixels: set.pixels.subarray(0, count * size), labels: set.labels?.subarray(0, count * labelsEach(set)) ?? null };
}

/** How many labels an image has. */
export function labelsEach({ labelSize }: Pick<ImageSet, "labelSize">): number {
  return labelSize ? labelSize[0] * labelSize[1] : 1;
}

/** The images of these places, in their order. */
export function someImages(set: ImageSet, places: readonly number[]): ImageSet {
  const size = set.height * set.width * set.channels;
  const make = set.pixels instanceof Float32Array ? Float32Array : Uint8Array;
  const pixels = new make(places.length * size);
  for (const [i, place] of places.entries()) pixels.set(set.pixels.subarray(place * size, (place + 1) * size), i * size);
  const each = labelsEach(set);
  const labels = set.labels && new Int32Array(places.length * each);
  for (const [i, place] of places.entries()) labels?.set(set.labels?.subarray(place * each, (place + 1) * each) ?? [], i * each);
  return { ...set, count: places.length, pixels, labels };
}

/** `count` places of a set of `all`, evenly spread: the first few images of a folder may all be of one class. */
export function spread(all: number, count: number): number[] {
  return Array.from({ length: Math.min(all, count) }, (_, i) => Math.floor((i * all) / Math.min(all, count)));
}
