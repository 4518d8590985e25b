/**
 * A tensor in the host's memory, for data sets that do not fit the device: its images pass through a small
 * staging buffer on the device just ahead of the iterations that use them (streaming.ts).
 */
import { BadInput } from "../base/errors";
import { mebibytes } from "./memory";
import type { Storage } from "./storage";
import { StoredTensor } from "./stored-tensor";

const CHUNK_BYTES = 64 * 2 ** 20;

export class HostTensor extends StoredTensor {
  readonly place = "host";
  private readonly chunks: Uint32Array[] = [];
  private readonly each: number;

  constructor(count: number, elements: number, storage: Storage) {
    super(count, elements, storage);
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

  image(index: number): Uint32Array {
    const chunk = this.chunks[Math.floor(index / this.each)];
    if (!chunk) throw new Error(`Image ${index} is not among the tensor's ${this.count}`);
    const at = (index % this.each) * this.words;
    return chunk.subarray(at, at + this.words);
  }

  dispose(): void {
    this.chunks.length = 0;
  }
}
