/**
 * Gives the temps of a Program their memory: two temps share a slot when one is last read before the other
 * is first written. Greedy best fit in order of first use; both devices take the result.
 */
import type { Program } from "./program";
import { access, type Step } from "./steps";

export interface Allocation {
  /** Words of each slot. */
  readonly slots: readonly number[];
  /** Slot of each temp. */
  readonly slotOf: ReadonlyMap<string, number>;
}

/** Bytes of a program's buffers; a device adds what its kernels need to work in. */
export function programBytes(program: Program): number {
  let words = 0;
  for (const size of allocate(program).slots) words += size;
  for (const { role, size } of program.buffers.values()) if (role === "host") words += size;
  return words * 4;
}

export function allocate(program: Program): Allocation {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  program.steps.forEach((step: Step, index) => {
    const { reads, writes } = access(step);
    for (const name of [...reads, ...writes]) {
      if (program.buffers.get(name)?.role !== "temp") continue;
      if (!first.has(name)) first.set(name, index);
      last.set(name, index);
    }
  });
  const ending = new Map<number, string[]>();
  for (const [name, index] of last) ending.set(index, [...(ending.get(index) ?? []), name]);

  const slots: number[] = [];
  const free: number[] = [];
  const slotOf = new Map<string, number>();
  const order = [...first].sort((a, b) => a[1] - b[1]);
  let next = 0;
  for (let index = 0; index < program.steps.length; index++) {
    for (; next < order.length && (order[next] as [string, number])[1] === index; next++) {
      const name = (order[next] as [string, number])[0];
      slotOf.set(name, take(slots, free, program.buffers.get(name)?.size ?? 0));
    }
    for (const name of ending.get(index) ?? []) free.push(slotOf.get(name) as number);
  }
  return { slots, slotOf };
}

/** The smallest free slot that holds `size`, else the largest free slot grown, else a new one. */
function take(slots: number[], free: number[], size: number): number {
  let best = -1;
  for (const slot of free) {
    const held = slots[slot] as number;
    const bestHeld = best < 0 ? -1 : (slots[best] as number);
    const fits = held >= size;
    if (best < 0 || (fits ? bestHeld < size || held < bestHeld : bestHeld < size && held > bestHeld)) best = slot;
  }
  if (best < 0) {
    slots.push(size);
    return slots.length - 1;
  }
  free.splice(free.indexOf(best), 1);
  slots[best] = Math.max(slots[best] as number, size);
  return best;
}
