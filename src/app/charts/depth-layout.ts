/**
 * Values along the depth of a network, from input to output, for runs that may differ in what they reconstruct at once, and in
 * the network too: a point stands at the share of the layers that lie up to the end of its unit.
 */
import { scaleLinear } from "d3-scale";
import { linearScale, linearTicks, logDomain, logScale, logTicks, type Scale, type Tick } from "./axes";
import type { Box } from "./loss-layout";
import type { SeriesStyle } from "./series-style";

export interface DepthPoint {
  /** Share of the layers up to here, 0 to 1. */
  readonly depth: number;
  readonly value: number;
  /** The unit's name. */
  readonly name: string;
}

export interface DepthSeries {
  readonly key: string;
  readonly label: string;
  readonly style: SeriesStyle;
  readonly points: readonly DepthPoint[];
}

export interface DepthLayout {
  readonly plot: Box;
  readonly x: Scale;
  readonly y: Scale;
  readonly ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] };
}

export interface DepthFrame {
  readonly width: number;
  readonly height: number;
  readonly text: number;
  /** A logarithmic axis of values, where what is not above 0 has no place. */
  readonly log: boolean;
}

const DIGIT = 0.6;
/** Characters of a unit's name at a tick. */
const NAME = 14;

export function layOutDepth(series: readonly DepthSeries[], { width, height, text, log }: DepthFrame): DepthLayout {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value)).filter((value) => Number.isFinite(value) && (!log || value > 0));
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : log ? [0.1, 1] : [0, 100];
  const spare = Math.max(0.5, 0.04 * (high - low));
  const domain: readonly [number, number] = log
    ? logDomain(low, high)
    : (scaleLinear([Math.max(0, low - spare), Math.min(100, high + spare)], [0, 1])
        .nice(5)
        .domain() as [number, number]);
  const yTicks = log ? logTicks(domain, Math.max(2, Math.floor(height / (3 * text)))) : linearTicks(domain, 5);
  const plot: Box = {
    left: Math.ceil(1.6 * text + Math.max(3, ...yTicks.map((tick) => tick.text.length)) * DIGIT * text + 8),
    right: width - Math.ceil(1.7 * text),
    top: Math.ceil(0.8 * text),
    bottom: height - Math.ceil(3.2 * text),
  };
  const x = linearScale([0, 1], [plot.left, plot.right]);
  return {
    plot,
    x,
    y: log ? logScale(domain, [plot.bottom, plot.top]) : linearScale(domain, [plot.bottom, plot.top]),
    ticks: { x: unitTicks(series, x, text), y: yTicks },
  };
}

/** The units' names where all series have the same units, as many as have room; else shares of the layers. */
function unitTicks(series: readonly DepthSeries[], x: Scale, text: number): Tick[] {
  const [first] = series;
  const same =
    first && series.every(({ points }) => points.every((point) => first.points.some((own) => own.name === point.name && own.depth === point.depth)));
  if (!same) return [0, 0.25, 0.5, 0.75, 1].map((value) => ({ value, text: `${100 * value} %` }));
  const ticks: Tick[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const { depth, name } of first.points) {
    const short = name.length > NAME ? `…${name.slice(1 - NAME)}` : name;
    const half = (short.length * DIGIT * text) / 2;
    if (x(depth) - half < free) continue;
    ticks.push({ value: depth, text: short });
    free = x(depth) + half + text;
  }
  return ticks;
}

/** The line through a series' points; what has no place on the axis leaves a gap. */
export function depthPath({ points }: DepthSeries, { x, y }: DepthLayout): string {
  let path = "";
  let open = false;
  for (const { depth, value } of points) {
    const at = y(value);
    if (Number.isFinite(at)) path += `${open ? "L" : "M"}${x(depth).toFixed(1)} ${at.toFixed(1)}`;
    open = Number.isFinite(at);
  }
  return path;
}

/** The points of all series at a depth or before it: what each run is at there. */
export function pointAt({ points }: Pick<DepthSeries, "points">, depth: number): DepthPoint | null {
  return points.findLast((point) => point.depth <= depth + 1e-9) ?? null;
}
