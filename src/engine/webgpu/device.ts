/** The WebGPU device: which adapter it takes and how it describes it. */
import { BadInput } from "../../base/errors";
import { allocate } from "../allocate";
import type { DatasetTensor, DatasetTensorOptions, Device, DeviceInfo, Executable } from "../device";
import { HostTensor } from "../host-tensor";
import { MemoryMeter } from "../memory";
import type { Program } from "../program";
import type { ScaleSearch } from "../scale-search";
import { storedWords } from "../storage";
import { createWasmDevice } from "../wasm/device";
import { WasmScaleSearch } from "../wasm/scale-search";
import { availableThreads, type StartHelper } from "../wasm/workers";
import { describeAdapter } from "./adapter";
import { bufferBytes, GpuContext } from "./context";
import { WebGpuTensor } from "./dataset-tensor";
import { COUNTER_BYTES, compileProgram, scratchOf } from "./executable";
import { dispatchesOf } from "./kernels";

const GIB = 2 ** 30;

/**
 * WebGPU does not tell how much memory an adapter has. The largest buffer that it offers is a fair sign (a
 * quarter of memory on many drivers, capped by browsers), so that much, but from 1 to 4 GiB, is taken.
 */
export function defaultBudget({ maxBufferSize }: GPUSupportedLimits): number {
  return Math.max(GIB, Math.min(4 * GIB, maxBufferSize));
}

/**
 * @param budget bytes of GPU memory; by default judged by the adapter's limits
 * @param start starts a thread of the search for scales, which the WebAssembly device makes; see wasm/workers.ts
 */
export async function createWebGpuDevice(gpu: GPU | undefined, budget?: number, start?: StartHelper): Promise<WebGpuDevice> {
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new BadInput("This browser or machine offers no WebGPU adapter; choose the wasm device.");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  const memory = new MemoryMeter(budget ?? defaultBudget(adapter.limits));
  return new WebGpuDevice(new GpuContext(device, memory), describeAdapter(adapter.info), start);
}

export class WebGpuDevice implements Device {
  readonly info: DeviceInfo;

  constructor(
    private readonly context: GpuContext,
    description: string,
    private readonly start: StartHelper | undefined = undefined,
  ) {
    this.info = { kind: "webgpu", description, threads: 1 };
  }

  get memory(): MemoryMeter {
    return this.context.memory;
  }

  createTensor(count: number, elements: number, { storage = "f32", place }: DatasetTensorOptions = {}): DatasetTensor {
    const chosen = place ?? (this.memory.fits(count * storedWords(elements, storage) * 4) ? "device" : "host");
    return chosen === "host" ? new HostTensor(count, elements, storage) : new WebGpuTensor(this.context, count, elements, storage);
  }

  footprint(program: Program): number {
    const elsewhere = { chunks: [], storage: "f32", words: 1, window: 0 } as const;
    let bytes = COUNTER_BYTES;
    for (const words of scratchOf(dispatchesOf(program.steps, () => elsewhere)).values()) bytes += bufferBytes(words);
    for (const words of allocate(program).slots) bytes += bufferBytes(words);
    for (const { role, size } of program.buffers.values()) if (role === "host") bytes += bufferBytes(size);
    return bytes;
  }

  compile(program: Program, tensors: ReadonlyMap<string, DatasetTensor>): Promise<Executable> {
    return compileProgram(this.context, program, tensors);
  }

  async openScaleSearch(): Promise<ScaleSearch> {
    const own = await createWasmDevice(availableThreads(), undefined, this.start);
    return new WasmScaleSearch(own, () => own.dispose());
  }

  dispose(): void {
    this.context.dispose();
  }
}
