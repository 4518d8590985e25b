/**
 * Built-in pictures that are drawn when they are wanted and kept: drawing takes a millisecond each, so that thousands are drawn ahead
 * while nothing else is asked for, and what was drawn before somebody asked for something else is not drawn again.
 */
import type { ReadProgress } from "./files";
import { firstImages, type ImageSet } from "./images";
import { drawShapesAt, type ShapeSplit } from "./procedural";

/** Pictures between two breaths. */
const CHUNK = 32;

export class Album {
  private drawn: ImageSet;
  private readonly chunks: ImageSet[] = [];
  private count = 0;

  constructor(
    private readonly split: ShapeSplit,
    private readonly seed: number,
  ) {
    this.drawn = drawShapesAt(split, [], seed);
  }

  /** The first pictures of the split. @param onProgress may stop the drawing by throwing; what is drawn stays */
  async first(count: number, onProgress: ReadProgress): Promise<ImageSet> {
    while (this.count < count) {
      await onProgress(this.count / count);
      const places = Array.from({ length: Math.min(CHUNK, count - this.count) }, (_, i) => this.count + i);
      this.chunks.push(drawShapesAt(this.split, places, this.seed));
      this.count += places.length;
    }
    if (this.chunks.length > 0) this.drawn = joined([this.drawn, ...this.chunks.splice(0)], this.count);
    return firstImages(this.drawn, count);
  }
}

function joined(sets: readonly ImageSet[], count: number): ImageSet {
  const { height, width, channels } = sets[0] as ImageSet;
  const size = height * width * channels;
  const [pixels, labels] = [new Uint8Array(count * size), new Int32Array(count)];
  let at = 0;
  for (const set of sets) {
    pixels.set(set.pixels, at * size);
    labels.set(set.labels as Int32Array, at);
    at += set.count;
  }
  return { ...(sets[0] as ImageSet), count, pixels, labels };
}
