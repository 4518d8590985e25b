/**
 * The comparisons as a picture without any library: a group of bars a work, a bar a competitor, on a
 * logarithmic axis where equal speed is the line in the middle and right of it the lab is faster.
 */
import { type Comparison, type Result, short } from "./result";

const COLOURS = ["#2563a8", "#c2571a", "#3f8f4f", "#8a4fa8", "#a88b2c", "#666666"];
const LABELS = 250;
const PLOT = 520;
const BAR = 15;
const GAP = 14;
const HEAD = 64;

interface Group {
  readonly title: string;
  readonly bars: readonly Comparison[];
}

export function drawChart({ machine, adapter, comparisons }: Result): string {
  const titles = [...new Set(comparisons.map(({ work, device }) => `${work} | ${device}`))];
  const groups = titles.map((title): Group => ({ title, bars: comparisons.filter(({ work, device }) => `${work} | ${device}` === title) }));
  const names = [...new Set(comparisons.map(({ against }) => against))];
  const ratios = comparisons.map(({ ratio }) => ratio);
  const low = Math.floor(Math.log2(Math.min(0.5, ...ratios)));
  const high = Math.ceil(Math.log2(Math.max(2, ...ratios) * 1.3));
  const x = (ratio: number) => LABELS + (PLOT * (Math.log2(ratio) - low)) / (high - low);

  const parts: string[] = [];
  let y = HEAD;
  for (const { title, bars } of groups) {
    const [work, device] = title.split(" | ") as [string, string];
    const middle = y + (bars.length * BAR) / 2;
    for (const [i, line] of [...wrapped(work), device].entries())
      parts.push(text(LABELS - 8, middle + 12 * i - 8, line, `text-anchor="end"${line === device ? ' fill="#666"' : ""}`));
    for (const { against, ratio } of bars) {
      const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
      const colour = COLOURS[names.indexOf(against) % COLOURS.length];
      parts.push(`<rect x="${at(from)}" y="${y + 1}" width="${at(Math.max(1, to - from))}" height="${BAR - 2}" fill="${colour}"/>`);
      parts.push(text(to + 4, y + BAR - 4, `${short(ratio)}x`));
      y += BAR;
    }
    y += GAP + Math.max(0, wrapped(work).length + 1 - bars.length) * 12;
  }
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i)).filter((_, i) => (high - low <= 9 ? true : (i + low) % 2 === 0));
  const qparams = ticks.map(
    (tick) =>
      `<line x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${HEAD - 6}" y2="${y}" stroke="${tick === 1 ? "#000" : "#ddd"}"/>` +
      text(x(tick), y + 14, `${tick}x`, 'text-anchor="middle"'),
  );
  const legend = names.map((name, i) => {
    const top = y + 34 + 16 * Math.floor(i / 3);
    const left = 12 + 260 * (i % 3);
    return `<rect x="${left}" y="${top - 9}" width="10" height="10" fill="${COLOURS[i % COLOURS.length]}"/>${text(left + 15, top, name)}`;
  });
  const [width, height] = [LABELS + PLOT + 60, y + 40 + 16 * Math.ceil(names.length / 3)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${text(12, 20, "BRECQ Lab's speed relative to others on the same work (right of 1x: the lab is faster)", 'font-size="14"')}
${text(12, 38, `${machine}; WebGPU: ${adapter ?? "none"}`, 'fill="#666"')}
${[...qparams, ...parts, ...legend].join("\n")}
</svg>
`;
}

function at(value: number): string {
  return value.toFixed(1);
}

/** A work's name in lines that fit beside the bars. */
function wrapped(name: string): string[] {
  const cut = name.lastIndexOf(" (");
  return cut > 0 && name.length > 40 ? [name.slice(0, cut), name.slice(cut + 1)] : [name];
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${at(x)}" y="${at(y)}" ${attributes}>${escaped}</text>`;
}
