/** Where axes begin and end, where their ticks stand and what is written at them. All pure. */
import { scaleLinear } from "d3-scale";

export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Marks within a decade from the sparsest set to the densest. */
const MARKS = [[1], [1, 3], [1, 2, 5]] as const;
const STEPS = [1, 2, 5, 10] as const;

/** A number as a tick has it: whole, or as few digits as tell it; a power of ten where it is very small or large. */
export function tickText(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential().replace("e+", "e").replace("-", "−");
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/** A range of positive numbers widened to 1, 2 or 5 times a power of ten, so that a growing curve seldom moves it. */
export function logDomain(low: number, high: number): readonly [number, number] {
  if (!(low > 0 && high >= low && Number.isFinite(high))) return [0.1, 1];
  const below = stepAt(low, false);
  const above = stepAt(high, true);
  return below === above ? [below / 2, above] : [below, above];
}

function stepAt(value: number, up: boolean): number {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const near = value / decade;
  const step = up ? STEPS.find((one) => one >= near * (1 - 1e-9)) : STEPS.findLast((one) => one <= near * (1 + 1e-9));
  return Number(((step ?? (up ? 10 : 1)) * decade).toPrecision(3));
}

/** At most `most` ticks of a logarithmic axis, at least two where its ends are steps of `logDomain`. */
export function logTicks([low, high]: readonly [number, number], most: number): Tick[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const at = (marks: readonly number[], every: number) => {
    const values: number[] = [];
    for (let decade = first; decade <= last; decade++)
      for (const mark of decade % every === 0 ? marks : []) {
        const value = Number(`${mark}e${decade}`);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push(value);
      }
    return values;
  };
  const sets = MARKS.map((marks) => at(marks, 1)).filter((values) => values.length <= most);
  let values = sets.at(-1);
  for (let every = 2; !values; every++) {
    const sparse = at([1], every);
    if (sparse.length <= most) values = sparse;
  }
  if (values.length < 2) values = [low, high];
  return values.map((value) => ({ value, text: tickText(value) }));
}

/** About `about` ticks of a linear axis at round numbers. */
export function linearTicks([low, high]: readonly [number, number], about: number): Tick[] {
  return scaleLinear([low, high], [0, 1])
    .ticks(about)
    .map((value) => ({ value, text: tickText(value) }));
}

/** A position on an axis: from values to pixels. */
export type Scale = (value: number) => number;

export function linearScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const slope = high > low ? (to - from) / (high - low) : 0;
  return (value) => from + (value - low) * slope;
}

export function logScale([low, high]: readonly [number, number], range: readonly [number, number]): Scale {
  const linear = linearScale([Math.log10(low), Math.log10(high)], range);
  return (value) => linear(Math.log10(value));
}
