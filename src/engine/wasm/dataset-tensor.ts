/**
 * A tensor in WebAssembly memory, in chunks, so that a large one finds room between others. Kernels find an
 * image through a table: images a chunk, then the chunks' addresses.
 */
import { type Storage, storedWords } from "../storage";
import { StoredTensor } from "../stored-tensor";
import { blockBytes, type Heap } from "./heap";

const CHUNK_BYTES = 64 * 2 ** 20;

/** Bytes that a tensor takes. */
export function tensorBytes(count: number, elements: number, storage: Storage): number {
  return chunksOf(count, elements, storage).reduce((sum, { bytes }) => sum + blockBytes(bytes), 0);
}

function chunksOf(count: number, elements: number, storage: Storage): { each: number; images: number; bytes: number }[] {
  const image = storedWords(elements, storage) * 4;
  const each = Math.max(1, Math.floor(CHUNK_BYTES / image));
  return Array.from({ length: Math.ceil(count / each) }, (_, i) => {
    const images = Math.min(each, count - i * each);
    return { each, images, bytes: images * image };
  });
}

export class WasmTensor extends StoredTensor {
  readonly place = "device";
  /** Address of the table. */
  readonly table: number;
  private readonly each: number;
  private readonly chunks: { readonly address: number; readonly bytes: number }[] = [];

  constructor(
    private readonly heap: Heap,
    count: number,
    elements: number,
    storage: Storage,
  ) {
    super(count, elements, storage);
    const chunks = chunksOf(count, elements, storage);
    this.each = chunks[0]?.each ?? 1;
    try {
      this.table = this.block((chunks.length + 1) * 4);
      for (const { bytes } of chunks) this.block(bytes);
    } catch (error) {
      this.dispose();
      throw error;
    }
    heap.words(this.table, chunks.length + 1).set([this.each, ...this.chunks.slice(1).map(({ address }) => address)]);
  }

  dispose(): void {
    for (const { address, bytes } of this.chunks.splice(0)) this.heap.release(address, bytes);
  }

  private block(bytes: number): number {
    const address = this.heap.allocate(bytes);
    this.chunks.push({ address, bytes });
    return address;
  }

  image(index: number): Uint32Array {
    const chunk = this.chunks[1 + Math.floor(index / this.each)];
    if (!chunk) throw new Error(`Image ${index} is not among the tensor's ${this.count}`);
    return new Uint32Array(this.heap.memory.buffer, chunk.address + (index % this.each) * this.words * 4, this.words);
  }
}
