/** Axes that every figure with axes has: titles, ticks, and lines at the ticks of the vertical one. */
import { linearScale, linearTicks, type Scale, type Tick } from "../../charts/axes";
import type { Frame } from "./figure";

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] };
}

type Domain = readonly [number, number];

/** @param words of the horizontal axis, where its places are no numbers of their own */
export function plotOf({ width, height, text }: Frame, x: Domain, y: Domain, words?: readonly Tick[]): Plot {
  const yTicks = linearTicks(y, Math.max(2, Math.floor(height / (3.5 * text))));
  const left = (1.8 + 0.62 * Math.max(2, ...yTicks.map((tick) => tick.text.length))) * text;
  const [right, top, bottom] = [width - 0.8 * text, 0.8 * text, height - 2.9 * text];
  const xTicks = words ?? linearTicks(x, Math.max(2, Math.floor((right - left) / (5 * text))));
  return { left, right, top, bottom, x: linearScale(x, [left, right]), y: linearScale(y, [bottom, top]), ticks: { x: xTicks, y: yTicks } };
}

interface AxesProps {
  readonly plot: Plot;
  readonly frame: Frame;
  readonly titles: readonly [x: string, y: string];
}

export function Axes({ plot, frame: { text, height }, titles }: AxesProps): React.ReactNode {
  const { left, right, top, bottom, x, y, ticks } = plot;
  return (
    <g fontSize={text} fill="var(--dim)">
      {ticks.y.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${left} ${y(value).toFixed(1)}H${right}`} stroke="var(--line)" />
          <text x={left - 0.4 * text} y={y(value) + 0.35 * text} textAnchor="end">
            {words}
          </text>
        </g>
      ))}
      {ticks.x.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${x(value).toFixed(1)} ${bottom}v4`} stroke="var(--strong-line)" />
          <text x={x(value)} y={bottom + 1.25 * text} textAnchor="middle">
            {words}
          </text>
        </g>
      ))}
      <path d={`M${left} ${bottom}H${right}`} stroke="var(--strong-line)" />
      <text x={(left + right) / 2} y={height - 0.35 * text} textAnchor="middle">
        {titles[0]}
      </text>
      <text transform={`translate(${0.95 * text} ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {titles[1]}
      </text>
    </g>
  );
}

/** The line at what is read off. */
export function Cursor({ plot, at }: { readonly plot: Plot; readonly at: number | null }): React.ReactNode {
  return at === null ? null : <path d={`M${plot.x(at).toFixed(1)} ${plot.top}V${plot.bottom}`} stroke="var(--ink)" strokeOpacity={0.55} />;
}

/** A rectangle from the plot's ground to a value. */
export function barPath({ x, y, bottom }: Plot, from: number, to: number, value: number): string {
  if (value <= 0) return "";
  const [left, right] = [x(from), x(to)];
  return `M${left.toFixed(1)} ${bottom}V${y(value).toFixed(1)}H${Math.max(right, left + 0.7).toFixed(1)}V${bottom}z`;
}
