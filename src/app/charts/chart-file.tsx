/** The frame of a chart that stands alone as a file: title above, legend below, on a white ground. */

import { MarkerShape } from "./marker";
import type { SeriesStyle } from "./series-style";

export interface ChartFileProps {
  readonly title: string;
  /** Of the drawing, without title and legend. */
  readonly width: number;
  readonly height: number;
  /** Pixels of a line of text. */
  readonly text: number;
  readonly legend: readonly { readonly key: string; readonly label: string; readonly style: SeriesStyle }[];
  /** Whether the drawing marks its points. */
  readonly marked: boolean;
  readonly children: React.ReactNode;
}

export function ChartFile({ title, width, height, text, legend, marked, children }: ChartFileProps): React.ReactNode {
  const column = Math.max(8, ...legend.map(({ label }) => label.length)) * 0.6 * text + 4.5 * text;
  const columns = Math.max(1, Math.floor((width - text) / column));
  const row = 1.5 * text;
  const head = 2.2 * text;
  const full = Math.ceil(head + height + Math.ceil(legend.length / columns) * row + text);
  return (
    <svg xmlns="http://www.w3.org/2000/svg" width={width} height={full} viewBox={`0 0 ${width} ${full}`} fontFamily="sans-serif" role="img">
      <title>{title}</title>
      <rect width={width} height={full} fill="#ffffff" />
      <text x={text} y={1.5 * text} fontSize={1.1 * text} fontWeight="bold" fill="var(--ink)">
        {title}
      </text>
      <g transform={`translate(0 ${head})`}>{children}</g>
      <g fontSize={text} fill="var(--ink)">
        {legend.map(({ key, label, style }, i) => {
          const [left, y] = [text + (i % columns) * column, head + height + (Math.floor(i / columns) + 0.7) * row];
          return (
            <g key={key}>
              <path d={`M${left} ${y}h${2 * text}`} stroke={style.colour} strokeWidth="2" strokeDasharray={style.dash} />
              {marked ? <MarkerShape marker={style.marker} x={left + text} y={y} size={0.32 * text} colour={style.colour} /> : null}
              <text x={left + 2.5 * text} y={y + 0.35 * text}>
                {label}
              </text>
            </g>
          );
        })}
      </g>
    </svg>
  );
}
