/** Where the plot of a layer's figure lies, and what is drawn in it: the line that reads it off, and bars. */
import { linearScale, linearTicks, type Tick } from "../../charts/axes";
import type { PlotLayout } from "../../charts/plot-axes";
import type { Frame } from "./figure";

type Domain = readonly [number, number];

/** @param words of the horizontal axis, where its places are no numbers of their own */
export function plotOf({ width, height, text }: Frame, x: Domain, y: Domain, words?: readonly Tick[]): PlotLayout {
  const yTicks = linearTicks(y, Math.max(2, Math.floor(height / (3.5 * text))));
  const left = (1.8 + 0.62 * Math.max(2, ...yTicks.map((tick) => tick.text.length))) * text;
  const [right, top, bottom] = [width - 0.8 * text, 0.8 * text, height - 2.9 * text];
  const xTicks = words ?? linearTicks(x, Math.max(2, Math.floor((right - left) / (5 * text))));
  return { left, right, top, bottom, x: linearScale(x, [left, right]), y: linearScale(y, [bottom, top]), ticks: { x: xTicks, y: yTicks } };
}

/** The line at what is read off. */
export function Cursor({ plot, at }: { readonly plot: PlotLayout; readonly at: number | null }): React.ReactNode {
  return at === null ? null : <path d={`M${plot.x(at).toFixed(1)} ${plot.top}V${plot.bottom}`} stroke="var(--ink)" strokeOpacity={0.55} />;
}

/** A rectangle from the plot's ground to a value. */
export function barPath({ x, y, bottom }: PlotLayout, from: number, to: number, value: number): string {
  if (value <= 0) return "";
  const [left, right] = [x(from), x(to)];
  return `M${left.toFixed(1)} ${bottom}V${y(value).toFixed(1)}H${Math.max(right, left + 0.7).toFixed(1)}V${bottom}z`;
}
