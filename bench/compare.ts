/**
 * Two sides in turns. A machine that others share, or that heats up, changes its speed from second to
 * second; a ratio of two neighbouring measurements hardly feels it. So each pair measures ours, then
 * theirs, and what counts is the median of the pairs' ratios.
 *
 * Compiled code is replaced by better code while it runs, and shaders are compiled when first used, so
 * each side has run before it counts. A side that takes seconds an iteration gets one such iteration and then
 * as many pairs as fit the time; how many is part of the result.
 */

import type { Cores } from "./cores";

/** How long a measurement waits for a core that others use. */
const WAIT_MS = 10_000;

export interface Timed {
  /** Milliseconds of one iteration, measured over `iterations`. */
  time(iterations: number): Promise<number>;
  dispose(): void;
}

export interface Pace {
  /** The most pairs, the time of one side's turn, and the time (warming included) after which no further pair begins. */
  readonly rounds: number;
  readonly turnMs: number;
  readonly budgetMs: number;
}

export const FULL: Pace = { rounds: 7, turnMs: 300, budgetMs: 12_000 };
export const QUICK: Pace = { rounds: 3, turnMs: 100, budgetMs: 3_000 };

export interface Outcome {
  /** How many times faster ours is: the median of the pairs. */
  readonly ratio: number;
  /** Median milliseconds of an iteration. */
  readonly ours: number;
  readonly theirs: number;
  /** Pairs that count; 0 if the cores were never all there, and the figures are of what there was. */
  readonly pairs: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** Both sides have run once: what is compiled at first use is compiled. */
export async function compare(ours: Timed, theirs: Timed, pace: Pace, cores: Cores | null = null): Promise<Outcome> {
  const start = performance.now();
  await cores?.wait(WAIT_MS);
  const first = [await warm(ours, pace), await warm(theirs, pace)] as const;
  const [a, b] = first.map((each) => Math.max(1, Math.ceil(pace.turnMs / each))) as [number, number];
  const pairs: (readonly [number, number])[] = [];
  const doubtful: (readonly [number, number])[] = [];
  const keep = (pair: readonly [number, number]) => (cores && !cores.free() ? doubtful : pairs).push(pair);
  if (Math.max(...first) > pace.turnMs) keep(first);
  const late = () => performance.now() - start > pace.budgetMs;
  while (pairs.length === 0 ? doubtful.length < pace.rounds && !(late() && doubtful.length > 0) : pairs.length < pace.rounds && !late()) {
    await cores?.wait(WAIT_MS);
    keep([await ours.time(a), await theirs.time(b)]);
  }
  const used = pairs.length > 0 ? pairs : doubtful;
  return {
    ratio: median(used.map(([o, t]) => t / o)),
    ours: median(used.map(([o]) => o)),
    theirs: median(used.map(([, t]) => t)),
    pairs: pairs.length,
  };
}

/** Milliseconds of an iteration once optimized code runs. */
async function warm(side: Timed, { turnMs }: Pace): Promise<number> {
  const once = await side.time(1);
  return once > turnMs ? once : side.time(Math.ceil(turnMs / once));
}
