/** The drawing of a loss chart: axes, where hardening begins, a line for each unit and the band of the strong one. */
import { bandPath, type LossLayout, type LossSeries, linePath } from "./loss-layout";

export interface LossPictureProps {
  readonly layout: LossLayout;
  readonly series: readonly LossSeries[];
  readonly width: number;
  readonly height: number;
  readonly text: number;
  readonly axis: { readonly x: string; readonly y: string };
  /** The iteration from which on roundings are hardened, and what is written there. */
  readonly hardening: { readonly at: number; readonly text: string } | null;
  /** The series that is drawn strongly, with its band. */
  readonly strong: string | null;
  /** The iteration that is read off. */
  readonly cursor: number | null;
}

/** What is inside an SVG element, to which the page and a file give different frames. */
export function LossPicture({ layout, series, width, height, text, axis, hardening, strong, cursor }: LossPictureProps): React.ReactNode {
  const { plot, x, y, ticks, domain } = layout;
  const chosen = series.find(({ key }) => key === strong);
  const ordered = [
    ...series.filter(({ pinned }) => pinned),
    ...series.filter(({ key, pinned }) => !pinned && key !== strong),
    ...(chosen ? [chosen] : []),
  ];
  const mark = hardening && hardening.at > domain.x[0] && hardening.at < domain.x[1] ? hardening : null;
  return (
    <g fontSize={text} fill="var(--dim)">
      {ticks.y.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${plot.left} ${y(value).toFixed(1)}H${plot.right}`} stroke="var(--line)" />
          <text x={plot.left - 6} y={y(value) + 0.35 * text} textAnchor="end">
            {words}
          </text>
        </g>
      ))}
      {ticks.x.map(({ value, text: words }) => (
        <g key={value}>
          <path d={`M${x(value).toFixed(1)} ${plot.bottom}v4`} stroke="var(--strong-line)" />
          <text x={x(value)} y={plot.bottom + 1.3 * text} textAnchor="middle">
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
      {mark ? (
        <g>
          <path d={`M${x(mark.at).toFixed(1)} ${plot.top}V${plot.bottom}`} stroke="var(--strong-line)" strokeDasharray="2 3" />
          <text x={x(mark.at) + (x(mark.at) > width / 2 ? -5 : 5)} y={plot.top - 0.35 * text} textAnchor={x(mark.at) > width / 2 ? "end" : "start"}>
            {mark.text}
          </text>
        </g>
      ) : null}
      {chosen ? <path d={bandPath(chosen.curve, layout)} fill={chosen.style.colour} fillOpacity={0.18} /> : null}
      {ordered.map((one) => (
        <path
          key={one.key}
          d={linePath(one.curve, layout)}
          fill="none"
          stroke={one.style.colour}
          strokeWidth={one.key === strong ? 2.5 : one.pinned ? 1 : 1.4}
          strokeDasharray={one.style.dash}
          strokeOpacity={strong === null || one.key === strong ? 1 : 0.55}
          strokeLinejoin="round"
        />
      ))}
      {cursor === null ? null : <path d={`M${x(cursor).toFixed(1)} ${plot.top}V${plot.bottom}`} stroke="var(--ink)" strokeOpacity={0.6} />}
    </g>
  );
}
