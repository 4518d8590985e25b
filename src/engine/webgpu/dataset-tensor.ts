/** A tensor on the GPU: as many buffers as the adapter's binding limit asks for, each a run of images. */
import type { DatasetTensor } from "../device";
import { decode, encode, type Storage, storedWords } from "../storage";
import type { GpuContext } from "./context";

export class WebGpuTensor implements DatasetTensor {
  readonly place = "device";
  /** Words of one image as stored. */
  readonly words: number;
  readonly chunks: { readonly buffer: GPUBuffer; readonly first: number; readonly count: number }[] = [];

  constructor(
    private readonly context: GpuContext,
    readonly count: number,
    readonly elements: number,
    readonly storage: Storage,
  ) {
    this.words = storedWords(elements, storage);
    const limit = Math.min(context.gpu.limits.maxStorageBufferBindingSize, context.gpu.limits.maxBufferSize);
    const most = Math.max(1, Math.floor(limit / (this.words * 4)));
    try {
      for (let first = 0; first < count; first += most) {
        const images = Math.min(most, count - first);
        this.chunks.push({ buffer: context.buffer(images * this.words), first, count: images });
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  write(first: number, data: Float32Array): void {
    const stored = encode(data, this.elements, this.storage);
    const images = stored.length / this.words;
    for (const chunk of this.chunks) {
      const from = Math.max(first, chunk.first);
      const to = Math.min(first + images, chunk.first + chunk.count);
      if (from >= to) continue;
      const part = stored.subarray((from - first) * this.words, (to - first) * this.words);
      this.context.gpu.queue.writeBuffer(chunk.buffer, (from - chunk.first) * this.words * 4, part as Uint32Array<ArrayBuffer>);
    }
  }

  async read(first: number, count: number): Promise<Float32Array> {
    const stored = new Uint32Array(count * this.words);
    for (const chunk of this.chunks) {
      const from = Math.max(first, chunk.first);
      const to = Math.min(first + count, chunk.first + chunk.count);
      if (from >= to) continue;
      const part = await this.context.read(chunk.buffer, (from - chunk.first) * this.words, (to - from) * this.words);
      stored.set(new Uint32Array(part.buffer), (from - first) * this.words);
    }
    return decode(stored, this.elements, this.storage);
  }

  dispose(): void {
    for (const { buffer } of this.chunks.splice(0)) this.context.release(buffer);
  }
}
