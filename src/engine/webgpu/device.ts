/** The WebGPU device: adapter, pipelines by shader text, and what to do when the GPU goes away. */
import { BadInput } from "../../base/errors";
import type { Bank, Device, DeviceInfo, Executable } from "../device";
import type { Program } from "../program";
import { WebGpuBank } from "./bank";
import { compileProgram } from "./executable";

export async function createWebGpuDevice(gpu: GPU | undefined): Promise<WebGpuDevice> {
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new BadInput("This browser or machine offers no WebGPU adapter; choose the wasm device.");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  return new WebGpuDevice(device, describeAdapter(adapter.info));
}

export function describeAdapter(info: GPUAdapterInfo): string {
  return info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(" ") || "unnamed adapter";
}

/** Whether an adapter computes on the CPU, where the wasm device is faster. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(`${describeAdapter(info)} ${info.architecture}`);
}

export class WebGpuDevice implements Device {
  readonly info: DeviceInfo;
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** The first error that the GPU reported outside a call of ours; thrown at the next opportunity. */
  private failure: Error | null = null;
  private disposed = false;

  constructor(
    readonly gpu: GPUDevice,
    description: string,
  ) {
    this.info = { kind: "webgpu", description, threads: 1 };
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

  createBank(count: number, elements: number): Bank {
    return new WebGpuBank(this, count, elements);
  }

  compile(program: Program, banks: ReadonlyMap<string, Bank>): Promise<Executable> {
    return compileProgram(this, program, banks);
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
