/**
 * A bank in the host's memory, for data sets that do not fit the device: its images pass through a small
 * staging buffer on the device just ahead of the iterations that use them (streaming.ts).
 */
import { BadInput } from "../base/errors";
import type { Bank } from "./device";
import { mebibytes } from "./memory";
import { decode, encode, type Storage, storedWords } from "./storage";

const CHUNK_BYTES = 64 * 2 ** 20;

export class HostBank implements Bank {
  readonly place = "host";
  /** Words of one image as stored. */
  readonly words: number;
  private readonly chunks: Uint32Array[] = [];
  private readonly each: number;

  constructor(
    readonly count: number,
    readonly elements: number,
    readonly storage: Storage,
  ) {
    this.words = storedWords(elements, storage);
    this.each = Math.max(1, Math.floor(CHUNK_BYTES / (this.words * 4)));
    try {
      for (let first = 0; first < count; first += this.each) this.chunks.push(new Uint32Array(Math.min(this.each, count - first) * this.words));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BadInput(
        `The host has no memory for a cache of ${mebibytes(count * this.words * 4)} MiB; use fewer calibration images or half-precision caches.`,
      );
    }
  }

  /** The stored words of one image. */
  image(index: number): Uint32Array {
    const chunk = this.chunks[Math.floor(index / this.each)];
    if (!chunk) throw new Error(`Image ${index} is not among the bank's ${this.count}`);
    const at = (index % this.each) * this.words;
    return chunk.subarray(at, at + this.words);
  }

  write(first: number, data: Float32Array): void {
    const stored = encode(data, this.elements, this.storage);
    for (let i = 0; i * this.words < stored.length; i++) this.image(first + i).set(stored.subarray(i * this.words, (i + 1) * this.words));
  }

  read(first: number, count: number): Promise<Float32Array> {
    const stored = new Uint32Array(count * this.words);
    for (let i = 0; i < count; i++) stored.set(this.image(first + i), i * this.words);
    return Promise.resolve(decode(stored, this.elements, this.storage));
  }

  dispose(): void {
    this.chunks.length = 0;
  }
}
