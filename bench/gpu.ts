/**
 * WebGPU in Node: dawn's `navigator.gpu`, given to the competitors too, and a device of ours whose buffers
 * are counted.
 */

import { MemoryMeter } from "../src/engine/memory";
import { describeAdapter, isSoftware } from "../src/engine/webgpu/adapter";
import { GpuContext } from "../src/engine/webgpu/context";
import { defaultBudget, WebGpuDevice } from "../src/engine/webgpu/device";

let gpu: GPU | null = null;

/**
 * Makes `navigator` what a browser's worker would see: WebGPU where dawn finds an adapter, and the number of
 * cores that libraries start threads by.
 */
export async function provideNavigator(threads: number): Promise<void> {
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    gpu = create([]) as GPU;
    if (!(await gpu.requestAdapter())) gpu = null;
  } catch {
    gpu = null;
  }
  const value = { userAgent: `Node ${process.version}`, hardwareConcurrency: threads, ...(gpu ? { gpu } : {}) };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
}

export interface CountedGpu {
  readonly device: WebGpuDevice;
  readonly gpu: GPUDevice;
  readonly description: string;
  /** Computes on the CPU. */
  readonly software: boolean;
  /** Buffers that exist. */
  live(): number;
}

/** Our device on the first adapter, or null where there is none. */
export async function openGpu(): Promise<CountedGpu | null> {
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  const live = new Set<GPUBuffer>();
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      return destroy();
    };
    live.add(buffer);
    return buffer;
  };
  const description = describeAdapter(adapter.info);
  return {
    device: new WebGpuDevice(new GpuContext(device, new MemoryMeter(defaultBudget(adapter.limits))), description),
    gpu: device,
    description,
    software: isSoftware(adapter.info),
    live: () => live.size,
  };
}
