/** Values in rows and columns as colours on a logarithmic scale, as SVG with the values in its titles, and as CSV. */
import Papa from "papaparse";
import { escaped } from "./svg";

export interface HeatmapData {
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

/** The least and greatest size of what is not 0, and whether anything is negative. */
function extremes(values: HeatmapData["values"]): { low: number; high: number; negative: boolean } {
  let [low, high, negative] = [Number.POSITIVE_INFINITY, 0, false];
  for (const row of values)
    for (const value of row) {
      if (!value) continue;
      low = Math.min(low, Math.abs(value));
      high = Math.max(high, Math.abs(value));
      negative ||= value < 0;
    }
  return { low, high, negative };
}

/** What the colours mean. */
function scale(low: number, high: number, y: number, negative: boolean, framed: boolean): string {
  const swatch = (x: number, fill: string, stroke = "none") => `<path d="M${x} ${y}h12v10h-12z" fill="${fill}" stroke="${stroke}" stroke-width="2"/>`;
  const text = (x: number, words: string) => `<text x="${x}" y="${y + 9}" font-size="10">${words}</text>`;
  const middle = Math.sqrt(low * high);
  return [
    ...[low, middle, high].map((value, i) => swatch(4 + 12 * i, colourOf(value, low, high))),
    text(44, `${low.toPrecision(2)} to ${high.toPrecision(2)}, logarithmic`),
    ...(negative ? [swatch(186, colourOf(-middle, low, high)), text(202, "below 0")] : []),
    ...(framed ? [swatch(186, "none", "#d55e00"), text(202, "chosen")] : []),
  ].join("");
}

/** Rows are groups with the attribute data-row, so that a page can tell which one was clicked. */
export function heatmapSvg({ title, rows, columns, values, chosen, cell: [width, height] = [54, 20], left = 190 }: HeatmapData): string {
  const { low, high, negative } = extremes(values);
  const full = Math.max(left + columns.length * width + 10, 6 * title.length);
  const bottom = TOP + rows.length * height;
  const gap = width < TEXT_WIDTH ? 0 : 2;
  const names = width >= TEXT_WIDTH ? columns : [];
  const heads = names.map((name, j) => `<text x="${left + j * width + width / 2}" y="${TOP - 6}" text-anchor="middle">${escaped(name)}</text>`);
  const named = height >= TEXT_HEIGHT && left > 40;
  const body = rows.map((row, i) => {
    const y = TOP + i * height;
    const label = named ? `<text x="${left - 6}" y="${y + height / 2 + 4}" text-anchor="end">${escaped(row)}</text>` : "";
    const cells = columns.map((column, j) => {
      const value = values[i]?.[j] ?? null;
      const frame = chosen?.[i] === j ? "#d55e00" : "none";
      const words = `${row}, ${column}: ${value === null ? "not measured" : value.toPrecision(4)}`;
      return `<rect x="${left + j * width}" y="${y}" width="${width - gap}" height="${height - gap}" fill="${colourOf(value, low, high)}" stroke="${frame}" stroke-width="2"><title>${escaped(words)}</title></rect>`;
    });
    return `<g data-row="${i}">${label}${cells.join("")}</g>`;
  });
  const legend = high > 0 ? scale(low, high, bottom + 8, negative, chosen !== undefined) : "";
  const size = bottom + LEGEND;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${full}" height="${size}" viewBox="0 0 ${full} ${size}" font-family="sans-serif" font-size="11">
<title>${escaped(title)}</title>
<rect width="${full}" height="${size}" fill="#ffffff"/>
<text x="4" y="14" font-weight="bold">${escaped(title)}</text>
${[...heads, ...body].join("\n")}
${legend}
</svg>
`;
}

export function heatmapCsv({ rows, columns, values }: HeatmapData): string {
  return Papa.unparse([["name", ...columns], ...rows.map((row, i) => [row, ...(values[i] ?? []).map((value) => value ?? "")])], { newline: "\n" });
}
