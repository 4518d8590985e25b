/**
 * The GPU as banks and executables see it: buffers, pipelines by shader text, reads, and the first error
 * that the GPU reported outside a call of ours.
 */
import { BadInput } from "../../base/errors";

export class GpuContext {
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Thrown at the next opportunity. */
  private failure: Error | null = null;
  private disposed = false;

  constructor(readonly gpu: GPUDevice) {
    gpu.addEventListener("uncapturederror", (event) => {
      this.failure ??= new Error(`The GPU reported: ${event.error.message}`);
    });
    void gpu.lost.then((lost) => {
      if (!this.disposed) this.failure ??= new Error(`The GPU device was lost: ${lost.message || lost.reason}`);
    });
  }

  check(): void {
    if (this.failure) throw this.failure;
  }

  pipeline(code: string, label: string): Promise<GPUComputePipeline> {
    let pipeline = this.pipelines.get(code);
    if (!pipeline) {
      const module = this.gpu.createShaderModule({ code, label });
      pipeline = this.gpu.createComputePipelineAsync({ label, layout: "auto", compute: { module, entryPoint: "main" } });
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
    await staging.mapAsync(GPUMapMode.READ);
    const data = new Float32Array(staging.getMappedRange()).slice();
    staging.destroy();
    this.check();
    return data;
  }

  buffer(words: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
    const size = Math.max(16, words * 4);
    if (size > this.gpu.limits.maxStorageBufferBindingSize)
      throw new BadInput(
        `A tensor of ${Math.ceil(size / 2 ** 20)} MiB is larger than this GPU binds (${Math.floor(this.gpu.limits.maxStorageBufferBindingSize / 2 ** 20)} MiB); use a smaller batch or the wasm device.`,
      );
    return this.gpu.createBuffer({ size, usage });
  }

  dispose(): void {
    this.disposed = true;
    this.gpu.destroy();
  }
}
