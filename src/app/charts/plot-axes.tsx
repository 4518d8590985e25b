/** The axes of a plot of two quantities: titles, ticks, and lines at the ticks of the vertical one. Marks are drawn over it by whoever uses it. */
import type { Scale, Tick } from "./axes";

/** Where a plot lies within its drawing, in units of the drawing, and what its places mean. */
export interface PlotLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] };
}

/** A drawing: its extent, and the size of its characters. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
  readonly text: number;
}

interface AxesProps {
  readonly layout: PlotLayout;
  readonly size: PlotSize;
  readonly titles: { readonly x: string; readonly y: string };
}

export function Axes({ layout: { left, right, top, bottom, x, y, ticks }, size: { text, height }, titles }: AxesProps): React.ReactNode {
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
        {titles.x}
      </text>
      <text transform={`translate(${0.95 * text} ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {titles.y}
      </text>
    </g>
  );
}
