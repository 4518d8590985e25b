/**
 * A Program in WebAssembly memory: its buffers, its plan, and the loop that replays the plan in runs of about
 * a frame, so that the event loop gets its turn. Streamed tensors are staged before each run and collected after.
 */
import { allocate } from "../allocate";
import type { DatasetTensor, Executable, RunOptions } from "../device";
import type { Program } from "../program";
import { drainSlot, fillSlot, type Stage, type Streaming, streamingOf } from "../streaming";
import { turnEvents, whileHeld } from "../yield";
import { WasmTensor } from "./dataset-tensor";
import type { Heap } from "./heap";
import { lower, type TensorRow } from "./plan";
import { workspaceOf } from "./workspace";

/** A run of iterations between two looks at the event loop. */
const CHUNK_MS = 40;

/** What a program runs on. */
export interface Runtime {
  readonly heap: Heap;
  readonly threads: number;
  /** Replays `rows` rows for iterations [first, last) on all threads; returns when they are done. */
  replay(plan: number, rows: number, first: number, last: number): void;
}

export class WasmExecutable implements Executable {
  private readonly blocks: { address: number; bytes: number }[] = [];
  private readonly addresses = new Map<string, number>();
  private readonly sizes = new Map<string, number>();
  private readonly plan: number = 0;
  private readonly rows: number = 0;
  private readonly streaming: Streaming | null;
  /** Address of each streamed tensor's slots. */
  private readonly slots = new Map<string, number>();

  constructor(
    private readonly device: Runtime,
    program: Program,
    private readonly tensors: ReadonlyMap<string, DatasetTensor>,
  ) {
    this.streaming = streamingOf(program, tensors);
    try {
      this.place(program);
      const words = this.lower(program);
      this.rows = words.rows;
      this.plan = this.block(words.encoded.byteLength);
      device.heap.words(this.plan, words.encoded.length).set(words.encoded);
    } catch (error) {
      this.dispose();
      throw error;
    }
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

  async run({ from, to, onProgress, pauses }: RunOptions): Promise<number> {
    const longest = this.streaming?.window ?? Number.POSITIVE_INFINITY;
    let chunk = 1;
    let first = from;
    while (first < to) {
      const last = Math.min(to, first + Math.min(chunk, longest));
      const start = performance.now();
      this.stage("in", first, last);
      this.device.replay(this.plan, this.rows, first, last);
      this.stage("out", first, last);
      const each = Math.max((performance.now() - start) / (last - first), 1e-3);
      chunk = Math.max(1, Math.min(chunk * 4, Math.floor(CHUNK_MS / each)));
      first = last;
      await turnEvents();
      // Who is held keeps where it stands first.
      if (first < to && pauses?.()) break;
      await whileHeld();
      await onProgress?.(first);
    }
    return first;
  }

  dispose(): void {
    for (const { address, bytes } of this.blocks.splice(0)) this.device.heap.release(address, bytes);
  }

  private place(program: Program): void {
    const temps = allocate(program);
    const slots = temps.slots.map((words) => this.block(words * 4));
    for (const [name, spec] of program.buffers) {
      const slot = temps.slotOf.get(name);
      if (spec.role === "host") this.addresses.set(name, this.block(spec.size * 4));
      else if (slot !== undefined) this.addresses.set(name, slots[slot] as number);
      this.sizes.set(name, spec.size);
    }
  }

  private lower(program: Program): { encoded: Int32Array; rows: number } {
    const need = workspaceOf(program.steps, this.device.threads);
    const plan = lower(program.steps, {
      buffer: (name) => this.address(name),
      tensor: (name) => this.tensorRow(name),
      panels: this.block(need.panels),
      scratch: this.block(need.scratch * this.device.threads),
      scratchStride: need.scratch,
    });
    return { encoded: plan.encode(), rows: plan.length };
  }

  /** A resident tensor's table, or one whose only chunk is the streamed tensor's staging. */
  private tensorRow(name: string): TensorRow {
    const stage = this.streaming?.stages.get(name);
    if (this.streaming && stage) {
      const { window } = this.streaming;
      const slots = this.block(window * stage.words * 4);
      const table = this.block(8);
      this.slots.set(name, slots);
      this.device.heap.words(table, 2).set([window * stage.batch, slots]);
      return { table, words: stage.source.words, storage: stage.source.storage, window };
    }
    const tensor = this.tensors.get(name);
    if (!(tensor instanceof WasmTensor)) throw new Error(`DatasetTensor ${name} is not bound`);
    return { table: tensor.table, words: tensor.words, storage: tensor.storage, window: 0 };
  }

  private stage(direction: Stage["direction"], first: number, last: number): void {
    if (!this.streaming) return;
    const { heap } = this.device;
    for (const stage of this.streaming.stages.values()) {
      if (stage.direction !== direction) continue;
      const table = heap.words(this.address(stage.indices), this.sizes.get(stage.indices) as number);
      for (let iteration = first; iteration < last; iteration++) {
        const at = (this.slots.get(stage.tensor) as number) + (iteration % this.streaming.window) * stage.words * 4;
        const slot = new Uint32Array(heap.memory.buffer, at, stage.words);
        if (direction === "in") fillSlot(stage, table, iteration, slot);
        else drainSlot(stage, table, iteration, slot);
      }
    }
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
