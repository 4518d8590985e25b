/**
 * The GPU as tensors and executables see it: buffers, pipelines by shader text, reads, and the first error
 * that the GPU reported outside a call of ours.
 */
import { BadInput, DeviceLost } from "../../base/errors";
import { type MemoryMeter, mebibytes } from "../memory";

/** How long a failure waits for the reason of it. */
const TOLD_MS = 500;

export class GpuContext {
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Thrown at the next opportunity. */
  private failure: Error | null = null;
  private disposed = false;

  constructor(
    readonly gpu: GPUDevice,
    readonly memory: MemoryMeter,
  ) {
    gpu.addEventListener("uncapturederror", ({ error }) => {
      this.failure ??= error instanceof GPUOutOfMemoryError ? this.full() : new Error(`The GPU reported: ${error.message}`);
    });
    void gpu.lost.then(({ message, reason }) => {
      // Whatever the GPU reported before that, it is of no use any more.
      if (!this.disposed) this.failure = new DeviceLost(message || reason);
    });
  }

  check(): void {
    if (this.failure) throw this.failure;
  }

  /** Waits for the GPU. @throws DeviceLost, BadInput or Error as the GPU reported it, rather than what the promise says of it */
  async settled<T>(promise: Promise<T>): Promise<T> {
    try {
      const value = await promise;
      this.check();
      return value;
    } catch (error) {
      // A promise may fail a moment before it is told why.
      if (!this.failure) await Promise.race([this.gpu.lost, new Promise((resolve) => setTimeout(resolve, TOLD_MS))]);
      this.check();
      throw error;
    }
  }

  pipeline(code: string, label: string): Promise<GPUComputePipeline> {
    let pipeline = this.pipelines.get(code);
    if (!pipeline) {
      const module = this.gpu.createShaderModule({ code, label });
      pipeline = this.settled(this.gpu.createComputePipelineAsync({ label, layout: "auto", compute: { module, entryPoint: "main" } }));
      this.pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  /** Copies words of a buffer to the host. */
  async read(source: GPUBuffer, offset: number, count: number): Promise<Float32Array> {
    const size = count * 4;
    const staging = this.gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = this.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset * 4, staging, 0, size);
    this.gpu.queue.submit([encoder.finish()]);
    try {
      await this.settled(staging.mapAsync(GPUMapMode.READ));
      return new Float32Array(staging.getMappedRange()).slice();
    } finally {
      staging.destroy();
    }
  }

  /** A zeroed storage buffer, counted against the budget until it is released. */
  buffer(words: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
    const size = bufferBytes(words);
    const most = this.gpu.limits.maxStorageBufferBindingSize;
    if (size > most)
      throw new BadInput(
        `A tensor of ${mebibytes(size)} MiB is larger than this GPU binds (${Math.floor(most / 2 ** 20)} MiB); use a smaller batch or the wasm device.`,
      );
    this.memory.take(size);
    return this.gpu.createBuffer({ size, usage });
  }

  release(buffer: GPUBuffer): void {
    this.memory.give(buffer.size);
    buffer.destroy();
  }

  /** The budget promised more than the GPU has. */
  private full(): BadInput {
    const used = mebibytes(this.memory.used);
    return new BadInput(`The GPU has no memory left at ${used} MiB; set a memory budget below that, so that caches are kept on the host.`);
  }

  dispose(): void {
    this.disposed = true;
    this.gpu.destroy();
  }
}

/** Bytes of a buffer of `words` words. */
export function bufferBytes(words: number): number {
  return Math.max(16, words * 4);
}
