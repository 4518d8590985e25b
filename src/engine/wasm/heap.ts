/** First-fit allocation of blocks in a growing WebAssembly memory. */
import { BadInput } from "../../base/errors";
import { type MemoryMeter, mebibytes } from "../memory";

const ALIGN = 64;
const PAGE = 65536;
const LIMIT = 65536;
/** The first block's address: below it lie the threads' control words and the module's constants. */
const START = 4 * PAGE;

/** A memory that may grow to 4 GiB, or to what a browser with less address space lets one reserve. */
function reserve(shared: boolean): WebAssembly.Memory {
  for (let maximum = LIMIT; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared });
    } catch (error) {
      if (maximum < 4096) throw error;
    }
  }
}

/** Bytes that a block of `bytes` takes: with room behind it for a vector read that hangs over. */
export function blockBytes(bytes: number): number {
  return Math.ceil((bytes + 32) / ALIGN) * ALIGN;
}

export class Heap {
  readonly memory: WebAssembly.Memory;
  /** Free blocks [start, end), in order of address and never adjacent. */
  private free: [number, number][];
  private end: number;

  constructor(
    shared: boolean,
    private readonly meter: MemoryMeter,
  ) {
    this.memory = reserve(shared);
    this.end = 16 * PAGE;
    this.free = [[START, this.end]];
  }

  /** A zeroed block of at least `bytes` bytes. */
  allocate(bytes: number): number {
    const size = blockBytes(bytes);
    this.meter.take(size);
    let index = this.free.findIndex(([start, end]) => end - start >= size);
    if (index < 0) {
      this.grow(size);
      index = this.free.findIndex(([start, end]) => end - start >= size);
    }
    const block = this.free[index] as [number, number];
    const address = block[0];
    block[0] += size;
    if (block[0] === block[1]) this.free.splice(index, 1);
    new Uint8Array(this.memory.buffer, address, size).fill(0);
    return address;
  }

  release(address: number, bytes: number): void {
    const size = blockBytes(bytes);
    this.meter.give(size);
    let index = this.free.findIndex(([start]) => start > address);
    if (index < 0) index = this.free.length;
    this.free.splice(index, 0, [address, address + size]);
    this.join(index);
    this.join(index - 1);
  }

  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  words(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  private grow(size: number): void {
    const last = this.free.at(-1);
    const tail = last && last[1] === this.end ? last[1] - last[0] : 0;
    const pages = Math.ceil((size - tail) / PAGE);
    try {
      this.memory.grow(pages);
    } catch {
      this.meter.give(size);
      throw new BadInput(
        `WebAssembly memory could not grow beyond ${mebibytes(this.end)} MiB here, and ${mebibytes(size)} MiB more are needed; set a smaller memory budget, so that caches are kept outside it, or use a smaller batch.`,
      );
    }
    this.free.push([this.end, this.end + pages * PAGE]);
    this.end += pages * PAGE;
    this.join(this.free.length - 2);
  }

  /** Joins free block `index` with the one after it if they touch. */
  private join(index: number): void {
    const block = this.free[index];
    const next = this.free[index + 1];
    if (block && next && block[1] === next[0]) {
      block[1] = next[1];
      this.free.splice(index + 1, 1);
    }
  }
}
