/**
 * From reduced curves to what a loss chart draws: axes, lines and bands, in pixels. Losses span decades, so that their axis is
 * logarithmic; what is not above 0 has no place on it, and a line has a gap there (the regularizer, before hardening begins).
 */
import { linearScale, linearTicks, logDomain, logScale, logTicks, type Scale, type Tick } from "./axes";
import { iterationAt, type ReducedCurve } from "./reduce";
import type { SeriesStyle } from "./series-style";

export interface LossSeries {
  readonly key: string;
  /** What the legend calls it. */
  readonly label: string;
  readonly style: SeriesStyle;
  readonly curve: ReducedCurve;
  /** Of an earlier run: drawn thinner, behind the others. */
  readonly pinned: boolean;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface LossLayout {
  readonly plot: Box;
  readonly domain: { readonly x: readonly [number, number]; readonly y: readonly [number, number] };
  readonly x: Scale;
  readonly y: Scale;
  readonly ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] };
}

export interface LossFrame {
  readonly width: number;
  readonly height: number;
  /** Pixels of a line of text. */
  readonly text: number;
  /** Iterations that a unit is trained for; the axis is as long at least. */
  readonly iterations: number;
}

/** About the width of a digit, as a share of its size. */
const DIGIT = 0.6;

export function layOutLosses(series: readonly LossSeries[], { width, height, text, iterations }: LossFrame): LossLayout {
  let [low, high, last] = [Number.POSITIVE_INFINITY, 0, Math.max(2, iterations)];
  for (const { curve } of series) {
    last = Math.max(last, curve.iterations);
    for (let run = 0; run < curve.mean.length; run++) {
      // The lines must be seen whole, and the bands too: the first values are far above all others.
      const [least, greatest] = [curve.low[run] as number, curve.high[run] as number];
      if (least > 0 && least < low) low = least;
      else if (least <= 0 && (curve.mean[run] as number) > 0) low = Math.min(low, curve.mean[run] as number);
      if (greatest > high && greatest < Number.POSITIVE_INFINITY) high = greatest;
    }
  }
  const domain = { x: [1, last] as const, y: logDomain(low, high) };
  const yTicks = logTicks(domain.y, Math.max(2, Math.floor(height / (3 * text))));
  const names = Math.max(3, ...yTicks.map((tick) => tick.text.length));
  const plot: Box = {
    left: Math.ceil(1.6 * text + names * DIGIT * text + 8),
    right: width - Math.ceil(1.7 * text),
    top: Math.ceil(1.4 * text),
    bottom: height - Math.ceil(3.2 * text),
  };
  return {
    plot,
    domain,
    x: linearScale(domain.x, [plot.left, plot.right]),
    y: logScale(domain.y, [plot.bottom, plot.top]),
    ticks: { x: linearTicks(domain.x, Math.max(2, Math.floor((plot.right - plot.left) / (7 * text)))), y: yTicks },
  };
}

/** A curve is an object of its own until more is heard, so that its path is made once for each scale. */
const lines = new WeakMap<ReducedCurve, readonly [key: string, path: string]>();

/** The path of a curve's means. */
export function linePath(curve: ReducedCurve, layout: LossLayout): string {
  const { plot, domain, x, y } = layout;
  const key = `${Object.values(plot)} ${domain.x} ${domain.y}`;
  const known = lines.get(curve);
  if (known && known[0] === key) return known[1];
  let path = "";
  let open = false;
  for (let run = 0; run < curve.mean.length; run++) {
    const value = curve.mean[run] as number;
    const seen = value > 0 && value < Number.POSITIVE_INFINITY;
    if (seen) path += `${open ? "L" : "M"}${short(x(iterationAt(curve, run)))} ${short(y(value))}`;
    open = seen;
  }
  lines.set(curve, [key, path]);
  return path;
}

/** The path around what a curve's values lie between; empty where runs hold one iteration each. */
export function bandPath(curve: ReducedCurve, { x, y, domain: { y: ends } }: LossLayout): string {
  if (curve.every === 1) return "";
  const above: string[] = [];
  const below: string[] = [];
  for (let run = 0; run < curve.mean.length; run++) {
    const mean = curve.mean[run] as number;
    if (!(mean > 0 && mean < Number.POSITIVE_INFINITY)) continue;
    const at = short(x(iterationAt(curve, run)));
    above.push(`${at} ${short(y(curve.high[run] as number))}`);
    below.push(`${at} ${short(y(Math.max(ends[0], curve.low[run] as number)))}`);
  }
  return above.length > 1 ? `M${above.join("L")}L${below.reverse().join("L")}Z` : "";
}

const short = (pixels: number) => Math.round(10 * pixels) / 10;
