/**
 * Curves reduced for drawing. A loss that is drawn from batches jumps from one iteration to the next, so that 20,000 of them
 * on 700 pixels are a smear. A reduced curve has a mean for each run of `every` iterations, which is the line, and the least
 * and greatest value, between which a band may be drawn: no peak is hidden. `every` is a power of two and runs begin
 * at its multiples, so that a growing curve keeps the points that it has until their number doubles.
 */
export interface ReducedCurve {
  /** Iterations that the curve holds. */
  readonly iterations: number;
  /** Iterations in each run; the last run may be shorter. */
  readonly every: number;
  /** By run. */
  readonly mean: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

/** @param most runs at most, at least 1 */
export function reduceCurve(values: ArrayLike<number>, most: number): ReducedCurve {
  let every = 1;
  while (values.length > every * most) every *= 2;
  const runs = Math.ceil(values.length / every);
  const [mean, low, high] = [new Float32Array(runs), new Float32Array(runs), new Float32Array(runs)];
  for (let run = 0; run < runs; run++) {
    const end = Math.min(values.length, (run + 1) * every);
    let [sum, least, greatest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = run * every; i < end; i++) {
      const value = values[i] as number;
      sum += value;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    mean[run] = sum / (end - run * every);
    low[run] = least;
    high[run] = greatest;
  }
  return { iterations: values.length, every, mean, low, high };
}

/** The iteration in the middle of a run, counted from 1. */
export function iterationAt({ iterations, every }: Pick<ReducedCurve, "iterations" | "every">, run: number): number {
  const first = run * every + 1;
  return (first + Math.min(iterations, first + every - 1)) / 2;
}

/** The run that holds an iteration, counted from 1; the nearest where the curve has none. */
export function runAt({ iterations, every }: Pick<ReducedCurve, "iterations" | "every">, iteration: number): number {
  return Math.floor((Math.min(Math.max(1, Math.round(iteration)), iterations) - 1) / every);
}
