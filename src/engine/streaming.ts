/**
 * Dataset tensors on the host, seen from a program: which of its gathers and scatters need staging, and how many
 * iterations are staged at once.
 *
 * The indices of every iteration are a table that the host wrote itself, so the host knows what a gather
 * will want: before a run of iterations it copies those images into slots of a staging buffer, slot
 * `iteration % window`, where the gather finds them as one contiguous batch. A scatter leaves its batch in a
 * slot likewise and the host collects it after the run. The values are the same as with a resident tensor,
 * and so are all bits that follow.
 */
import type { DatasetTensor } from "./device";
import { HostTensor } from "./host-tensor";
import type { Program } from "./program";
import type { Gather, Scatter } from "./steps";

/** Bytes of staging that all of a program's streamed tensors share, unless one batch is larger. */
const STAGING_BYTES = 32 * 2 ** 20;
const LONGEST_WINDOW = 16;

/** Iterations that are staged at once where an iteration takes `slot` bytes. */
function windowOf(slot: number): number {
  return Math.max(1, Math.min(LONGEST_WINDOW, Math.floor(STAGING_BYTES / slot)));
}

/** Bytes of staging that a program would need at most, with all its tensors on the host. */
export function stagingBytes(program: Program): number {
  let slot = 0;
  for (const step of program.steps) if (step.op === "gather" || step.op === "scatter") slot += 4 * step.batch * step.elements;
  return slot * windowOf(slot);
}

export interface Stage {
  readonly direction: "in" | "out";
  readonly tensor: string;
  readonly source: HostTensor;
  /** The table of indices, [iterations, batch]. */
  readonly indices: string;
  readonly batch: number;
  /** Stored words of a batch: one slot. */
  readonly words: number;
}

export interface Streaming {
  /** Slots of each staging buffer; a run covers at most so many iterations. */
  readonly window: number;
  readonly stages: ReadonlyMap<string, Stage>;
}

/** What has to be streamed, or null if every tensor is on the device. */
export function streamingOf(program: Program, tensors: ReadonlyMap<string, DatasetTensor>): Streaming | null {
  const stages = new Map<string, Stage>();
  for (const step of program.steps) {
    if (step.op !== "gather" && step.op !== "scatter") continue;
    const source = tensors.get(step.tensor);
    if (!(source instanceof HostTensor)) continue;
    if (stages.has(step.tensor)) throw new Error(`DatasetTensor ${step.tensor} is streamed by two steps of one program`);
    stages.set(step.tensor, stageOf(step, source));
  }
  if (stages.size === 0) return null;
  const slot = [...stages.values()].reduce((sum, { words }) => sum + words * 4, 0);
  return { window: windowOf(slot), stages };
}

function stageOf({ op, tensor, indices, batch }: Gather | Scatter, source: HostTensor): Stage {
  return { direction: op === "gather" ? "in" : "out", tensor, source, indices, batch, words: batch * source.words };
}

/** Copies the batch of iteration `iteration` from the host into `slot`. */
export function fillSlot({ source, batch }: Stage, indices: Int32Array, iteration: number, slot: Uint32Array): void {
  for (let i = 0; i < batch; i++) slot.set(source.image(indices[iteration * batch + i] as number), i * source.words);
}

/** Copies the batch of iteration `iteration` from `slot` to the host. */
export function drainSlot({ source, batch }: Stage, indices: Int32Array, iteration: number, slot: Uint32Array): void {
  for (let i = 0; i < batch; i++) source.image(indices[iteration * batch + i] as number).set(slot.subarray(i * source.words, (i + 1) * source.words));
}
