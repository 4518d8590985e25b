/** A figure as a file that stands alone: title, legend, and the drawing as the page has it, in the colours of the light theme. */
import { standaloneSvg } from "../../charts/standalone";

export interface Key {
  readonly text: string;
  /** A CSS colour, a token of the theme. */
  readonly colour: string;
  readonly mark: "bar" | "line" | "dash" | "dot";
}

export interface FileFrame {
  readonly title: string;
  readonly keys: readonly Key[];
  readonly width: number;
  readonly height: number;
  /** Pixels of a line of text. */
  readonly text: number;
}

const escaped = (words: string) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** @param drawing the markup of an SVG element with the namespace, of the frame's size */
export function figureFile(drawing: string, { title, keys, width, height, text }: FileFrame): string {
  const head = 2.2 * text;
  const row = 1.6 * text;
  const places: { readonly key: Key; readonly x: number; readonly line: number }[] = [];
  let [x, line] = [text, 0];
  for (const key of keys) {
    const room = (key.text.length * 0.62 + 4) * text;
    if (x > text && x + room > width) [x, line] = [text, line + 1];
    places.push({ key, x, line });
    x += room;
  }
  const legend = keys.length > 0 ? (line + 1) * row + 0.5 * text : 0;
  const full = Math.ceil(head + height + legend);
  const marks = places.map(({ key, x, line }) => {
    const y = head + height + (line + 0.6) * row;
    return `${markOf(key, x, y, text)}<text x="${x + 2.2 * text}" y="${y + 0.35 * text}">${escaped(key.text)}</text>`;
  });
  return standaloneSvg(
    [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${full}" viewBox="0 0 ${width} ${full}" font-family="sans-serif" font-size="${text}">`,
      `<title>${escaped(title)}</title><rect width="${width}" height="${full}" fill="#ffffff"/>`,
      `<text x="${text}" y="${1.4 * text}" font-weight="bold" fill="var(--ink)">${escaped(title)}</text>`,
      `<g transform="translate(0 ${head})">${drawing}</g><g fill="var(--ink)">${marks.join("")}</g></svg>`,
    ].join(""),
  );
}

function markOf({ mark, colour }: Key, x: number, y: number, text: number): string {
  if (mark === "bar") return `<rect x="${x}" y="${y - 0.45 * text}" width="${1.6 * text}" height="${0.9 * text}" fill="${colour}"/>`;
  if (mark === "dot") return `<circle cx="${x + 0.8 * text}" cy="${y}" r="${0.35 * text}" fill="${colour}"/>`;
  const dash = mark === "dash" ? ' stroke-dasharray="4 3"' : "";
  return `<path d="M${x} ${y}h${1.6 * text}" stroke="${colour}" stroke-width="2"${dash}/>`;
}

/** Rows as CSV; what holds a comma or a quote is quoted. */
export function csvOf(head: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  const cell = (value: string | number | null) => {
    const words = value === null ? "" : String(value);
    return /[",\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(",")).join("\n")}\n`;
}
