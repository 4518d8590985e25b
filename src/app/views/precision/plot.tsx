/** The axes of a plot of two quantities: where values lie, ticks, titles. Marks are drawn over it by whoever uses it. */
import { linearScale, linearTicks, logDomain, logScale, logTicks, type Scale, type Tick } from "../../charts/axes";

export interface PlotLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] };
  /** The value at a position in pixels. */
  xAt(pixel: number): number;
}

export interface PlotSize {
  readonly width: number;
  readonly height: number;
  readonly text: number;
}

/** @param logarithmic whether the vertical axis is */
export function plotLayout({ width, height, text }: PlotSize, xs: readonly number[], ys: readonly number[], logarithmic: boolean): PlotLayout {
  const [left, right, top, bottom] = [4.9 * text, width - 0.9 * text, 0.8 * text, height - 3.2 * text];
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const pad = 0.03 * (high - low || 1);
  const domain = [low - pad, high + pad] as const;
  const known = ys.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const margin = 0.06 * (Math.max(...known) - Math.min(...known) || 1);
  const own = logarithmic ? logDomain(Math.min(...known), Math.max(...known)) : ([Math.min(...known) - margin, Math.max(...known) + margin] as const);
  return {
    ...{ left, right, top, bottom },
    x: linearScale(domain, [left, right]),
    y: logarithmic ? logScale(own, [bottom, top]) : linearScale(own, [bottom, top]),
    ticks: {
      x: linearTicks(domain, Math.max(2, Math.floor((right - left) / (5.5 * text)))),
      y: logarithmic ? logTicks(own, Math.max(3, Math.floor((bottom - top) / (2.2 * text)))) : linearTicks(own, 5),
    },
    xAt: (pixel) => Math.min(high, Math.max(low, domain[0] + ((pixel - left) / (right - left)) * (domain[1] - domain[0]))),
  };
}

interface PlotAxesProps {
  readonly layout: PlotLayout;
  readonly size: PlotSize;
  readonly titles: { readonly x: string; readonly y: string };
}

export function PlotAxes({ layout: { left, right, top, bottom, x, y, ticks }, size: { height, text }, titles }: PlotAxesProps): React.ReactNode {
  return (
    <g fontSize={text} fill="var(--dim)">
      {ticks.y.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${left} ${y(value).toFixed(1)}H${right}`} stroke="var(--line)" />
          <text x={left - 6} y={y(value) + 0.35 * text} textAnchor="end">
            {words}
          </text>
        </g>
      ))}
      {ticks.x.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${x(value).toFixed(1)} ${bottom}v4`} stroke="var(--strong-line)" />
          <text x={x(value)} y={bottom + 1.35 * text} textAnchor="middle">
            {words}
          </text>
        </g>
      ))}
      <path d={`M${left} ${bottom}H${right}`} stroke="var(--strong-line)" />
      <text x={(left + right) / 2} y={height - 0.5 * text} textAnchor="middle">
        {titles.x}
      </text>
      <text transform={`translate(${text} ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {titles.y}
      </text>
    </g>
  );
}
