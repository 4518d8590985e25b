/** The drawing of values along the depth of a network: lines that differ in colour, dash and marker. */
import { type DepthLayout, type DepthSeries, depthPath } from "./depth-layout";
import { MarkerShape } from "./marker";

export interface DepthPictureProps {
  readonly layout: DepthLayout;
  readonly series: readonly DepthSeries[];
  readonly height: number;
  readonly text: number;
  readonly axis: { readonly x: string; readonly y: string };
  /** The depth that is read off. */
  readonly cursor: number | null;
}

export function DepthPicture({ layout, series, height, text, axis, cursor }: DepthPictureProps): React.ReactNode {
  const { plot, x, y, ticks } = layout;
  return (
    <g fontSize={text} fill="var(--dim)">
      {ticks.y.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${plot.left} ${y(value).toFixed(1)}H${plot.right}`} stroke="var(--line)" />
          <text x={plot.left - 6} y={(y(value) + 0.35 * text).toFixed(1)} textAnchor="end">
            {words}
          </text>
        </g>
      ))}
      {ticks.x.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${x(value).toFixed(1)} ${plot.bottom}v4`} stroke="var(--strong-line)" />
          <text x={x(value).toFixed(1)} y={plot.bottom + 1.3 * text} textAnchor="middle">
            {words}
          </text>
        </g>
      ))}
      <path d={`M${plot.left} ${plot.bottom}H${plot.right}`} stroke="var(--strong-line)" />
      <text x={(plot.left + plot.right) / 2} y={height - 0.5 * text} textAnchor="middle">
        {axis.x}
      </text>
      <text transform={`translate(${text} ${(plot.top + plot.bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {axis.y}
      </text>
      {series.map((one) => (
        <g key={one.key}>
          <path
            d={depthPath(one, layout)}
            fill="none"
            stroke={one.style.colour}
            strokeWidth="2"
            strokeDasharray={one.style.dash}
            strokeLinejoin="round"
          />
          {one.points
            .filter(({ value }) => Number.isFinite(y(value)))
            .map(({ depth, value, name }) => (
              <MarkerShape key={`${name} ${depth}`} marker={one.style.marker} x={x(depth)} y={y(value)} size={0.3 * text} colour={one.style.colour} />
            ))}
        </g>
      ))}
      {cursor === null ? null : <path d={`M${x(cursor).toFixed(1)} ${plot.top}V${plot.bottom}`} stroke="var(--ink)" strokeOpacity={0.6} />}
    </g>
  );
}
