/**
 * The search for scales on all threads (assembly/scale.ts). Many channels are dealt out to threads whole; of few, the 80
 * ranges are cut into parts. Which is cut how depends on the number of channels alone, and the first of the least errors
 * is taken, so that neither changes a scale.
 */
import type { ScaleSearch } from "../scale-search";
import type { Runtime } from "./executable";
import { Plan } from "./plan";

/** Bytes of values on the device at once. */
const MOST_BYTES = 8 * 2 ** 20;
/** Channels from which on a channel is one piece of work, and parts of one otherwise. */
const [WHOLE, PARTS] = [16, 8];

export class WasmScaleSearch implements ScaleSearch {
  constructor(
    private readonly device: Runtime,
    private readonly release: () => void = () => {},
  ) {}

  async search(values: Float32Array, ranges: Float32Array, bits: number, breathe: () => void | Promise<void>): Promise<Int32Array> {
    const channels = ranges.length / 2;
    const count = values.length / channels;
    const chosen = new Int32Array(channels);
    const each = Math.max(1, Math.floor(MOST_BYTES / (4 * (count + 1))));
    for (let first = 0; first < channels; first += each) {
      const some = Math.min(each, channels - first);
      const part = values.subarray(first * count, (first + some) * count);
      chosen.set(this.searchSome(part, ranges.subarray(2 * first, 2 * (first + some)), bits, channels < WHOLE ? PARTS : 1), first);
      await breathe();
    }
    return chosen;
  }

  dispose(): void {
    this.release();
  }

  private searchSome(values: Float32Array, ranges: Float32Array, bits: number, parts: number): Int32Array {
    const { heap } = this.device;
    const channels = ranges.length / 2;
    const count = values.length / channels;
    const blocks: [address: number, bytes: number][] = [];
    const block = (bytes: number) => {
      const address = heap.allocate(bytes);
      blocks.push([address, bytes]);
      return address;
    };
    try {
      const at = { values: block(4 * channels * (count + 1)), ranges: block(8 * channels), out: block(16 * channels * parts) };
      for (let c = 0; c < channels; c++) heap.floats(at.values + 4 * c * (count + 1), count).set(values.subarray(c * count, (c + 1) * count));
      heap.floats(at.ranges, ranges.length).set(ranges);
      const plan = new Plan();
      plan.row("scaleErrors", at.values, at.ranges, at.out, channels, count, parts, 2 ** bits - 1);
      const words = plan.encode();
      const rows = block(words.byteLength);
      heap.words(rows, words.length).set(words);
      this.device.replay(rows, plan.length, 0, 1);
      const out = new DataView(heap.memory.buffer, at.out, 16 * channels * parts);
      return Int32Array.from({ length: channels }, (_, c) => {
        let [lowest, best] = [Number.POSITIVE_INFINITY, -1];
        for (let part = 0; part < parts; part++) {
          const item = 16 * (c * parts + part);
          const [error, step] = [out.getFloat64(item, true), out.getInt32(item + 8, true)];
          if (step >= 0 && (error < lowest || (error === lowest && step < best))) [lowest, best] = [error, step];
        }
        return best;
      });
    } finally {
      for (const [address, bytes] of blocks) heap.release(address, bytes);
    }
  }
}
