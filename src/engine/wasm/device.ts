/**
 * The WebAssembly device: the reference for bits. The same program gives the same words on every machine,
 * in every browser and in Node, whatever the number of threads.
 */
import { ThreadFailure } from "../../base/errors";
import { allocate } from "../allocate";
import type { DatasetTensor, DatasetTensorOptions, Device, DeviceInfo, Executable } from "../device";
import { HostTensor } from "../host-tensor";
import { MemoryMeter } from "../memory";
import type { Program } from "../program";
import type { ScaleSearch } from "../scale-search";
import { tensorBytes, WasmTensor } from "./dataset-tensor";
import { type Runtime, WasmExecutable } from "./executable";
import { blockBytes, Heap } from "./heap";
import { WasmScaleSearch } from "./scale-search";
import { canShareMemory, type Helper, type StartHelper, startHelper } from "./workers";
import { workspaceOf } from "./workspace";

/** Control words in the memory, as in assembly/barrier.ts and serve.ts. */
const CONTROL = 64 >> 2;
const JOB_NUMBER = CONTROL + 2;
const JOB = CONTROL + 3;

/** Bytes: most of WebAssembly's four GiB of addresses, less what fragments. */
const DEFAULT_BUDGET = 3 * 2 ** 30;
/** What the rows of a plan take, generously. */
const PLAN_BYTES = 2 ** 18;

interface Exports {
  run(plan: number, rows: number, first: number, last: number, tid: number, threads: number): void;
}

/**
 * @param budget bytes of the heap
 * @param start starts a helper thread; see workers.ts
 */
export async function createWasmDevice(threads: number, budget: number = DEFAULT_BUDGET, start: StartHelper = startHelper): Promise<WasmDevice> {
  const shared = threads > 1 && canShareMemory();
  const module = await compiled(shared ? "THREADED" : "SINGLE");
  const memory = new MemoryMeter(budget);
  const heap = new Heap(shared, memory);
  const instance = await WebAssembly.instantiate(module, { env: { memory: heap.memory } });
  const count = shared ? threads : 1;
  const helpers = await Promise.all(Array.from({ length: count - 1 }, (_, i) => start({ module, memory: heap.memory, tid: i + 1 })));
  return new WasmDevice(heap, memory, instance.exports as unknown as Exports, helpers);
}

const modules = new Map<"SINGLE" | "THREADED", Promise<WebAssembly.Module>>();

/** The kernels, compiled once: a device that comes later has those that the engine has made fast meanwhile. */
function compiled(variant: "SINGLE" | "THREADED"): Promise<WebAssembly.Module> {
  const compile = async () => {
    // Not before a device is wanted: the page draws the network first.
    const kernels = await import("./kernels.generated");
    return WebAssembly.compile(Uint8Array.from(atob(kernels[variant]), (c) => c.charCodeAt(0)));
  };
  const known = modules.get(variant) ?? compile();
  modules.set(variant, known);
  known.catch(() => modules.delete(variant));
  return known;
}

export class WasmDevice implements Device, Runtime {
  readonly info: DeviceInfo;
  readonly threads: number;
  private job = 0;

  constructor(
    readonly heap: Heap,
    readonly memory: MemoryMeter,
    private readonly kernels: Exports,
    private readonly helpers: readonly Helper[],
  ) {
    this.threads = helpers.length + 1;
    const plural = this.threads === 1 ? "1 thread" : `${this.threads} threads`;
    this.info = { kind: "wasm", description: `WebAssembly SIMD, ${plural}`, threads: this.threads };
  }

  createTensor(count: number, elements: number, { storage = "f32", place }: DatasetTensorOptions = {}): DatasetTensor {
    const chosen = place ?? (this.memory.fits(tensorBytes(count, elements, storage)) ? "device" : "host");
    return chosen === "host" ? new HostTensor(count, elements, storage) : new WasmTensor(this.heap, count, elements, storage);
  }

  footprint(program: Program): number {
    const need = workspaceOf(program.steps, this.threads);
    let bytes = blockBytes(need.panels) + blockBytes(need.scratch * this.threads);
    for (const words of allocate(program).slots) bytes += blockBytes(words * 4);
    for (const { role, size } of program.buffers.values()) if (role === "host") bytes += blockBytes(size * 4);
    return bytes + PLAN_BYTES;
  }

  compile(program: Program, tensors: ReadonlyMap<string, DatasetTensor>): Promise<Executable> {
    return Promise.resolve(new WasmExecutable(this, program, tensors));
  }

  replay(plan: number, rows: number, first: number, last: number): void {
    if (this.threads > 1) {
      const control = this.heap.words(0, 64);
      control.set([plan, rows, first, last, this.threads], JOB);
      this.job = (this.job % 0x3fffffff) + 1;
      Atomics.store(control, JOB_NUMBER, this.job);
      Atomics.notify(control, JOB_NUMBER);
    }
    try {
      this.kernels.run(plan, rows, first, last, 0, this.threads);
    } catch (error) {
      throw new ThreadFailure(error);
    }
  }

  openScaleSearch(): Promise<ScaleSearch> {
    return Promise.resolve(new WasmScaleSearch(this));
  }

  dispose(): void {
    for (const helper of this.helpers) helper.terminate();
  }
}
