/**
 * Merges steps that would otherwise each be a pass over memory: a clamp into the convolution or addition
 * before it, and an addition into the convolution that feeds it. A value may disappear only if nothing
 * but its one consumer reads it; `keep` names the values that someone outside the Program will read.
 *
 * The clamp's gradient needs only the clamp's output, and the addition's needs nothing, so fusing before
 * differentiation loses nothing.
 */
import { type Add, access, type Conv2d, type Step } from "./steps";

export function fuse(steps: readonly Step[], keep: ReadonlySet<string>): Step[] {
  let current = [...steps];
  for (;;) {
    const next = fuseOnce(current, keep);
    if (!next) return current;
    current = next;
  }
}

function fuseOnce(steps: Step[], keep: ReadonlySet<string>): Step[] | null {
  const readers = new Map<string, number>();
  const producer = new Map<string, number>();
  steps.forEach((step, index) => {
    const { reads, writes } = access(step);
    for (const name of reads) readers.set(name, (readers.get(name) ?? 0) + 1);
    for (const name of writes) producer.set(name, index);
  });
  const vanishes = (name: string) => readers.get(name) === 1 && !keep.has(name);

  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] as Step;
    if (step.op === "clamp" && vanishes(step.x)) {
      const at = producer.get(step.x);
      const source = at === undefined ? undefined : steps[at];
      if (at !== undefined && source && (source.op === "conv2d" || source.op === "add") && !source.clamp) {
        const merged: Step = { ...source, out: step.out, clamp: { low: step.low, high: step.high } };
        return splice(steps, at, index, merged);
      }
    }
    if (step.op === "add") {
      const merged = fuseAddition(steps, step, index, producer, vanishes);
      if (merged) return merged;
    }
  }
  return null;
}

/** The later of the two producers takes the other operand as its residual. */
function fuseAddition(steps: Step[], add: Add, index: number, producer: Map<string, number>, vanishes: (name: string) => boolean): Step[] | null {
  if (add.a === add.b) return null;
  const candidates: { at: number; other: string; conv: Conv2d }[] = [];
  for (const [own, other] of [
    [add.a, add.b],
    [add.b, add.a],
  ] as const) {
    const at = producer.get(own);
    const source = at === undefined ? undefined : steps[at];
    if (at === undefined || source?.op !== "conv2d" || source.residual || source.clamp || !vanishes(own)) continue;
    if ((producer.get(other) ?? -1) > at) continue;
    candidates.push({ at, other, conv: source });
  }
  const chosen = candidates.sort((p, q) => q.at - p.at)[0];
  if (!chosen) return null;
  return splice(steps, chosen.at, index, { ...chosen.conv, residual: chosen.other, out: add.out, clamp: add.clamp });
}

/** Replaces the step at `at` by `merged` and drops the one at `drop`. */
function splice(steps: Step[], at: number, drop: number, merged: Step): Step[] {
  const next = [...steps];
  next[at] = merged;
  next.splice(drop, 1);
  return next;
}
