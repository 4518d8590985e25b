/** Values in rows and columns as colours on a logarithmic scale, value on hover; to take away as SVG, PNG or CSV. */
import Papa from "papaparse";
import { useRef } from "react";
import { TakeAway } from "./take-away";

export interface HeatmapProps {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [row][column]; null where there is nothing. Negative values are drawn in another hue. */
  readonly values: readonly (readonly (number | null)[])[];
  /** The chosen column of each row, framed. */
  readonly chosen?: readonly (number | null)[];
  /** Width and height of a cell; where they have no room for text there is none. */
  readonly cell?: readonly [number, number];
  /** Room for the rows' names. */
  readonly left?: number;
  /** A click on a row. */
  onPick?(row: number): void;
}

/** Above the cells, and below them for the scale of colours. */
const [TOP, LEGEND] = [40, 26];
/** Least room for a column's and a row's name. */
const [TEXT_WIDTH, TEXT_HEIGHT] = [24, 11];

/** From pale to dark with the logarithm of the size. */
function colourOf(value: number | null, low: number, high: number): string {
  if (value === null) return "#f4f4f4";
  const size = Math.abs(value);
  if (size === 0 || !(high > 0)) return "#ffffff";
  const share = high > low ? Math.min(1, Math.max(0, Math.log(size / low) / Math.log(high / low))) : 1;
  return `hsl(${value < 0 ? 150 : 215} 70% ${Math.round(94 - 62 * share)}%)`;
}

interface ScaleProps {
  readonly low: number;
  readonly high: number;
  readonly y: number;
  readonly negative: boolean;
  readonly framed: boolean;
}

/** What the colours mean. */
function Scale({ low, high, y, negative, framed }: ScaleProps): React.ReactNode {
  const swatch = (x: number, fill: string, stroke = "none") => <path d={`M${x} ${y}h12v10h-12z`} fill={fill} stroke={stroke} strokeWidth={2} />;
  const text = (x: number, words: string) => (
    <text x={x} y={y + 9} fontSize={10}>
      {words}
    </text>
  );
  const middle = Math.sqrt(low * high);
  return (
    <g>
      {swatch(4, colourOf(low, low, high))}
      {swatch(16, colourOf(middle, low, high))}
      {swatch(28, colourOf(high, low, high))}
      {text(44, `${low.toPrecision(2)} to ${high.toPrecision(2)}, logarithmic`)}
      {negative ? swatch(186, colourOf(-middle, low, high)) : null}
      {negative ? text(202, "below 0") : null}
      {framed ? swatch(186, "none", "#d55e00") : null}
      {framed ? text(202, "chosen") : null}
    </g>
  );
}

export function Heatmap({
  title,
  rows,
  columns,
  values,
  chosen,
  cell: [CELL, HEIGHT] = [54, 20],
  left: LEFT = 190,
  onPick,
}: HeatmapProps): React.ReactNode {
  const drawing = useRef<SVGSVGElement>(null);
  const sizes = values.flat().flatMap((value) => (value === null || value === 0 ? [] : [Math.abs(value)]));
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const width = Math.max(LEFT + columns.length * CELL + 10, 6 * title.length);
  const bottom = TOP + rows.length * HEIGHT;
  const height = bottom + LEGEND;
  const gap = CELL < TEXT_WIDTH ? 0 : 2;
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const svg = () => new XMLSerializer().serializeToString(drawing.current as SVGSVGElement);
  const csv = () =>
    Papa.unparse([["name", ...columns], ...rows.map((row, i) => [row, ...(values[i] ?? []).map((value) => value ?? "")])], { newline: "\n" });
  return (
    <figure className="heatmap" aria-label={title}>
      <svg
        ref={drawing}
        xmlns="http://www.w3.org/2000/svg"
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        fontFamily="sans-serif"
        fontSize={11}
        style={{ maxWidth: "100%", height: "auto" }}
      >
        <title>{title}</title>
        <rect width={width} height={height} fill="#ffffff" />
        <text x={4} y={14} fontWeight="bold">
          {title}
        </text>
        {(CELL >= TEXT_WIDTH ? columns : []).map((column, j) => (
          <text key={column} x={LEFT + j * CELL + CELL / 2} y={TOP - 6} textAnchor="middle">
            {column}
          </text>
        ))}
        {rows.map((row, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the same layers can be opened by the buttons of the network's drawing
          // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places, and two may bear one short name
          <g key={i} onClick={onPick ? () => onPick(i) : undefined} style={onPick ? { cursor: "pointer" } : undefined}>
            {HEIGHT >= TEXT_HEIGHT && LEFT > 40 ? (
              <text x={LEFT - 6} y={TOP + i * HEIGHT + HEIGHT / 2 + 4} textAnchor="end">
                {row}
              </text>
            ) : null}
            {columns.map((column, j) => {
              const value = values[i]?.[j] ?? null;
              return (
                <rect
                  key={column}
                  x={LEFT + j * CELL}
                  y={TOP + i * HEIGHT}
                  width={CELL - gap}
                  height={HEIGHT - gap}
                  fill={colourOf(value, low, high)}
                  stroke={chosen?.[i] === j ? "#d55e00" : "none"}
                  strokeWidth={2}
                >
                  <title>{`${row}, ${column}: ${value === null ? "not measured" : value.toPrecision(4)}`}</title>
                </rect>
              );
            })}
          </g>
        ))}
        {sizes.length > 0 ? (
          <Scale low={low} high={high} y={bottom + 8} negative={values.flat().some((value) => (value ?? 0) < 0)} framed={chosen !== undefined} />
        ) : null}
      </svg>
      <figcaption>
        <TakeAway name={name} svg={svg} csv={csv} />
      </figcaption>
    </figure>
  );
}
