/** What tensors whose words the host can reach have in common: numbers in and out, image by image. */
import type { DatasetTensor } from "./device";
import { decode, encode, type Storage, storedWords } from "./storage";

export abstract class StoredTensor implements DatasetTensor {
  abstract readonly place: "device" | "host";
  /** Words of one image as stored. */
  readonly words: number;

  constructor(
    readonly count: number,
    readonly elements: number,
    readonly storage: Storage,
  ) {
    this.words = storedWords(elements, storage);
  }

  /** The stored words of one image, where they are. */
  abstract image(index: number): Uint32Array;

  abstract dispose(): void;

  write(first: number, data: Float32Array): void {
    const stored = encode(data, this.elements, this.storage);
    for (let i = 0; i * this.words < stored.length; i++) this.image(first + i).set(stored.subarray(i * this.words, (i + 1) * this.words));
  }

  read(first: number, count: number): Promise<Float32Array> {
    const stored = new Uint32Array(count * this.words);
    for (let i = 0; i < count; i++) stored.set(this.image(first + i), i * this.words);
    return Promise.resolve(decode(stored, this.elements, this.storage));
  }
}
