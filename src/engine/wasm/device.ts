/**
 * The WebAssembly device: the reference for bits. The same program gives the same words on every machine,
 * in every browser and in Node, whatever the number of threads.
 */
import { type Allocation, allocate } from "../allocate";
import type { Bank, Device, DeviceInfo, Executable, RunOptions } from "../device";
import type { Program } from "../program";
import { yieldToEvents } from "../yield";
import { Heap } from "./heap";
import { SINGLE, THREADED } from "./kernels.generated";
import { lower, workspaceOf } from "./plan";
import { canShareMemory, type Helper, startHelper } from "./workers";

/** Control words in the memory, as in assembly/barrier.ts and serve.ts. */
const CONTROL = 64 >> 2;
const JOB_NUMBER = CONTROL + 2;
const JOB = CONTROL + 3;

/** A chunk of iterations between two looks at the event loop. */
const CHUNK_MS = 40;

interface Exports {
  run(plan: number, rows: number, first: number, last: number, tid: number, threads: number): void;
}

export async function createWasmDevice(threads: number): Promise<WasmDevice> {
  const shared = threads > 1 && canShareMemory();
  const binary = Uint8Array.from(atob(shared ? THREADED : SINGLE), (c) => c.charCodeAt(0));
  const module = await WebAssembly.compile(binary);
  const heap = new Heap(shared);
  const instance = await WebAssembly.instantiate(module, { env: { memory: heap.memory } });
  const count = shared ? threads : 1;
  const helpers = await Promise.all(Array.from({ length: count - 1 }, (_, i) => startHelper({ module, memory: heap.memory, tid: i + 1 })));
  return new WasmDevice(heap, instance.exports as unknown as Exports, helpers);
}

export class WasmDevice implements Device {
  readonly info: DeviceInfo;
  private readonly threads: number;
  private job = 0;

  constructor(
    readonly heap: Heap,
    private readonly kernels: Exports,
    private readonly helpers: readonly Helper[],
  ) {
    this.threads = helpers.length + 1;
    const plural = this.threads === 1 ? "1 thread" : `${this.threads} threads`;
    this.info = { kind: "wasm", description: `WebAssembly SIMD, ${plural}`, threads: this.threads };
  }

  createBank(count: number, elements: number): WasmBank {
    return new WasmBank(this.heap, count, elements);
  }

  compile(program: Program, banks: ReadonlyMap<string, Bank>): Promise<WasmExecutable> {
    return Promise.resolve(new WasmExecutable(this, program, banks));
  }

  /** Replays `rows` rows for iterations [first, last) on all threads; returns when they are done. */
  replay(plan: number, rows: number, first: number, last: number): void {
    if (this.threads > 1) {
      const control = this.heap.words(0, 64);
      control.set([plan, rows, first, last, this.threads], JOB);
      this.job = (this.job % 0x3fffffff) + 1;
      Atomics.store(control, JOB_NUMBER, this.job);
      Atomics.notify(control, JOB_NUMBER);
    }
    this.kernels.run(plan, rows, first, last, 0, this.threads);
  }

  dispose(): void {
    for (const helper of this.helpers) helper.terminate();
  }
}

export class WasmBank implements Bank {
  readonly address: number;

  constructor(
    private readonly heap: Heap,
    readonly count: number,
    readonly elements: number,
  ) {
    this.address = heap.allocate(count * elements * 4);
  }

  write(first: number, data: Float32Array): void {
    this.heap.floats(this.address + first * this.elements * 4, data.length).set(data);
  }

  read(first: number, count: number): Promise<Float32Array> {
    return Promise.resolve(this.heap.floats(this.address + first * this.elements * 4, count * this.elements).slice());
  }

  dispose(): void {
    this.heap.release(this.address, this.count * this.elements * 4);
  }
}

class WasmExecutable implements Executable {
  private readonly blocks: { address: number; bytes: number }[] = [];
  private readonly addresses = new Map<string, number>();
  private readonly plan: number;
  private readonly rows: number;
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly device: WasmDevice,
    program: Program,
    banks: ReadonlyMap<string, Bank>,
  ) {
    const temps: Allocation = allocate(program);
    const slots = temps.slots.map((words) => this.block(words * 4));
    for (const [name, spec] of program.buffers) {
      const slot = temps.slotOf.get(name);
      if (spec.role === "host") this.addresses.set(name, this.block(spec.size * 4));
      else if (slot !== undefined) this.addresses.set(name, slots[slot] as number);
      this.sizes.set(name, spec.size);
    }
    const need = workspaceOf(program.steps);
    const plan = lower(program.steps, {
      buffer: (name) => this.address(name),
      bank: (name) => {
        const bank = banks.get(name);
        if (!(bank instanceof WasmBank)) throw new Error(`Bank ${name} is not bound`);
        return bank.address;
      },
      panels: this.block(need.panels),
      scratch: this.block(need.scratch * device.info.threads),
      scratchStride: need.scratch,
    });
    const words = plan.encode();
    this.plan = this.block(words.byteLength);
    this.rows = plan.length;
    device.heap.words(this.plan, words.length).set(words);
  }

  write(buffer: string, data: Float32Array | Int32Array): void {
    if (data.length !== this.sizes.get(buffer)) throw new Error(`Buffer ${buffer} holds ${this.sizes.get(buffer)} words, not ${data.length}`);
    const at = this.address(buffer);
    if (data instanceof Float32Array) this.device.heap.floats(at, data.length).set(data);
    else this.device.heap.words(at, data.length).set(data);
  }

  read(buffer: string, offset = 0, count?: number): Promise<Float32Array> {
    const size = count ?? (this.sizes.get(buffer) as number) - offset;
    return Promise.resolve(this.device.heap.floats(this.address(buffer) + offset * 4, size).slice());
  }

  async run({ from, to, onProgress }: RunOptions): Promise<void> {
    let chunk = 1;
    for (let first = from; first < to; ) {
      const last = Math.min(to, first + chunk);
      const start = performance.now();
      this.device.replay(this.plan, this.rows, first, last);
      const each = Math.max((performance.now() - start) / (last - first), 1e-3);
      chunk = Math.max(1, Math.min(chunk * 4, Math.floor(CHUNK_MS / each)));
      first = last;
      await yieldToEvents();
      await onProgress?.(first);
    }
  }

  dispose(): void {
    for (const { address, bytes } of this.blocks) this.device.heap.release(address, bytes);
    this.blocks.length = 0;
  }

  private block(bytes: number): number {
    const address = this.device.heap.allocate(bytes);
    this.blocks.push({ address, bytes });
    return address;
  }

  private address(name: string): number {
    const address = this.addresses.get(name);
    if (address === undefined) throw new Error(`Buffer ${name} is not in this program`);
    return address;
  }
}
