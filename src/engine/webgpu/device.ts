/** The WebGPU device: which adapter it takes and how it describes it. */
import { BadInput } from "../../base/errors";
import type { Bank, Device, DeviceInfo, Executable } from "../device";
import type { Program } from "../program";
import { WebGpuBank } from "./bank";
import { GpuContext } from "./context";
import { compileProgram } from "./executable";

export async function createWebGpuDevice(gpu: GPU | undefined): Promise<WebGpuDevice> {
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new BadInput("This browser or machine offers no WebGPU adapter; choose the wasm device.");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  return new WebGpuDevice(new GpuContext(device), describeAdapter(adapter.info));
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

  constructor(
    private readonly context: GpuContext,
    description: string,
  ) {
    this.info = { kind: "webgpu", description, threads: 1 };
  }

  createBank(count: number, elements: number): Bank {
    return new WebGpuBank(this.context, count, elements);
  }

  compile(program: Program, banks: ReadonlyMap<string, Bank>): Promise<Executable> {
    return compileProgram(this.context, program, banks);
  }

  dispose(): void {
    this.context.dispose();
  }
}
