/**
 * The two streams of activations that quantization walks along: what every value is in the full-precision
 * network and in the network quantized so far, for all calibration images. A value's tensor lives from the
 * segment that makes it to the last that reads it; a unit's outputs are the next one's inputs, so nothing
 * is computed twice. Where memory is short some tensors are on the host; when room is freed they move back.
 */
import type { DatasetTensor, Device } from "../engine/device";
import type { Graph, ValueId } from "../graph/types";
import type { DatasetTensors } from "../network/forward";
import type { Segment } from "../passes/partition";

export class Streams {
  readonly full: DatasetTensors = new Map();
  readonly quantized: DatasetTensors = new Map();
  private readonly lastUse = new Map<ValueId, number>();

  constructor(
    graph: Graph,
    private readonly segments: readonly Segment[],
    private readonly images: DatasetTensor,
  ) {
    this.full.set(graph.input, images);
    this.quantized.set(graph.input, images);
    segments.forEach((segment, index) => {
      for (const value of segment.inputs) this.lastUse.set(value, index);
    });
  }

  /** The tensors of the given values in one stream. */
  pick(stream: "full" | "quantized", values: readonly ValueId[]): DatasetTensors {
    return new Map(
      values.map((value) => {
        const tensor = this[stream].get(value);
        if (!tensor) throw new Error(`Value ${value} is not in the ${stream} stream`);
        return [value, tensor];
      }),
    );
  }

  /** Values that segments after `index` read, other than those it makes, in the quantized network. */
  passing(index: number): ValueId[] {
    const made = new Set((this.segments[index] as Segment).outputs);
    return [...this.quantized.keys()].filter((value) => !made.has(value) && (this.lastUse.get(value) ?? -1) > index);
  }

  /** Frees what one stream holds that no segment after `index` reads, but for `keep`; the images belong to the caller. */
  release(stream: "full" | "quantized", index: number, keep: readonly ValueId[] = []): void {
    for (const value of [...this[stream].keys()]) if ((this.lastUse.get(value) ?? -1) <= index && !keep.includes(value)) this.drop(stream, value);
  }

  dispose(): void {
    for (const stream of ["full", "quantized"] as const) for (const value of [...this[stream].keys()]) this.drop(stream, value);
  }

  /** Moves tensors from the host to the device as far as there is room. */
  async settle(device: Device): Promise<void> {
    for (const stream of ["quantized", "full"] as const)
      for (const [value, tensor] of this[stream]) {
        if (tensor === this.images || tensor.place === "device") continue;
        const moved = device.createTensor(tensor.count, tensor.elements, { storage: tensor.storage });
        if (moved.place === "device") {
          await copyTensor(tensor, moved);
          this[stream].set(value, moved);
          tensor.dispose();
        } else moved.dispose();
      }
  }

  private drop(stream: "full" | "quantized", value: ValueId): void {
    const tensor = this[stream].get(value);
    this[stream].delete(value);
    if (tensor !== this.images) tensor?.dispose();
  }
}

/** Numbers copied at a time between two tensors. */
const COPY_ELEMENTS = 2 ** 22;

async function copyTensor(from: DatasetTensor, to: DatasetTensor): Promise<void> {
  const step = Math.max(1, Math.floor(COPY_ELEMENTS / from.elements));
  for (let first = 0; first < from.count; first += step) to.write(first, await from.read(first, Math.min(step, from.count - first)));
}
