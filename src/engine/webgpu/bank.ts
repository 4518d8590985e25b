/** A bank on the GPU: as many buffers as the adapter's binding limit asks for, each a run of images. */
import type { Bank } from "../device";
import type { GpuContext } from "./context";

export class WebGpuBank implements Bank {
  readonly chunks: readonly { readonly buffer: GPUBuffer; readonly first: number; readonly count: number }[];

  constructor(
    private readonly context: GpuContext,
    readonly count: number,
    readonly elements: number,
  ) {
    const limit = Math.min(context.gpu.limits.maxStorageBufferBindingSize, context.gpu.limits.maxBufferSize);
    const most = Math.max(1, Math.floor(limit / (elements * 4)));
    this.chunks = Array.from({ length: Math.ceil(count / most) }, (_, i) => {
      const images = Math.min(most, count - i * most);
      return { buffer: context.buffer(images * elements), first: i * most, count: images };
    });
  }

  write(first: number, data: Float32Array): void {
    const images = data.length / this.elements;
    for (const chunk of this.chunks) {
      const from = Math.max(first, chunk.first);
      const to = Math.min(first + images, chunk.first + chunk.count);
      if (from >= to) continue;
      const part = data.subarray((from - first) * this.elements, (to - first) * this.elements);
      this.context.gpu.queue.writeBuffer(chunk.buffer, (from - chunk.first) * this.elements * 4, part as Float32Array<ArrayBuffer>);
    }
  }

  async read(first: number, count: number): Promise<Float32Array> {
    const out = new Float32Array(count * this.elements);
    for (const chunk of this.chunks) {
      const from = Math.max(first, chunk.first);
      const to = Math.min(first + count, chunk.first + chunk.count);
      if (from >= to) continue;
      const part = await this.context.read(chunk.buffer, (from - chunk.first) * this.elements, (to - from) * this.elements);
      out.set(part, (from - first) * this.elements);
    }
    return out;
  }

  dispose(): void {
    for (const { buffer } of this.chunks) buffer.destroy();
  }
}
